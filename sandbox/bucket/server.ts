/**
 * The bucket's own process: s3rver, which checks signatures, told over the process channel what to
 * spoil and asked there what was requested. Ends with its parent.
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
import { BUCKET_KEYS } from './keys.ts';
import { listingXml, pageOf, type ListedObject, type ListQuery } from './listing.ts';

/** Told by the parent, answered with a message of the same id. */
export type Order = { id: number } & (
	| { do: 'fail'; fault: Fault }
	| { do: 'clearFaults' }
	| { do: 'requests' }
	| { do: 'clearRequests' }
	| { do: 'empty' }
);

const [folder = '', port = '0', ...buckets] = process.argv.slice(2);
const faults = new Faults();
const log = new RequestLog();
const hanging = new Set<ServerResponse>();

// s3rver's own pair has one text for both.
DUMMY_ACCOUNT.revokeAccessKey('S3RVER');
DUMMY_ACCOUNT.createKeyPair(BUCKET_KEYS.accessKey, BUCKET_KEYS.secretKey);

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

/** s3rver lets callers in who sign nothing; a private bucket does not. */
async function refuseAnonymous({ headers, query, method }: Context, next: Next) {
	const signed = headers.authorization ?? query['X-Amz-Algorithm'];
	if (!signed && method !== 'OPTIONS') throw new S3Error('AccessDenied', 'Access Denied');
	await next();
}

async function noteAndSpoil(context: Context, next: Next) {
	const entry = log.add(context.method, context.url);
	const fault = faults.take(context.method, entry.path);
	try {
		if (!fault || fault.when === 'after' || fault.answer === 'cut') await next();
		if (fault?.answer === 'cut') await cut(context);
		else if (fault) spoil(context, fault.answer);
		if (typeof fault?.answer !== 'string') entry.status = context.status;
	} catch (error) {
		entry.status = (error as { status?: number }).status ?? 500;
		throw error;
	}
}

function spoil(context: Context, answer: Fault['answer']) {
	if (typeof answer === 'string') {
		context.respond = false;
		if (answer === 'drop') context.res.destroy();
		else hanging.add(context.res);
		return;
	}
	context.status = answer.status;
	context.set(answer.headers ?? {});
	context.body = answer.body ?? '';
}

/** Announces the whole object, sends half of it, and breaks the connection. */
async function cut(context: Context) {
	const body = await buffer(context.body as Readable);
	context.respond = false;
	context.res.writeHead(200, { 'content-length': body.length });
	context.res.write(body.subarray(0, body.length / 2), () => context.res.destroy());
}

const OBJECT_SUFFIX = '._S3rver_object';
const checkSignature = authentication();

/**
 * ListObjectsV2 as S3 answers it: s3rver neither counts common prefixes against `max-keys` nor
 * knows `encoding-type`, sorts by folder, and needs an outdated cipher for its tokens.
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
	const page = await understood(async () => pageOf(await keysOf(bucket), query));
	const objects = await Promise.all(page.keys.map((each) => listed(bucket, each)));
	context.type = 'application/xml';
	context.body = listingXml(
		bucket,
		query,
		page,
		objects.filter((object) => object !== null),
	);
}

async function understood<Result>(work: () => Promise<Result>): Promise<Result> {
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

/** What was listed before, by path: reading an object's metadata takes several files. */
const known = new Map<string, { changed: number; object: ListedObject }>();

/** What a listing tells of an object, null when it has gone meanwhile. */
async function listed(bucket: string, key: string): Promise<ListedObject | null> {
	const path = join(folder, bucket, `${key}${OBJECT_SUFFIX}`);
	const changed = (await stat(path).catch(() => null))?.mtimeMs;
	if (changed === undefined) return null;
	const before = known.get(path);
	if (before?.changed === changed) return before.object;
	const read = () => s3.store.getMetadata(bucket, key) as Promise<Metadata>;
	const metadata = await oneAtATime(read).catch(() => null);
	if (metadata === null) return null;
	const object = {
		key,
		size: metadata['content-length'],
		etag: metadata.etag,
		lastModified: new Date(metadata['last-modified']),
	};
	known.set(path, { changed, object });
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
 * S3 replaces an object at once, s3rver writes over it: one store operation at a time, and new
 * content moved into place, so that nobody reads half a playlist.
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
	known.clear();
}

async function obey(order: Order): Promise<unknown> {
	switch (order.do) {
		case 'fail':
			return faults.add(order.fault);
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
s3.middleware.unshift(noteAndSpoil, refuseAnonymous);
s3.middleware.splice(-1, 0, listObjects);
process.on('message', async (order: Order) => {
	process.send?.({ id: order.id, result: await obey(order) });
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
