import { Fault } from '../http/fault';
import { openStream, type ByteStream } from '../http/openStream';
import type { Answer, Context, Request } from '../http/send';
import { send } from '../http/send';
import { bucketAddress, objectAddress } from './address';
import { loadStorageCredential } from './credential';
import { errorCode, storageFault } from './errors';
import type { Listing } from './listing';
import { readListing } from './listing';
import { canonicalQuery, presignUrl } from './signature';

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
	/** Only keys that come after this one. */
	startAfter?: string;
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
	/** One page of the listing, keys in their UTF-8 order. */
	list(query: ListQuery): Promise<ListPage>;
	/** The object as text, null when there is no such object. */
	getText(key: string): Promise<string | null>;
	/** The object's bytes, to be read as they are needed; null when there is no such object. */
	open(key: string): Promise<OpenObject | null>;
	put(key: string, body: string, contentType: string): Promise<void>;
	/** An address that lets whoever holds it read the object, for 1 to 604,800 seconds. */
	presign(key: string, seconds: number, now?: Date): string;
}

/**
 * Opens the bucket of the node's storage credential, without asking the storage anything yet.
 *
 * @throws Fault when the credential cannot be right, or is for storage that cannot be read (Azure)
 */
export async function openBucket(context: Context): Promise<Bucket> {
	const credential = await loadStorageCredential(context);
	const address = bucketAddress(credential);
	const name = credential.bucket;

	const ask = async (request: Request): Promise<Answer> =>
		await send(context, 'agoraStorageApi', request);
	// The credential makes it absolute again; from here it only has to be the same key.
	const pathOf = (key: string) => objectAddress('', key);

	return {
		name,
		prefix: credential.folders.map((folder) => `${folder}/`).join(''),
		async list(query) {
			const answer = await ask({ method: 'GET', url: `/?${listParameters(query)}` });
			if (answer.status !== 200) throw storageFault(answer, name);
			return { ...readListing(answer.body), serverTime: serverTime(answer) };
		},
		async getText(key) {
			const answer = await ask({ method: 'GET', url: pathOf(key) });
			if (answer.status === 404 && errorCode(answer) === 'NoSuchKey') return null;
			if (answer.status !== 200) throw storageFault(answer, name);
			return answer.body;
		},
		async open(key) {
			const answer = await openStream(context, 'agoraStorageApi', pathOf(key));
			if (answer.status === 404 && errorCode(answer) === 'NoSuchKey') return null;
			if (answer.stream === null) throw storageFault(answer, name);
			return { size: announcedSize(answer), stream: answer.stream };
		},
		async put(key, body, contentType) {
			const headers = { 'Content-Type': contentType };
			const answer = await ask({ method: 'PUT', url: pathOf(key), headers, body });
			if (answer.status < 200 || answer.status > 299) throw storageFault(answer, name);
		},
		presign(key, seconds, now = new Date()) {
			return presignUrl(objectAddress(address, key), credential, seconds, now);
		},
	};
}

/**
 * Walks a listing to its end, page by page.
 *
 * @throws Fault when the storage refuses, or gives the same page again and again
 */
export async function* listAll(
	bucket: Bucket,
	query: Pick<ListQuery, 'prefix' | 'delimiter'>,
): AsyncGenerator<ListPage> {
	let token: string | undefined;
	for (;;) {
		const page: ListPage = await bucket.list({ ...query, token });
		yield page;
		if (page.nextToken === null) return;
		if (page.nextToken === token) {
			throw new Fault(
				`The bucket “${bucket.name}” gives the same page of its listing over and over`,
			);
		}
		token = page.nextToken;
	}
}

function listParameters({ prefix, delimiter, token, maxKeys, startAfter }: ListQuery): string {
	const parameters: Array<[string, string | undefined]> = [
		['list-type', '2'],
		['encoding-type', 'url'],
		['prefix', prefix],
		['delimiter', delimiter],
		['continuation-token', token],
		['max-keys', maxKeys?.toString()],
		['start-after', startAfter],
	];
	return canonicalQuery(parameters.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

function serverTime({ headers }: Answer): number {
	const time = Date.parse(headers.date ?? '');
	return Number.isNaN(time) ? Date.now() : time;
}

function announcedSize({ headers }: Answer): number | null {
	const length = headers['content-length'];
	return length === undefined ? null : Number(length);
}
