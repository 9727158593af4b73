/**
 * An S3 server with the archives of a school and room for its next recordings, in a separate process. Archived objects
 * are computed, others are kept in memory. It checks signatures and counts requests by access key. Argument: the number
 * of recordings in each archive.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback } from '../../sandbox/loopbackServer.ts';
import { cutPage, readListQuery, startOf, takeEntries } from '../storage/stubs/listing.ts';
import { pageXml, type ListedObject } from '../storage/stubs/listingXml.ts';
import { compareKeys, ObjectStore, type SortedKeys } from '../storage/stubs/objectStore.ts';
import { readRequest, type S3Request } from '../storage/stubs/request.ts';
import { accessDenied, noSuchKey, notImplemented, S3Error } from '../storage/stubs/s3Error.ts';
import { checkSignature, readSignature, unknownAccessKey } from '../storage/stubs/signature.ts';
import { archiveOf, COPIES, KEYS, LAYOUTS, REGION, SECRET_KEY, type Counts } from './school.ts';

/** A part of a bucket: its keys, and the object at each index. */
interface Part extends SortedKeys {
	objectAt(index: number): ListedObject;
}

const XML = { 'content-type': 'application/xml' };
const LOCATION = '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>';

const archives = LAYOUTS.map((layout) => archiveOf(layout, Number(process.argv[2]), Date.now()));
const stores = new Map<string, ObjectStore>();
let counts: Counts['requests'] = {};

function storeOf(bucket: string): ObjectStore {
	const store = stores.get(bucket) ?? new ObjectStore();
	stores.set(bucket, store);
	return store;
}

function partOf(store: ObjectStore): Part {
	const { keys } = store;
	return {
		length: keys.length,
		at: (index) => keys[index],
		objectAt(index) {
			const { key, body, lastModified, etag } = store.get(keys[index]!)!;
			return { key, size: body.length, lastModified: lastModified.getTime(), etag };
		},
	};
}

async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
	const { method = 'GET', url = '/' } = message;
	const headers = message.headers as Record<string, string>;
	if (url === '/-/counts') return send(response, 200, {}, JSON.stringify(report()));
	if (url === '/-/reset') {
		counts = {};
		return send(response, 200, {}, '');
	}
	const request = readRequest(method, url, headers, await buffer(message));
	try {
		respond(request, response);
	} catch (error) {
		if (!(error instanceof S3Error)) throw error;
		send(response, error.status, { ...XML, ...error.headers }, error.toXml());
	}
}

/** Counted since the last reset, and all copies. */
function report(): Counts {
	const copies = storeOf(COPIES);
	const times = copies.keys.map((key) => [key, copies.get(key)!.lastModified.getTime()]);
	return { requests: counts, copies: Object.fromEntries(times) as Counts['copies'] };
}

function respond(request: S3Request, response: ServerResponse): void {
	const signature = readSignature(request);
	if (signature === null) throw accessDenied();
	const { accessKey } = signature;
	if (!Object.values(KEYS).includes(accessKey)) throw unknownAccessKey(accessKey);
	checkSignature(request, signature, { accessKey, secretKey: SECRET_KEY }, REGION, Date.now());
	const ofKey = (counts[accessKey] ??= {});
	const kind = kindOf(request);
	ofKey[kind] = (ofKey[kind] ?? 0) + 1;
	const { bucket, key, body } = request;
	switch (request.kind) {
		case 'LIST':
			return send(response, 200, XML, list(request));
		case 'GET_LOCATION':
			return send(response, 200, XML, LOCATION);
		case 'HEAD':
		case 'GET': {
			const content = storeOf(bucket).get(key)?.body ?? archivedText(key);
			if (content === null) throw noSuchKey(key);
			return send(response, 200, {}, request.kind === 'HEAD' ? '' : content);
		}
		case 'PUT':
			storeOf(bucket).put(key, body, {
				lastModified: new Date(),
				storageClass: 'STANDARD',
				contentType: request.headers['content-type'] ?? 'binary/octet-stream',
			});
			return send(response, 200, {}, '');
		default:
			throw notImplemented();
	}
}

/** A poll begins with the first page of its folder. Only the recorder uploads media and playlists to the bucket. */
function kindOf({ kind, bucket, key, query }: S3Request): string {
	if (kind === 'PUT' && bucket !== COPIES && !key.endsWith('.json')) return 'RECORDER';
	const isFirst = query['continuation-token'] === undefined && query['start-after'] === undefined;
	const isPoll = LAYOUTS.some(({ folder }) => query.prefix === folder) && query.delimiter === '_';
	return kind === 'LIST' && isFirst && isPoll ? 'POLL' : kind;
}

/** @returns null for videos as well: nothing may request those of the archive */
function archivedText(key: string): string | null {
	for (const archive of archives) {
		const content = archive.read(key);
		if (typeof content === 'string') return content;
	}
	return null;
}

/** One page of the live objects and the archives together. */
function list({ bucket, query: parameters }: S3Request): string {
	const query = readListQuery(parameters);
	const start = startOf(query);
	const parts: Part[] = [partOf(storeOf(bucket)), ...(bucket === COPIES ? [] : archives)];
	const entries = parts.flatMap((part) =>
		takeEntries(part, query, start, query.maxKeys + 1).entries.map((entry) => ({ ...entry, part })),
	);
	entries.sort((one, other) => compareKeys(one.name, other.name));
	const all = entries.filter(({ name }, i) => name !== entries[i - 1]?.name);
	const page = cutPage(all.slice(0, query.maxKeys + 1), query);
	type Placed = (typeof entries)[number];
	return pageXml(
		page,
		query,
		(entry) => (entry as Placed).part.objectAt((entry as Placed).index!),
		bucket,
	);
}

function send(
	response: ServerResponse,
	status: number,
	headers: Record<string, string>,
	body: string | Buffer,
): void {
	response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
	response.end(body);
}

const { origin } = await listenOnLoopback(0, serve);
process.send?.({ origin });
process.on('disconnect', () => process.exit(0));
