import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IHttpRequestOptions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { cancelSignal, type Context, memoizePerExecution } from '../http/concurrency';
import { Fault, fullText, type ServiceName } from '../http/errors';
import { type HttpResponse, openStream, sendRequest, type Service } from '../http/request';
import { bucketUrl, objectUrl } from './address';
import { azureApi } from './azure/api';
import { loadCredentialData, readStorageCredential, signedRequest } from './credential';
import { classifyRead } from './errors';
import { s3Api } from './s3';
import { checkPrefix } from './storageConfig';
import type { Bucket, ListingSupport, StorageCredential } from './types';

/**
 * Opens the bucket of the running node's storage credential. Sends no request yet.
 *
 * The credential is decrypted once and passed on with each request: for every decryption, n8n creates an isolate, which
 * takes about 100 ms of CPU time.
 *
 * @throws Fault when the node has no storage credential, or it is invalid
 */
export const openBucket = memoizePerExecution(async (context: Context): Promise<Bucket> => {
	const data = await loadCredentialData(context);
	const credential = readStorageCredential(data, context.getTimezone());
	const credentialsDecrypted = { id: '', name: '', type: 'agoraStorageApi', data };
	return createBucket(credential, {
		...serviceName(credential),
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

/**
 * Tests a storage credential: lists the folder that all operations use, and checks what Start requires (n8n:
 * `testedBy` of a credential, as a declarative test cannot read the storage's error).
 *
 * @returns the result, with the same error message as in the nodes
 */
export async function testStorageCredential(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const credential = readStorageCredential(data);
		const { helpers } = this;
		const service: Service = {
			...serviceName(credential),
			request: async (options) =>
				await helpers.request(toLegacyOptions(signedRequest(data, options))),
		};
		// No retries, as the user is waiting.
		const bucket = createBucket(credential, service, 1);
		await bucket.list({ prefix: bucket.prefix, maxKeys: 1 });
		checkPrefix(credential.folders);
		return { status: 'OK', message: 'Connection successful!' };
	} catch (error) {
		const { message } = error as Error;
		const description = error instanceof Fault ? error.details.description : undefined;
		return { status: 'Error', message: fullText(message, description) };
	}
}

/** Credential tests only have n8n's older HTTP client, whose options differ. */
function toLegacyOptions({ url, ...options }: IHttpRequestOptions): object {
	return {
		...options,
		uri: url,
		useStream: true,
		resolveWithFullResponse: true,
		simple: false,
	};
}

/** For the message when the storage of a credential cannot be reached. */
export function serviceName(credential: StorageCredential): ServiceName {
	return {
		name: 'The storage',
		advice: `Check ${fieldsToCheck(credential)} in the Agora Recording Storage API credential`,
	};
}

function fieldsToCheck({ endpoint, vendorName, vendor }: StorageCredential): string {
	if (endpoint !== null) return 'Endpoint';
	if (vendorName === 'azureBlob') return 'Access Key (the account name)';
	return vendor.regions.length > 0 ? 'Vendor and Region' : 'Vendor';
}

/**
 * @param service sends the requests
 * @param attempts maximum number of attempts of each request but `open`
 * @throws Fault for S3-compatible storage without an endpoint
 */
export function createBucket(
	credential: StorageCredential,
	service: Service,
	attempts?: number,
): Bucket {
	const url = bucketUrl(credential);
	const isAzure = credential.vendorName === 'azureBlob';
	const support = supportOf(url, isAzure);
	const api = isAzure ? azureApi(credential) : s3Api(credential, support);
	const relativeUrl = (key: string) => objectUrl('', key);
	return {
		name: credential.bucket,
		prefix: credential.folders.map((folder) => `${folder}/`).join(''),
		support,
		list: async (query) =>
			await api.list(
				async (pageUrl, isFinal) =>
					await sendRequest(service, {
						method: 'GET',
						url: pageUrl,
						retry: {
							attempts,
							isRetryable: (response) => (isFinal?.(response) ? false : undefined),
						},
					}),
				query,
			),
		async getText(key) {
			const response = await sendRequest(service, {
				method: 'GET',
				url: relativeUrl(key),
				retry: { attempts },
			});
			if (response.status === 200) return response.body;
			if (isMissing(response)) return null;
			throw readFault(response, api.fault(response, key));
		},
		async open(key, signal) {
			const signals = [service.signal, signal].filter((each) => each !== undefined);
			const abortable = { ...service, signal: AbortSignal.any(signals) };
			const response = await openStream(abortable, relativeUrl(key));
			if (response.stream !== null) {
				return { size: contentLength(response), stream: response.stream };
			}
			if (isMissing(response)) return null;
			throw api.fault(response, key);
		},
		async put(key, body, contentType) {
			const response = await sendRequest(service, {
				method: 'PUT',
				url: relativeUrl(key),
				headers: { ...api.putHeaders(body), 'Content-Type': contentType },
				body,
				retry: { attempts },
			});
			if (response.status < 200 || response.status > 299) {
				throw api.fault(response, key, 'write');
			}
		},
		presign: (key, seconds, now = new Date()) => api.link(objectUrl(url, key), key, seconds, now),
	};
}

function isMissing(response: HttpResponse): boolean {
	return classifyRead(response) === 'missing';
}

/** Statuses that are never specific to one object. */
const GENERAL_STATUSES = [401, 407, 408, 429];

/** As listing has succeeded before, a refusal that is not about the access key concerns only this object. */
function readFault(response: HttpResponse, { message, details }: Fault): Fault {
	const { status } = response;
	const isRefusal = status >= 400 && status < 500 && !GENERAL_STATUSES.includes(status);
	const onlyThisObject = isRefusal && (status !== 403 || classifyRead(response) !== 'failed');
	return new Fault(message, { ...details, onlyThisObject });
}

/** By the bucket's URL, for the lifetime of the process. */
const supports = new Map<string, ListingSupport>();

function supportOf(url: string, isAzure: boolean): ListingSupport {
	let support = supports.get(url);
	if (support === undefined) supports.set(url, (support = newSupport({ startsAfter: !isAzure })));
	return support;
}

/** @returns the assumptions about a bucket that was never listed */
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

function contentLength({ headers }: HttpResponse): number | null {
	const length = headers['content-length'];
	return length === undefined ? null : Number(length);
}
