import { Readable } from 'node:stream';
import type { Bucket, ListPage, ListQuery } from '../../nodes/Agora/storage/types';

export interface MemoryBucket extends Bucket {
	/** The bucket's clock, Unix milliseconds: settable. */
	now: number;
	/** Every request so far, in order. */
	requests: { lists: ListQuery[]; reads: string[]; writes: string[] };
	/** Puts an object there without a request. `at`: its last change, Unix milliseconds. */
	add(key: string, at: number, body?: string): void;
	remove(key: string): void;
	forgetRequests(): void;
}

interface MemoryBucketSettings {
	prefix?: string;
	now?: number;
	/** Most entries of a page, as S3's 1,000. */
	pageSize?: number;
	/** Like a server that lists plainly whatever the delimiter. */
	ignoresDelimiter?: boolean;
	/** Like a server that begins with the first key wherever it is told to start. */
	ignoresStartAfter?: boolean;
}

const utf8Order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A bucket in memory that answers as S3 does (Amazon S3: ListObjectsV2) and notes what it was asked. */
export function memoryBucket(settings: MemoryBucketSettings = {}): MemoryBucket {
	const { prefix = '', now = 0, pageSize = 1000, ignoresDelimiter, ignoresStartAfter } = settings;
	const objects = new Map<string, { at: number; body: string }>();
	const requests: MemoryBucket['requests'] = { lists: [], reads: [], writes: [] };
	let sorted: string[] | null = null;

	const store = (key: string, object: { at: number; body: string }) => {
		if (!objects.has(key)) sorted = null;
		objects.set(key, object);
	};

	const list = (query: ListQuery): ListPage => {
		const delimiter = ignoresDelimiter ? undefined : query.delimiter;
		const startAfter = ignoresStartAfter ? undefined : query.startAfter;
		const after = query.token === undefined ? startAfter : decodeToken(query.token);
		const most = Math.min(query.maxKeys ?? pageSize, pageSize);
		const page: ListPage = { objects: [], prefixes: [], nextToken: null, serverTime: bucket.now };
		let last = '';
		sorted ??= [...objects.keys()].sort(utf8Order);
		const from = after !== undefined && utf8Order(after, query.prefix) > 0 ? after : query.prefix;
		for (let i = firstFrom(sorted, from); i < sorted.length; i++) {
			const key = sorted[i]!;
			if (!key.startsWith(query.prefix)) break;
			const folded = fold(key, query.prefix, delimiter);
			const entry = folded ?? key;
			const isDone = query.token !== undefined && entry === after;
			if (entry === last || isDone || key === after) continue;
			if (page.objects.length + page.prefixes.length === most) {
				return { ...page, nextToken: encodeToken(last) };
			}
			last = entry;
			if (folded !== null) page.prefixes.push(entry);
			else {
				const { at, body } = objects.get(key)!;
				page.objects.push({ key, size: Buffer.byteLength(body), lastModified: at });
			}
		}
		return page;
	};

	const bucket: MemoryBucket = {
		name: 'in-memory',
		prefix,
		// Only types are imported from the nodes, so that Node can load this file by itself.
		support: {
			folds: 'unknown',
			startsAfter: true,
			version: 2,
			searchedPrefixes: new Map(),
			mp4Folders: new Map(),
		},
		now,
		requests,
		add: (key, at, body = '') => store(key, { at, body }),
		remove(key) {
			if (objects.delete(key)) sorted = null;
		},
		forgetRequests() {
			for (const kind of Object.values(requests)) kind.length = 0;
		},
		async list(query) {
			requests.lists.push(query);
			return list(query);
		},
		async getText(key) {
			requests.reads.push(key);
			return objects.get(key)?.body ?? null;
		},
		async open(key) {
			requests.reads.push(key);
			const body = objects.get(key)?.body;
			if (body === undefined) return null;
			return { size: Buffer.byteLength(body), stream: Readable.from([Buffer.from(body)]) };
		},
		async put(key, body) {
			requests.writes.push(key);
			store(key, { at: bucket.now, body });
		},
		presign: (key, seconds, at = new Date()) => ({
			url: `memory://${key}?seconds=${seconds}`,
			expiresAt: Math.floor(at.getTime() / 1000 + seconds) * 1000,
		}),
	};
	return bucket;
}

/** Where the keys from this one on begin. */
function firstFrom(sorted: string[], key: string): number {
	let [low, high] = [0, sorted.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if (utf8Order(sorted[middle]!, key) < 0) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** @returns everything up to the first delimiter after the prefix, null for a key without one */
function fold(key: string, prefix: string, delimiter: string | undefined): string | null {
	const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
	return at < 0 ? null : key.slice(0, at + delimiter!.length);
}

const encodeToken = (entry: string) => Buffer.from(entry).toString('base64url');
const decodeToken = (token: string) => Buffer.from(token, 'base64url').toString();
