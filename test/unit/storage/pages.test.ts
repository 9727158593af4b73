import fc from 'fast-check';
import { Readable } from 'node:stream';
import type { IHttpRequestOptions } from 'n8n-workflow';
import { Fault } from '../../../nodes/Agora/http/errors';
import { createBucket, newSupport } from '../../../nodes/Agora/storage/bucket';
import { readStorageCredential } from '../../../nodes/Agora/storage/credential';
import { comesAfter } from '../../../nodes/Agora/storage/listing';
import { isFoldingRefused, Pages, type PagesQuery } from '../../../nodes/Agora/storage/pages';
import type { Bucket, ListPage, ListQuery } from '../../../nodes/Agora/storage/types';
import { listingXml } from '../../storage/stubs/listingXml.ts';
import type { Quirks } from '../../storage/stubs/quirk.ts';
import {
	delimiterIgnored,
	delimiterRefused,
	emptyPages,
	foldsAtLastDelimiter,
	foldsSome,
	foldsWithSlash,
	pageSize,
	startAfterIgnored,
	unsorted,
} from '../../storage/stubs/quirks/listing.ts';
import { minio } from '../../storage/stubs/quirks/minio.ts';
import { S3Error } from '../../storage/stubs/s3Error.ts';
import { faultOf } from '../http/fakeContext';
import { memoryBucket } from '../memoryBucket';
import { fakeCredential } from './fakeCredential';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 23, 12);
/** More pages than any listing here has. */
const ENDLESS = 3000;

/** Reads a listing to its end. */
async function readAll(
	bucket: Bucket,
	query: PagesQuery,
	deadline?: number,
): Promise<{ keys: string[]; folded: string[] }> {
	const pages = new Pages(bucket, query, deadline);
	const keys: string[] = [];
	const folded: string[] = [];
	for (let n = 0; n < ENDLESS; n++) {
		const page = await pages.next();
		if (page === null) return { keys, folded };
		keys.push(...page.objects.map(({ key }) => key));
		folded.push(...page.prefixes);
	}
	throw new Error('the listing does not end');
}

const numbered = (stem: string, count: number) =>
	Array.from({ length: count }, (_, n) => `${stem}${String(n).padStart(5, '0')}`);

const entries = (keys: string[], prefixes: string[] = []): Omit<ListPage, 'nextToken'> => ({
	objects: keys.map((key) => ({ key, size: 1, lastModified: 0 })),
	prefixes,
	serverTime: 0,
});

/** A bucket of empty objects with these keys, on a server with these quirks. */
function bucketWith(keys: string[], ...quirks: Quirks[]) {
	const bucket = memoryBucket({ quirks });
	for (const key of keys) bucket.add(key, 0);
	const { list } = bucket;
	bucket.list = async (query) =>
		await list(query).catch((error: unknown) => {
			if (!(error instanceof S3Error)) throw error;
			throw new Fault(error.message, { httpCode: String(error.status) });
		});
	const requests = bucket.requests.lists;
	const folded = () => requests.filter(({ delimiter }) => delimiter !== undefined);
	return { bucket, requests, folded };
}

/** A bucket with scripted responses. */
function scripted(respond: (query: ListQuery, request: number) => ListPage) {
	const requests: ListQuery[] = [];
	const bucket = {
		name: 'scripted',
		support: newSupport(),
		list: async (query: ListQuery) => {
			requests.push(query);
			return respond(query, requests.length);
		},
	} as Partial<Bucket> as Bucket;
	return { bucket, requests };
}

const KEYS = ['a_1', 'a_2', 'b', 'c_1', 'd/e_1', 'd/f'];
const FOLDED = { keys: ['b', 'd/f'], folded: ['a_', 'c_', 'd/e_'] };
const UNFOLDED = { keys: KEYS, folded: [] };
const QUERY = { prefix: '', delimiter: '_' };

describe('a server that folds like S3', () => {
	it.each([1, 2, 3, 1000])('is listed folded, with %d entries per page', async (size) => {
		const { bucket, folded, requests } = bucketWith(KEYS, pageSize(size));
		expect(await readAll(bucket, QUERY)).toEqual(FOLDED);
		expect(folded()).toHaveLength(requests.length);
		expect(bucket.support.folds).toBe(true);
	});

	it('is listed unfolded without a delimiter', async () => {
		const { bucket, folded } = bucketWith(KEYS, pageSize(2));
		expect(await readAll(bucket, { prefix: '' })).toEqual(UNFOLDED);
		expect(folded()).toHaveLength(0);
		expect(bucket.support.folds).toBe('unknown');
	});

	it('is not known to fold until something was folded', async () => {
		const { bucket } = bucketWith(['a', 'b']);
		await readAll(bucket, QUERY);
		expect(bucket.support.folds).toBe('unknown');
	});

	it('always returns null after the last page', async () => {
		const { bucket, requests } = bucketWith(KEYS);
		const pages = new Pages(bucket, QUERY);
		expect(await pages.next()).not.toBeNull();
		expect(await pages.next()).toBeNull();
		expect(await pages.next('a')).toBeNull();
		expect(requests).toHaveLength(1);
	});

	it('has failed, not refused, once it has folded', async () => {
		const { bucket } = bucketWith(KEYS, delimiterRefused(500));
		bucket.support.folds = true;
		expect((await faultOf(readAll(bucket, QUERY))).details.httpCode).toBe('500');
		expect(bucket.support.folds).toBe(true);
	});
});

describe('a server that refuses to fold', () => {
	it.each([400, 500, 501] as const)(
		'with %d is asked to fold once, and listed unfolded from then on',
		async (status) => {
			const { bucket, folded } = bucketWith(KEYS, delimiterRefused(status), pageSize(4));
			for (let n = 0; n < 3; n++) expect(await readAll(bucket, QUERY)).toEqual(UNFOLDED);
			expect(folded()).toHaveLength(1);
		},
	);

	it('with 400 or 501 is never asked to fold again', async () => {
		for (const status of [400, 501] as const) {
			const { bucket } = bucketWith(KEYS, delimiterRefused(status));
			await readAll(bucket, QUERY);
			expect(bucket.support.folds).toBe(false);
		}
	});

	describe('with 500', () => {
		beforeEach(() => jest.useFakeTimers({ now: NOW }));
		afterEach(() => jest.useRealTimers());

		it('is asked to fold again after ten minutes, as it may only have failed', async () => {
			const { bucket, folded } = bucketWith(KEYS, delimiterRefused(500));
			await readAll(bucket, QUERY);
			jest.setSystemTime(NOW + 10 * MINUTE);
			await readAll(bucket, QUERY);
			expect(folded()).toHaveLength(1);
			jest.setSystemTime(NOW + 10 * MINUTE + 1);
			await readAll(bucket, QUERY);
			expect(folded()).toHaveLength(2);
		});
	});

	it.each([400, 500, 501])('is not assumed when every listing fails with %d', async (status) => {
		const { bucket, requests } = scripted(() => {
			throw new Fault('No', { httpCode: String(status) });
		});
		expect((await faultOf(readAll(bucket, QUERY))).details.httpCode).toBe(String(status));
		expect(requests.map(({ delimiter }) => delimiter)).toEqual(['_', undefined]);
		expect(bucket.support.folds).toBe('unknown');
	});

	it.each([401, 403, 404, 429, 503])('is not assumed after %d', async (status) => {
		const { bucket, requests } = scripted(() => {
			throw new Fault('No', { httpCode: String(status) });
		});
		await faultOf(readAll(bucket, QUERY));
		expect(requests).toHaveLength(1);
		expect(bucket.support.folds).toBe('unknown');
	});

	it('is not assumed after an error without a response', async () => {
		const { bucket } = scripted(() => {
			throw new TypeError('broken');
		});
		await expect(readAll(bucket, QUERY)).rejects.toThrow(TypeError);
	});

	it('only by a slash may still fold by other delimiters', async () => {
		const { bucket } = scripted(({ delimiter }) => {
			if (delimiter === '/') throw new Fault('No', { httpCode: '501' });
			return { ...entries(KEYS), nextToken: null };
		});
		expect(await readAll(bucket, { prefix: '', delimiter: '/' })).toEqual(UNFOLDED);
		expect(bucket.support.folds).toBe('unknown');
	});

	it('is still asked to fold by a slash', async () => {
		const { bucket, folded } = bucketWith(KEYS, delimiterRefused(501));
		await readAll(bucket, QUERY);
		const bySlash = await readAll(bucket, { prefix: '', delimiter: '/' });
		expect(bySlash).toEqual({ keys: ['a_1', 'a_2', 'b', 'c_1'], folded: ['d/'] });
		expect(folded().map(({ delimiter }) => delimiter)).toEqual(['_', '/']);
	});

	it('in the middle of a listing is listed unfolded from there on', async () => {
		const keys = ['a', 'b', 'c_1', 'c_2'];
		const { bucket, requests } = scripted(({ delimiter, token, startAfter }) => {
			if (delimiter === undefined) {
				const rest = keys.filter((key) => key > (startAfter ?? ''));
				return { ...entries(rest), nextToken: null };
			}
			if (token !== undefined) throw new Fault('No', { httpCode: '501' });
			return { ...entries(['a', 'b']), nextToken: 't' };
		});
		expect(await readAll(bucket, QUERY)).toEqual({ keys, folded: [] });
		expect(requests.at(-1)).toEqual({ prefix: '', delimiter: undefined, startAfter: 'b' });
	});
});

describe('one HTTP request with the delimiter', () => {
	const LISTING = listingXml({ objects: [{ key: 'a_1', size: 1, lastModified: NOW }] });
	let buckets = 0;

	function bucketThatRefuses(status: number) {
		const urls: string[] = [];
		const request = async ({ url }: IHttpRequestOptions) => {
			urls.push(url);
			const isRefused = url.includes('delimiter');
			return {
				statusCode: isRefused ? status : 200,
				headers: {},
				body: Readable.from([Buffer.from(isRefused ? '' : LISTING)]),
			};
		};
		const name = `refusing-${++buckets}`;
		const credential = readStorageCredential(fakeCredential({ bucket: name }));
		const service = { name: 'The storage', advice: 'Check it', request };
		return { open: () => createBucket(credential, service), urls };
	}

	it.each([400, 500, 501])('is sent, without retries, if the response is %d', async (status) => {
		const { open, urls } = bucketThatRefuses(status);
		// Every execution opens the bucket again; what was learned is kept.
		for (let n = 0; n < 3; n++) {
			expect(await readAll(open(), QUERY)).toEqual({ keys: ['a_1'], folded: [] });
		}
		expect(urls.map((url) => url.includes('delimiter'))).toEqual([true, false, false, false]);
	});
});

describe('a server that folds differently', () => {
	it.each([
		['ignores the delimiter', delimiterIgnored],
		['puts a slash in place of the delimiter (Supabase)', foldsWithSlash],
	])('and %s is listed unfolded from then on', async (_, quirk) => {
		for (const size of [1, 2, 3, 1000]) {
			const { bucket, folded } = bucketWith(KEYS, quirk, pageSize(size));
			expect(await readAll(bucket, QUERY)).toEqual(UNFOLDED);
			expect(bucket.support.folds).toBe(false);
			const before = folded().length;
			expect(await readAll(bucket, QUERY)).toEqual(UNFOLDED);
			expect(folded()).toHaveLength(before);
		}
	});

	it('and folds only some keys is listed unfolded from then on', async () => {
		const { bucket, folded } = bucketWith(KEYS, foldsSome);
		for (let n = 0; n < 2; n++) expect(await readAll(bucket, QUERY)).toEqual(UNFOLDED);
		expect(folded()).toHaveLength(1);
	});

	// A page on which something is folded makes up for one on which nothing is.
	it('and folds nothing on one page is listed unfolded, whatever the next page contains', async () => {
		const { bucket } = scripted(({ delimiter, token, startAfter = '' }) => {
			const rest = KEYS.filter((each) => each > (token ?? startAfter));
			if (delimiter === undefined) return { ...entries(rest), nextToken: null };
			if (token === undefined) return { ...entries(['a_1']), nextToken: 'a_1' };
			return { ...entries(['b', 'd/f'], ['a_', 'c_', 'd/e_']), nextToken: null };
		});
		expect(await readAll(bucket, QUERY)).toEqual(UNFOLDED);
	});

	it('and ignores the delimiter needs no further request', async () => {
		const { bucket, requests } = bucketWith(KEYS, delimiterIgnored);
		await readAll(bucket, QUERY);
		expect(requests).toHaveLength(1);
	});

	it('at the last delimiter of a key is detected in the middle of a listing, and nothing is lost or listed twice', async () => {
		const all = ['a_1', 'a_2', 'b', 'c_d_1', 'c_d_2', 'e_1'];
		for (const [keys, entriesPerPage] of [1, 2, 3, 4, 1000].flatMap((size) => [
			[all, size] as const,
			[all.toSpliced(2, 1), size] as const,
		])) {
			const { bucket } = bucketWith(keys, foldsAtLastDelimiter, pageSize(entriesPerPage));
			const { keys: listed, folded } = await readAll(bucket, QUERY);
			const expanded = folded.flatMap((entry) => keys.filter((key) => key.startsWith(entry)));
			expect([...listed, ...expanded].sort()).toEqual(keys);
			expect(bucket.support.folds).toBe(false);
		}
	});

	it('by a slash is listed unfolded, and may still fold by other delimiters', async () => {
		const { bucket } = scripted(({ delimiter }) => ({
			...(delimiter === undefined ? entries(KEYS) : entries(['b'], ['a_', 'c_', 'd_'])),
			nextToken: null,
		}));
		expect(await readAll(bucket, { prefix: '', delimiter: '/' })).toEqual(UNFOLDED);
		expect(bucket.support.folds).toBe('unknown');
	});

	it('and does not support start-after is listed unfolded from its beginning', async () => {
		const { bucket, requests } = bucketWith(KEYS, foldsAtLastDelimiter, pageSize(1));
		bucket.support.startsAfter = false;
		await readAll(bucket, QUERY);
		expect(requests.every(({ startAfter }) => startAfter === undefined)).toBe(true);
	});
});

describe('an entry with more keys than a page (MinIO)', () => {
	const sessions = ['a', 'b', 'c'].flatMap((sid) => [
		...numbered(`${sid}_`, 2500),
		...numbered(`${sid}-small_`, 3),
	]);
	const folded = ['a-small_', 'a_', 'b-small_', 'b_', 'c-small_', 'c_'];

	it.each([
		['repeats its token', 'sameToken', false],
		['changes its token', 'newToken', false],
		['repeats its token and ignores start-after', 'sameToken', true],
		['changes its token and ignores start-after', 'newToken', true],
	] as const)('on a server that %s is listed', async (_, tokens, ignoresStartAfter) => {
		const quirks = ignoresStartAfter ? [minio(tokens), startAfterIgnored] : minio(tokens);
		const { bucket, requests } = bucketWith(sessions, quirks);
		const listed = await readAll(bucket, QUERY);
		const expanded = listed.folded.flatMap((entry) =>
			sessions.filter((key) => key.startsWith(entry)),
		);
		expect(new Set([...listed.keys, ...expanded])).toEqual(new Set(sessions));
		if (!ignoresStartAfter) {
			expect(listed).toEqual({ keys: [], folded });
			expect(requests.length).toBeLessThanOrEqual(Math.ceil(sessions.length / 1000));
			expect(bucket.support.folds).toBe(true);
		}
	});

	it('that ends with the page needs no further request', async () => {
		const keys = [...numbered('a_', 1000), ...numbered('b_', 1000)];
		const { bucket, requests } = bucketWith(keys, minio());
		expect((await readAll(bucket, QUERY)).folded).toEqual(['a_', 'b_']);
		expect(requests).toHaveLength(2);
	});

	it('is listed once if a page ends within it', async () => {
		const keys = [...numbered('a', 990), ...numbered('b_', 30), ...numbered('c', 5)];
		const { bucket } = bucketWith(keys, minio());
		expect((await readAll(bucket, QUERY)).folded).toEqual(['b_']);
		bucket.support.startsAfter = false;
		expect((await readAll(bucket, QUERY)).folded).toEqual(['b_']);
	});

	it('is skipped if a full page is repeated', async () => {
		const all = numbered('a', 1500).map((each) => `${each}_`);
		const { bucket, requests } = scripted(({ startAfter = '' }) => {
			const rest = all.filter((entry) => entry > startAfter);
			return { ...entries([], rest.slice(0, 1000)), nextToken: rest.length > 1000 ? 'same' : null };
		});
		// This server ignores the token, and would return the first page for ever.
		const { folded } = await readAll(bucket, QUERY);
		expect([...new Set(folded)]).toEqual(all);
		expect(requests.every(({ delimiter }) => delimiter === '_')).toBe(true);
	});
});

describe('a listing with a start key', () => {
	const keys = numbered('k', 10);

	it('starts after the key', async () => {
		const { bucket } = bucketWith(keys, pageSize(3));
		const { keys: listed } = await readAll(bucket, { prefix: '', startAfter: 'k00004' });
		expect(listed).toEqual(keys.slice(5));
		expect(bucket.support.startsAfter).toBe(true);
	});

	it('is complete from a server that ignores start-after, which is remembered', async () => {
		const { bucket } = bucketWith(keys, pageSize(3), startAfterIgnored);
		const { keys: listed } = await readAll(bucket, { prefix: '', startAfter: 'k00004' });
		expect(listed).toEqual(keys);
		expect(bucket.support.startsAfter).toBe(false);
	});

	it('skips to a key, and continues from there', async () => {
		const { bucket, requests } = bucketWith(keys, pageSize(2));
		const pages = new Pages(bucket, { prefix: 'k' });
		await pages.next();
		const skipped = await pages.next('k00005');
		const next = await pages.next();
		expect([skipped, next].map((page) => page!.objects.map(({ key }) => key))).toEqual([
			['k00006', 'k00007'],
			['k00008', 'k00009'],
		]);
		expect(requests[1]).toMatchObject({ prefix: 'k', startAfter: 'k00005' });
		expect(requests[1]!.token).toBeUndefined();
	});

	it('continues with its token if the server ignores the key to skip to', async () => {
		const { bucket, requests } = bucketWith(keys, pageSize(2), startAfterIgnored);
		const pages = new Pages(bucket, { prefix: '' });
		await pages.next();
		const page = await pages.next('k00005');
		expect(page!.objects.map(({ key }) => key)).toEqual(['k00002', 'k00003']);
		expect(bucket.support.startsAfter).toBe(false);
		expect(requests).toHaveLength(3);
		await pages.next('k00009');
		expect(requests).toHaveLength(4);
		expect(requests[3]!.startAfter).toBeUndefined();
	});

	// The beginning of a key to skip to is not recognized as a key before it.
	it('does not loop if the first key is the beginning of another', async () => {
		const circle = ['0', '0_a', 'a'];
		const { bucket } = bucketWith(circle, pageSize(2), startAfterIgnored);
		const { keys: listed, folded } = await readAll(bucket, QUERY);
		expect({ keys: listed, folded }).toEqual({ keys: ['0', 'a'], folded: ['0_'] });
	});

	it('does not skip on storage that is known to ignore it', async () => {
		const { bucket, requests } = bucketWith(keys, pageSize(2));
		bucket.support.startsAfter = false;
		const pages = new Pages(bucket, { prefix: '' });
		await pages.next();
		expect((await pages.next('k00005'))!.objects[0]!.key).toBe('k00002');
		expect(requests.every(({ startAfter }) => startAfter === undefined)).toBe(true);
	});
});

describe('the order of a listing', () => {
	it('that is unsorted means that the storage does not support start-after (Storj)', async () => {
		const keys = numbered('k', 20);
		const { bucket } = bucketWith(keys, unsorted, delimiterRefused(501), pageSize(7));
		const { keys: listed } = await readAll(bucket, QUERY);
		expect(listed.sort()).toEqual(keys);
		expect(bucket.support.startsAfter).toBe(false);
	});

	it('that is unsorted within one page means the same', async () => {
		for (const page of [entries(['b', 'a', 'c']), entries(['d'], ['b_', 'a_', 'c_'])]) {
			const { bucket } = scripted(() => ({ ...page, nextToken: null }));
			await readAll(bucket, QUERY);
			expect(bucket.support.startsAfter).toBe(false);
		}
	});

	it('that goes backwards from page to page means the same', async () => {
		const { bucket } = scripted((_, request) => ({
			...entries([['c', 'd'], ['a', 'b'], ['e']][request - 1]!),
			nextToken: request < 3 ? String(request) : null,
		}));
		expect((await readAll(bucket, { prefix: '' })).keys).toEqual(['c', 'd', 'a', 'b', 'e']);
		expect(bucket.support.startsAfter).toBe(false);
	});

	it('is by UTF-8, with an emoji after a half-width character', async () => {
		const keys = ['\uff61_1', '\uff61_2', '🎥', '😀', '😀_1'];
		for (const size of [1, 2, 1000]) {
			const { bucket } = bucketWith(keys, pageSize(size));
			const listed = await readAll(bucket, QUERY);
			expect(listed).toEqual({ keys: ['🎥', '😀'], folded: ['\uff61_', '😀_'] });
			expect(bucket.support.startsAfter).toBe(true);
		}
	});
});

describe('a server that repeats pages', () => {
	const page = { ...entries(['a', 'b']), nextToken: 'same' };

	it('without folding is stopped after two requests', async () => {
		const { bucket, requests } = scripted(() => page);
		const fault = await faultOf(readAll(bucket, { prefix: '' }));
		expect(fault.message).toContain('returned the same listing page twice');
		expect(requests).toHaveLength(2);
	});

	it('without folding is stopped although its token changes', async () => {
		const { bucket, requests } = scripted((_, request) => ({ ...page, nextToken: `${request}` }));
		await faultOf(readAll(bucket, { prefix: '' }));
		expect(requests).toHaveLength(2);
	});

	it('in a loop of several pages is stopped', async () => {
		const { bucket, requests } = scripted((_, request) => ({
			...entries([['a', 'b', 'c'][request % 3]!]),
			nextToken: `${request}`,
		}));
		expect((await faultOf(readAll(bucket, { prefix: '' }))).message).toContain('same listing page');
		expect(requests).toHaveLength(4);
	});

	it('with and without folding is listed unfolded, and then stopped', async () => {
		const folded = { ...entries(['b'], ['a_']), nextToken: 'same' };
		const { bucket, requests } = scripted(({ delimiter }) =>
			delimiter === undefined ? { ...entries(['c', 'd']), nextToken: 'same' } : folded,
		);
		const fault = await faultOf(readAll(bucket, QUERY));
		expect(fault.message).toContain('returned the same listing page twice');
		const withDelimiter = requests.filter(({ delimiter }) => delimiter !== undefined);
		expect([withDelimiter.length, requests.length]).toEqual([2, 4]);
		expect(bucket.support.folds).toBe(false);
	});

	it('only with folding is listed unfolded to its end', async () => {
		const folded = { ...entries(['b'], ['a_']), nextToken: 'same' };
		const { bucket, requests } = scripted(({ delimiter, startAfter = '' }) => {
			const rest = ['a_1', 'b', 'c_1'].filter((key) => key > startAfter);
			return delimiter === undefined ? { ...entries(rest), nextToken: null } : folded;
		});
		const { keys, folded: prefixes } = await readAll(bucket, QUERY);
		expect([...new Set(keys)]).toEqual(['b', 'c_1']);
		expect(new Set(prefixes)).toEqual(new Set(['a_']));
		expect(requests.at(-1)).toEqual({
			prefix: '',
			delimiter: undefined,
			token: undefined,
			startAfter: 'b',
		});
	});

	it('may return some empty pages, which have tokens', async () => {
		const { bucket } = bucketWith(KEYS, emptyPages, pageSize(1));
		expect(await readAll(bucket, QUERY)).toEqual(FOLDED);
		expect(await readAll(bucket, { prefix: '' })).toEqual(UNFOLDED);
	});

	it('is stopped after a thousand empty pages', async () => {
		const { bucket, requests } = scripted((_, request) => ({
			...entries([]),
			nextToken: `${request}`,
		}));
		expect((await faultOf(readAll(bucket, { prefix: '' }))).message).toContain('was stopped');
		expect(requests).toHaveLength(1001);
	});
});

describe('a server that ignores the prefix', () => {
	it('is listed, and only entries below the prefix are returned', async () => {
		const keys = ['a/1', 'b/1', 'b/2_x', 'c/1'];
		for (const delimiter of [undefined, '_']) {
			const { bucket } = scripted(() => ({
				...entries(delimiter ? ['a/1', 'b/1', 'c/1'] : keys, delimiter ? ['b/2_'] : []),
				nextToken: null,
			}));
			const { keys: listed, folded } = await readAll(bucket, { prefix: 'b/', delimiter });
			expect([...listed, ...folded]).toEqual(['b/1', delimiter ? 'b/2_' : 'b/2_x']);
		}
	});

	it('may return pages without entries below the prefix', async () => {
		const { bucket } = scripted((_, request) => ({
			...entries([['a/1'], ['a/2'], ['b/1'], ['c/1']][request - 1]!),
			nextToken: request < 4 ? `${request}` : null,
		}));
		expect((await readAll(bucket, { prefix: 'b/' })).keys).toEqual(['b/1']);
	});

	// The folded entry begins before the prefix, and is dropped with the keys in it.
	it('and folds before the prefix is listed unfolded', async () => {
		const keys = ['my_class/a_1', 'my_class/a_2', 'other'];
		const { bucket } = scripted(({ delimiter }) => ({
			...(delimiter === undefined ? entries(keys) : entries(['other'], ['my_'])),
			nextToken: null,
		}));
		const { keys: listed } = await readAll(bucket, { prefix: 'my_class/', delimiter: '_' });
		expect(listed).toEqual(['my_class/a_1', 'my_class/a_2']);
	});
});

describe('the deadline', () => {
	beforeEach(() => jest.useFakeTimers({ now: NOW }));
	afterEach(() => jest.useRealTimers());

	it('ends a listing before its next request', async () => {
		const { bucket, requests } = scripted((_, request) => {
			jest.setSystemTime(NOW + request * MINUTE);
			return { ...entries([`k${request}`]), nextToken: `${request}` };
		});
		const fault = await faultOf(readAll(bucket, { prefix: '' }, NOW + 2 * MINUTE));
		expect(fault.message).toBe('Listing the bucket "scripted" took longer than n8n allows');
		expect(fault.details.cause).toBe('temporarily-unavailable');
		// At the very deadline a page is still requested.
		expect(requests).toHaveLength(3);
	});

	it('does not fail a listing that was read to its end', async () => {
		const { bucket } = scripted(() => {
			jest.setSystemTime(NOW + MINUTE);
			return { ...entries(['a']), nextToken: null };
		});
		expect((await readAll(bucket, { prefix: '' }, NOW)).keys).toEqual(['a']);
	});
});

describe('keys that end with the delimiter', () => {
	// They are taken for folded entries, after which everything that begins alike is skipped.
	it('are not skipped on a server that ignores the delimiter', async () => {
		const keys = ['a_', 'a_1', 'b'];
		const { bucket } = bucketWith(keys, delimiterIgnored, pageSize(1));
		expect((await readAll(bucket, QUERY)).keys).toEqual(keys);
	});

	it('are not skipped if the prefix is a key', async () => {
		const keys = ['a/', 'a/1', 'a/2'];
		const { bucket } = bucketWith(keys, pageSize(1));
		expect((await readAll(bucket, { prefix: 'a/', delimiter: '/' })).keys).toEqual(keys);
	});
});

describe('isFoldingRefused', () => {
	it.each<[number, ListQuery, Parameters<typeof newSupport>[0], boolean]>([
		[400, { prefix: '', delimiter: '_' }, {}, true],
		[500, { prefix: '', delimiter: '_' }, {}, true],
		[501, { prefix: '', delimiter: '_' }, { folds: NOW }, true],
		[503, { prefix: '', delimiter: '_' }, {}, false],
		[NaN, { prefix: '', delimiter: '_' }, {}, false],
		[500, { prefix: '' }, {}, false],
		[500, { prefix: '', delimiter: '_' }, { folds: true }, false],
	])('returns for %d of %j with %j: %s', (status, query, known, expected) => {
		expect(isFoldingRefused(status, query, newSupport(known))).toBe(expected);
	});
});

const PARTS = ['a', 'b', '0', '~', 'é', '\uff61', '😀', '_', '_', '/'];
const key = fc
	.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 6 })
	.map((parts) => parts.join(''));

const FOLDING = {
	'as S3': [],
	'refused with 400': delimiterRefused(400),
	'refused with 500': delimiterRefused(500),
	'refused with 501': delimiterRefused(501),
	ignored: delimiterIgnored,
	'with a slash': foldsWithSlash,
	'some keys': foldsSome,
	'at the last delimiter': foldsAtLastDelimiter,
	'as MinIO': minio('sameToken'),
	'as MinIO, new tokens': minio('newToken'),
	'as Storj': [delimiterRefused(501), unsorted],
} satisfies Record<string, Quirks>;

const listings = fc.record({
	keys: fc.uniqueArray(key, { maxLength: 30 }),
	folding: fc.constantFrom(...(Object.keys(FOLDING) as Array<keyof typeof FOLDING>)),
	size: fc.constantFrom(1, 2, 3, 5, 1000),
	ignoresStartAfter: fc.boolean(),
	hasEmptyPages: fc.boolean(),
	prefix: fc.constantFrom('', 'a', 'a_', 'b/', 'é', '😀'),
	delimiter: fc.constantFrom('_', '_', '_', undefined),
	startsAfter: fc.boolean(),
});
type ListingCase = typeof listings extends fc.Arbitrary<infer Case> ? Case : never;

function serverFor({ keys, folding, size, ignoresStartAfter, hasEmptyPages }: ListingCase) {
	return bucketWith(
		keys,
		hasEmptyPages ? emptyPages : [],
		ignoresStartAfter ? startAfterIgnored : [],
		// MinIO treats a page of one key in another way.
		pageSize(folding.startsWith('as MinIO') ? Math.max(size, 2) : size),
		FOLDING[folding],
	);
}

describe('any server', () => {
	it('returns exactly the keys below the prefix, once folded entries are expanded', async () => {
		await fc.assert(
			fc.asyncProperty(listings, async (listing) => {
				const { keys, prefix, delimiter, startsAfter } = listing;
				const { bucket } = serverFor(listing);
				bucket.support.startsAfter = startsAfter;
				const wanted = keys.filter((each) => each.startsWith(prefix)).sort();
				// The second listing knows what the first has learned.
				for (let n = 0; n < 2; n++) {
					const listed = await readAll(bucket, { prefix, delimiter });
					const expanded = listed.folded.map((entry) =>
						wanted.filter((each) => each.startsWith(entry)),
					);
					expect([...new Set([...listed.keys, ...expanded.flat()])].sort()).toEqual(wanted);
					// Every folded entry is one, and has keys.
					expect(expanded.every(({ length }) => length > 0)).toBe(true);
					for (const entry of listed.folded) {
						expect(entry.indexOf('_', prefix.length)).toBe(entry.length - 1);
					}
				}
			}),
			{ numRuns: 1000 },
		);
	});

	it('returns no key twice, unless the listing has to start again', async () => {
		await fc.assert(
			fc.asyncProperty(listings, async (listing) => {
				const { keys, folding, ignoresStartAfter, prefix, delimiter } = listing;
				fc.pre(!ignoresStartAfter && folding !== 'as Storj');
				// Pages on which some keys are folded and others on which none are: see above.
				fc.pre(folding !== 'some keys');
				const { bucket } = serverFor(listing);
				const listed = await readAll(bucket, { prefix, delimiter });
				const expanded = listed.folded.map((entry) =>
					keys.filter((each) => each.startsWith(entry)),
				);
				const all = [...listed.keys, ...expanded.flat()];
				expect(all).toHaveLength(new Set(all).size);
			}),
			{ numRuns: 1000 },
		);
	});

	it('returns all keys after the start key', async () => {
		await fc.assert(
			fc.asyncProperty(listings, key, async (listing, startAfter) => {
				const { keys, folding, prefix, delimiter } = listing;
				fc.pre(folding !== 'as Storj');
				const { bucket } = serverFor(listing);
				const listed = await readAll(bucket, { prefix, delimiter, startAfter });
				const isListed = (each: string) =>
					listed.keys.includes(each) || listed.folded.some((entry) => each.startsWith(entry));
				for (const each of keys) {
					const isWanted = each.startsWith(prefix) && comesAfter(each, startAfter);
					if (isWanted) expect([each, isListed(each)]).toEqual([each, true]);
				}
			}),
			{ numRuns: 1000 },
		);
	});
});
