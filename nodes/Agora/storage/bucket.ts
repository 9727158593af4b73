import { cancelSignal, type Context, memoizePerExecution } from '../http/concurrency';
import { Fault } from '../http/errors';
import { type Answer, openStream, sendRequest, type Service } from '../http/request';
import { bucketAddress, objectAddress } from './address';
import { azureApi } from './azure/api';
import type { Bucket, ListingSupport, StorageApi, StorageCredential } from './types';
import { loadCredentialData, readStorageCredential } from './credential';
import { classifyRead } from './errors';
import { s3Api } from './s3';

/**
 * Opens the bucket of the node's storage credential, without sending a request yet.
 *
 * The credential is read once and passed along with each request: n8n builds an isolate, some 100 ms of processor
 * time, whenever it decrypts a credential, and would otherwise do so for every request.
 *
 * @throws Fault when none is connected, or it cannot be right
 */
export const openBucket = memoizePerExecution(async (context: Context): Promise<Bucket> => {
	const data = await loadCredentialData(context);
	const credential = readStorageCredential(data, context.getTimezone());
	const credentialsDecrypted = { id: '', name: '', type: 'agoraStorageApi', data };
	return bucketOf(credential, {
		...serviceOf(credential),
		request: async (options) =>
			await context.helpers.httpRequestWithAuthentication.call(
				context,
				'agoraStorageApi',
				options,
				{ credentialsDecrypted },
			),
		signal: cancelSignal(context),
	});
});

/** What messages say about the storage of a credential when it cannot be reached. */
export function serviceOf(credential: StorageCredential): Pick<Service, 'name' | 'advice'> {
	return {
		name: 'The storage',
		advice: `Check ${suspects(credential)} in the Agora Recording Storage API credential`,
	};
}

function suspects({ endpoint, vendorName, vendor }: StorageCredential): string {
	if (endpoint !== null) return 'Endpoint';
	if (vendorName === 'azureBlob') return 'Access Key (the account name)';
	return vendor.regions.length > 0 ? 'Vendor and Region' : 'Vendor';
}

/**
 * The bucket of a credential.
 *
 * @param service sends its requests
 * @param attempts how often each is sent at most
 * @throws Fault when the credential cannot be right
 */
export function bucketOf(
	credential: StorageCredential,
	service: Service,
	attempts?: number,
): Bucket {
	const address = bucketAddress(credential);
	const support = supportOf(address, credential);
	const api = apiOf(credential, support);
	const pathOf = (key: string) => objectAddress('', key);
	const isMissing = (answer: Answer) => classifyRead(answer) === 'missing';
	return {
		name: credential.bucket,
		prefix: credential.folders.map((folder) => `${folder}/`).join(''),
		support,
		list: async (query) =>
			await api.list(
				async (url, isFinal) =>
					await sendRequest(service, {
						method: 'GET',
						url,
						retry: { attempts, isRetryable: (answer) => (isFinal?.(answer) ? false : undefined) },
					}),
				query,
			),
		async getText(key) {
			const answer = await sendRequest(service, {
				method: 'GET',
				url: pathOf(key),
				retry: { attempts },
			});
			if (answer.status !== 200 && isMissing(answer)) return null;
			if (answer.status !== 200) throw readFault(answer, api.fault(answer, key));
			return answer.body;
		},
		async open(key, signal) {
			const signals = [service.signal, signal].filter((each) => each !== undefined);
			const ended = { ...service, signal: AbortSignal.any(signals) };
			const answer = await openStream(ended, pathOf(key));
			if (answer.stream === null && isMissing(answer)) return null;
			if (answer.stream === null) throw api.fault(answer, key);
			return { size: announcedSize(answer), stream: answer.stream };
		},
		async put(key, body, contentType) {
			const headers = { ...api.putHeaders(body), 'Content-Type': contentType };
			const url = pathOf(key);
			const answer = await sendRequest(service, {
				method: 'PUT',
				url,
				headers,
				body,
				retry: { attempts },
			});
			if (answer.status < 200 || answer.status > 299) {
				throw api.fault(answer, key, 'write');
			}
		},
		presign(key, seconds, now = new Date()) {
			return api.link(objectAddress(address, key), key, seconds, now);
		},
	};
}

/** Statuses that never concern one object alone. */
const NOT_OF_AN_OBJECT = [401, 407, 408, 429];

/** A listing has succeeded by then, so a refusal that does not blame the keys concerns this object. */
function readFault(answer: Answer, { message, details }: Fault): Fault {
	const { status } = answer;
	const isRefusal = status >= 400 && status < 500 && !NOT_OF_AN_OBJECT.includes(status);
	const onlyThisObject = isRefusal && (status !== 403 || classifyRead(answer) !== 'failed');
	return new Fault(message, { ...details, onlyThisObject });
}

function apiOf(credential: StorageCredential, support: ListingSupport): StorageApi {
	return credential.vendorName === 'azureBlob' ? azureApi(credential) : s3Api(credential, support);
}

/** By the bucket's URL, for as long as the process runs. */
const supports = new Map<string, ListingSupport>();

function supportOf(address: string, { vendorName }: StorageCredential): ListingSupport {
	let support = supports.get(address);
	if (support === undefined) {
		support = newSupport({ startsAfter: vendorName !== 'azureBlob' });
		supports.set(address, support);
	}
	return support;
}

/** What is assumed of a bucket that was never listed. */
export function newSupport(known: Partial<ListingSupport> = {}): ListingSupport {
	return {
		folds: 'unknown',
		startsAfter: true,
		version: 2,
		searchedPrefixes: new Map(),
		mp4Folders: new Map(),
		...known,
	};
}

function announcedSize({ headers }: Answer): number | null {
	const length = headers['content-length'];
	return length === undefined ? null : Number(length);
}
