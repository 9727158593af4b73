import { Readable } from 'node:stream';
import type { Bucket, ListPage, ListQuery } from '../../nodes/Agora/storage/types';
import { readListQuery } from '../storage/stubs/listing.ts';
import { ObjectStore } from '../storage/stubs/objectStore.ts';
import { flatten, listWith, type Quirks } from '../storage/stubs/quirk.ts';
import { delimiterIgnored, pageSize, startAfterIgnored } from '../storage/stubs/quirks/listing.ts';

export interface MemoryBucket extends Bucket {
	/** The bucket's clock, Unix milliseconds: settable. */
	now: number;
	/** All requests, in order. */
	requests: { lists: ListQuery[]; reads: string[]; writes: string[] };
	/** Adds an object without a request. `at`: its last change, Unix milliseconds. */
	add(key: string, at: number, body?: string): void;
	remove(key: string): void;
	forgetRequests(): void;
}

interface MemoryBucketSettings {
	prefix?: string;
	now?: number;
	/** Maximum entries of a page, 1,000 by default. */
	pageSize?: number;
	ignoresDelimiter?: boolean;
	ignoresStartAfter?: boolean;
	/** Other differences from S3. */
	quirks?: Quirks;
}

/** A bucket in memory that lists like S3 (Amazon S3: ListObjectsV2) and logs its requests. */
export function memoryBucket(settings: MemoryBucketSettings = {}): MemoryBucket {
	const { prefix = '', now = 0 } = settings;
	const quirks = flatten([
		settings.pageSize === undefined ? [] : pageSize(settings.pageSize),
		settings.ignoresDelimiter ? delimiterIgnored : [],
		settings.ignoresStartAfter ? startAfterIgnored : [],
		settings.quirks ?? [],
	]);
	const objects = new ObjectStore();
	const requests: MemoryBucket['requests'] = { lists: [], reads: [], writes: [] };

	const store = (key: string, body: string, lastModified: number) =>
		objects.put(key, body, {
			lastModified: new Date(lastModified),
			storageClass: 'STANDARD',
			contentType: 'binary/octet-stream',
		});

	const list = (query: ListQuery): ListPage => {
		const received = readListQuery({
			'list-type': '2',
			prefix: query.prefix,
			delimiter: query.delimiter ?? '',
			'max-keys': String(query.maxKeys ?? ''),
			'start-after': query.startAfter ?? '',
			'continuation-token': query.token ?? '',
		});
		const { page } = listWith(quirks, received, { bucket: bucket.name, objects, signature: null });
		const result: ListPage = {
			objects: [],
			prefixes: [],
			nextToken: page.next,
			serverTime: bucket.now,
		};
		for (const { name, isFolded } of page.entries) {
			if (isFolded) result.prefixes.push(name);
			else {
				const { body, lastModified } = objects.get(name)!;
				result.objects.push({
					key: name,
					size: body.length,
					lastModified: lastModified.getTime(),
				});
			}
		}
		return result;
	};

	const bucket: MemoryBucket = {
		name: 'in-memory',
		prefix,
		// Not newSupport: only types are imported from the nodes, so that Node can load this file.
		support: {
			folds: 'unknown',
			startsAfter: true,
			version: 2,
			searchedPrefixes: new Map(),
			mp4Folders: new Map(),
		},
		now,
		requests,
		add: (key, at, body = '') => void store(key, body, at),
		remove: (key) => objects.remove(key),
		forgetRequests() {
			for (const kind of Object.values(requests)) kind.length = 0;
		},
		async list(query) {
			requests.lists.push(query);
			return list(query);
		},
		async getText(key) {
			requests.reads.push(key);
			return objects.get(key)?.body.toString() ?? null;
		},
		async open(key) {
			requests.reads.push(key);
			const body = objects.get(key)?.body;
			if (body === undefined) return null;
			return { size: body.length, stream: Readable.from([body]) };
		},
		async put(key, body) {
			requests.writes.push(key);
			store(key, body, bucket.now);
		},
		presign: (key, seconds, at = new Date()) => ({
			url: `memory://${key}?seconds=${seconds}`,
			expiresAt: Math.floor(at.getTime() / 1000 + seconds) * 1000,
		}),
	};
	return bucket;
}
