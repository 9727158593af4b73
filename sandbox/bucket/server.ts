/**
 * The bucket's process: s3rver, which checks signatures, controlled by messages from the parent process. Ends with
 * its parent.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import S3rver from '@20minutes/s3rver';
import authentication from '@20minutes/s3rver/lib/middleware/authentication.js';
import { DUMMY_ACCOUNT } from '@20minutes/s3rver/lib/models/account.js';
import S3Error from '@20minutes/s3rver/lib/models/error.js';
import { Faults, type Fault } from '../faults.ts';
import { RequestLog } from '../requestLog.ts';
import { BUCKET_CREDENTIALS } from './bucket.ts';
import { listingXml, selectPage, type ListedObject, type ListQuery } from './listing.ts';

/** A message of the parent process. The result is sent back with the same ID. */
export type Command = { id: number } & (
	| { command: 'fail'; fault: Fault }
	| { command: 'clearFaults' | 'requests' | 'clearRequests' | 'empty' }
);

const [folder = '', port = '0', ...buckets] = process.argv.slice(2);
const faults = new Faults();
const log = new RequestLog();
const hanging = new Set<ServerResponse>();

// The default access key and secret of s3rver are the same string.
DUMMY_ACCOUNT.revokeAccessKey('S3RVER');
DUMMY_ACCOUNT.createKeyPair(BUCKET_CREDENTIALS.accessKey, BUCKET_CREDENTIALS.secretKey);

const s3 = new S3rver({
	address: '127.0.0.1',
	port: Number(port),
	silent: true,
	directory: folder,
	vhostBuckets: false,
	configureBuckets: buckets.map((name) => ({ name })),
});

interface Context {
	method: string;
	url: string;
	path: string;
	type: string;
	params: { bucket: string };
	status: number;
	body: unknown;
	respond: boolean;
	headers: Record<string, string | undefined>;
	query: Record<string, string> & ListQuery;
	res: ServerResponse;
	set(headers: Record<string, string>): void;
}
type Next = () => Promise<void>;

/** s3rver accepts unsigned requests; a private bucket doesn't. */
async function rejectAnonymous({ headers, query, method }: Context, next: Next) {
	const signed = headers.authorization ?? query['X-Amz-Algorithm'];
	if (!signed && method !== 'OPTIONS') throw new S3Error('AccessDenied', 'Access Denied');
	await next();
}

async function logAndApplyFault(context: Context, next: Next) {
	const entry = log.add(context.method, context.url);
	const fault = faults.take(context.method, entry.path);
	try {
		if (!fault || fault.when === 'after' || fault.response === 'cut') await next();
		if (fault?.response === 'cut') await cutResponse(context);
		else if (fault) replaceResponse(context, fault.response);
		if (typeof fault?.response !== 'string') entry.status = context.status;
	} catch (error) {
		entry.status = (error as { status?: number }).status ?? 500;
		throw error;
	}
}

function replaceResponse(context: Context, response: Fault['response']) {
	if (typeof response === 'string') {
		context.respond = false;
		if (response === 'drop') context.res.destroy();
		else hanging.add(context.res);
		return;
	}
	context.status = response.status;
	context.set(response.headers ?? {});
	context.body = response.body ?? '';
}

/** Sends the length of the whole object, half of its content, and then closes the connection. */
async function cutResponse(context: Context) {
	const body = await buffer(context.body as Readable);
	context.respond = false;
	context.res.writeHead(200, { 'content-length': body.length });
	context.res.write(body.subarray(0, body.length / 2), () => context.res.destroy());
}

const OBJECT_SUFFIX = '._S3rver_object';
const checkSignature = authentication();

/**
 * ListObjectsV2 as in S3. The implementation of s3rver doesn't count common prefixes toward `max-keys`, ignores
 * `encoding-type`, sorts by folder, and needs an outdated cipher for its tokens.
 */
async function listObjects(context: Context, next: Next) {
	const { method, path, query } = context;
	const [, bucket = '', key = ''] = path.split('/');
	if (method !== 'GET' || key !== '' || query['list-type'] !== '2') return next();
	context.params = { bucket };
	await checkSignature(context, () => Promise.resolve());
	if (!buckets.includes(bucket))
		throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', {
			BucketName: bucket,
		});
	const page = await withInvalidArgument(async () => selectPage(await keysOf(bucket), query));
	const objects = await Promise.all(page.keys.map((each) => readObject(bucket, each)));
	context.type = 'application/xml';
	context.body = listingXml(
		bucket,
		query,
		page,
		objects.filter((object) => object !== null),
	);
}

/** Reports a RangeError as S3's InvalidArgument. */
async function withInvalidArgument<Result>(work: () => Promise<Result>): Promise<Result> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof RangeError) throw new S3Error('InvalidArgument', error.message);
		throw error;
	}
}

async function keysOf(bucket: string): Promise<string[]> {
	const root = join(folder, bucket);
	const files = await readdir(root, { recursive: true, withFileTypes: true });
	return files
		.filter((file) => file.name.endsWith(OBJECT_SUFFIX))
		.map((file) => relative(root, join(file.parentPath, file.name)).replaceAll(sep, '/'))
		.map((path) => path.slice(0, -OBJECT_SUFFIX.length))
		.sort();
}

interface Metadata {
	etag: string;
	'content-length': number;
	'last-modified': string;
}

/** Listed objects by path, because reading an object's metadata opens several files. */
const cache = new Map<string, { changed: number; object: ListedObject }>();

/** Reads the properties of an object; null if it has been deleted. */
async function readObject(bucket: string, key: string): Promise<ListedObject | null> {
	const path = join(folder, bucket, `${key}${OBJECT_SUFFIX}`);
	const changed = (await stat(path).catch(() => null))?.mtimeMs;
	if (changed === undefined) return null;
	const cached = cache.get(path);
	if (cached?.changed === changed) return cached.object;
	const read = () => s3.store.getMetadata(bucket, key) as Promise<Metadata>;
	const metadata = await oneAtATime(read).catch(() => null);
	if (metadata === null) return null;
	const object = {
		key,
		size: metadata['content-length'],
		etag: metadata.etag,
		lastModified: new Date(metadata['last-modified']),
	};
	cache.set(path, { changed, object });
	return object;
}

let queue: Promise<unknown> = Promise.resolve();

function oneAtATime<Result>(operation: () => Promise<Result>): Promise<Result> {
	const result = queue.then(operation);
	queue = result.catch(() => undefined);
	return result;
}

type Store = Record<string, (...args: unknown[]) => Promise<unknown>>;

/**
 * S3 replaces objects atomically, whereas s3rver overwrites their files. To prevent reads of half-written objects,
 * store operations run one at a time, and new content is moved into place.
 */
function makeAtomic(store: Store) {
	const putContent = store.putContent?.bind(store);
	store.putContent = async (path, content) => {
		const result = await putContent?.(`${path as string}.part`, content);
		await rename(`${path as string}.part`, path as string);
		return result;
	};
	for (const name of ['getObject', 'putObject', 'copyObject', 'deleteObject']) {
		const operation = store[name]?.bind(store);
		store[name] = (...args) => oneAtATime(async () => operation?.(...args));
	}
}

function clearFaults(): void {
	faults.clear();
	for (const response of hanging) response.destroy();
	hanging.clear();
}

async function empty(): Promise<void> {
	for (const bucket of buckets) {
		const root = join(folder, bucket);
		for (const name of await readdir(root)) await rm(join(root, name), { recursive: true });
	}
	cache.clear();
}

async function execute(command: Command): Promise<unknown> {
	switch (command.command) {
		case 'fail':
			return faults.add(command.fault);
		case 'clearFaults':
			return clearFaults();
		case 'requests':
			return log.all();
		case 'clearRequests':
			return log.clear();
		case 'empty':
			return await oneAtATime(empty);
	}
}

makeAtomic(s3.store);
s3.middleware.unshift(logAndApplyFault, rejectAnonymous);
s3.middleware.splice(-1, 0, listObjects);
process.on('message', async (command: Command) => {
	process.send?.({ id: command.id, result: await execute(command) });
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);

s3.run().then(
	(address: { port: number }) => process.send?.({ port: address.port }),
	(error: Error) => {
		console.error(error.message);
		process.exit(1);
	},
);
