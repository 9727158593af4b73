import { Fault } from '../http/fault';
import { oncePerExecution } from '../http/oncePerExecution';
import type { ByteStream } from '../http/byteStream';
import { openStream, readWhileComing, type TextReader } from '../http/openStream';
import type { Answer, Request } from '../http/send';
import { send } from '../http/send';
import { bucketAddress, objectAddress } from './address';
import { azureApi } from './azure/api';
import type { StorageCredential } from './credential';
import { loadStorageCredential } from './credential';
import { errorCode } from './errors';
import type { Listing } from './listing';
import { s3Api } from './s3Api';

export type { StoredObject } from './listing';

export interface ListPage extends Listing {
	/** When the storage answered, by its own clock where it tells: milliseconds since 1970. */
	serverTime: number;
}

export interface ListQuery {
	prefix: string;
	/** Keys with this text after the prefix are folded into one entry of `prefixes`. */
	delimiter?: string;
	/** `nextToken` of the page before. */
	token?: string;
	/** At most this many entries, 1 to 1,000. */
	maxKeys?: number;
	/** Only keys that come after this one, where the bucket `canStartAfter`. */
	startAfter?: string;
}

/** An address that lets whoever holds it read an object. */
export interface Link {
	url: string;
	/** Unix milliseconds. */
	expiresAt: number;
}

export interface OpenObject {
	/** Bytes, as the answer announces them; null where it does not. */
	size: number | null;
	/** Must be read, or abandoned: until then it holds a connection. */
	stream: ByteStream;
}

/** The bucket that the recordings are in. Every function throws a Fault when the storage refuses. */
export interface Bucket {
	name: string;
	/** The credential's file name prefix: '' or e.g. `recordings/school/`. */
	prefix: string;
	/** Whether `list` takes `startAfter`, as far as is known: Azure cannot begin in the middle. */
	canStartAfter: boolean;
	/**
	 * One page of the listing, keys in their UTF-8 order. Storage that does not fold by this delimiter gives
	 * all objects one by one.
	 */
	list(query: ListQuery): Promise<ListPage>;
	/** The object as text, null when there is no such object. */
	getText(key: string): Promise<string | null>;
	/** The object's bytes, to be read as they are needed; null when there is no such object. */
	open(key: string): Promise<OpenObject | null>;
	put(key: string, body: string, contentType: string): Promise<void>;
	/**
	 * A link to the object for 1 to 604,800 seconds, or for as long as the bucket's own keys last. Null where
	 * the credential has nothing that may be given away.
	 */
	presign(key: string, seconds: number, now?: Date): Link | null;
}

/** Asks by an address relative to the bucket, and reads the answer as `readWhileComing` does. */
export type ReadPage = <Result>(
	url: string,
	startReading: () => TextReader<Result>,
) => ReturnType<typeof readWhileComing<Result>>;

/** What one kind of storage has of its own; what all do alike is done here. */
export interface StorageApi {
	canStartAfter: boolean;
	/** Asks for one page. */
	list(read: ReadPage, query: ListQuery): Promise<ListPage>;
	/** The error code of an object that is not there. */
	noObject: string;
	/** Headers that writing an object takes. */
	putHeaders: Record<string, string>;
	fault(answer: Answer): Fault;
	/** @param url absolute */
	link(url: string, key: string, seconds: number, now: Date): Link | null;
}

function apiOf(credential: StorageCredential): StorageApi {
	return credential.vendorName === 'azureBlob' ? azureApi(credential) : s3Api(credential);
}

/**
 * Opens the bucket of the node's storage credential, without asking the storage anything yet.
 *
 * @throws Fault when the credential cannot be right
 */
export const openBucket = oncePerExecution(async (context): Promise<Bucket> => {
	const credential = await loadStorageCredential(context);
	const address = bucketAddress(credential);
	const api = apiOf(credential);

	const ask = async (request: Request): Promise<Answer> =>
		await send(context, 'agoraStorageApi', request);
	// The credential makes it absolute again; from here it only has to be the same key.
	const pathOf = (key: string) => objectAddress('', key);
	const isMissing = (answer: Answer) => answer.status === 404 && errorCode(answer) === api.noObject;

	const bucket: Bucket = {
		name: credential.bucket,
		prefix: credential.folders.map((folder) => `${folder}/`).join(''),
		canStartAfter: api.canStartAfter,
		async list(query) {
			if (query.startAfter !== undefined && !api.canStartAfter) {
				throw new Error('This bucket cannot start its listing after a key');
			}
			const read: ReadPage = async (url, startReading) =>
				await readWhileComing(context, 'agoraStorageApi', url, startReading);
			return await api.list(read, query);
		},
		async getText(key) {
			const answer = await ask({ method: 'GET', url: pathOf(key) });
			if (isMissing(answer)) return null;
			if (answer.status !== 200) throw api.fault(answer);
			return answer.body;
		},
		async open(key) {
			const answer = await openStream(context, 'agoraStorageApi', pathOf(key));
			if (isMissing(answer)) return null;
			if (answer.stream === null) throw api.fault(answer);
			return { size: announcedSize(answer), stream: answer.stream };
		},
		async put(key, body, contentType) {
			const headers = { ...api.putHeaders, 'Content-Type': contentType };
			const answer = await ask({ method: 'PUT', url: pathOf(key), headers, body });
			if (answer.status < 200 || answer.status > 299) throw api.fault(answer);
		},
		presign(key, seconds, now = new Date()) {
			return api.link(objectAddress(address, key), key, seconds, now);
		},
	};
	return bucket;
});

/**
 * Walks a listing to its end, page by page.
 *
 * @throws Fault when the storage refuses, or gives the same page again and again
 */
export async function* listAll(
	bucket: Bucket,
	query: Pick<ListQuery, 'prefix' | 'startAfter'>,
): AsyncGenerator<ListPage> {
	let page: ListPage = await bucket.list(query);
	for (;;) {
		yield page;
		const { nextToken } = page;
		if (nextToken === null) return;
		page = await bucket.list({ ...query, token: nextToken });
		checkProgress(bucket, nextToken, page);
	}
}

/**
 * @param token what the page was asked for with
 * @throws Fault when it would be asked for with the same again, without end
 */
export function checkProgress({ name }: Bucket, token: string, { nextToken }: ListPage): void {
	if (nextToken !== token) return;
	throw new Fault(`The bucket “${name}” gives the same page of its listing over and over`);
}

/** @returns the last key or folded entry of a page, '' for an empty one */
export function lastEntry({ objects, prefixes }: ListPage): string {
	const [a = '', b = ''] = [objects.at(-1)?.key, prefixes.at(-1)];
	return a > b ? a : b;
}

function announcedSize({ headers }: Answer): number | null {
	const length = headers['content-length'];
	return length === undefined ? null : Number(length);
}
