import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { request } from 'undici';
import { pageOf, readListQuery } from './listing.ts';
import { compareKeys, ObjectStore } from './objectStore.ts';
import { errorOf, list, listAll, send, type Sent } from './s3Client.ts';
import { startS3Server, type S3Stub } from './s3Server.ts';

let stub: S3Stub;

const started = async (...options: Parameters<typeof startS3Server>) =>
	(stub = await startS3Server(...options));

afterEach(async () => await stub?.stop());

const refusal = async (sent: Sent) => {
	const response = await send(stub, sent);
	return `${response.status} ${errorOf(response).Code}`;
};

const md5 = (text: string) => createHash('md5').update(text).digest('base64');

describe('the signature', () => {
	beforeEach(async () => {
		await started();
		stub.put('class/ä b+c!.json', 'video');
	});

	it('is checked in headers and in URLs, with and without a session token', async () => {
		for (const sessionToken of ['', 'token/+=']) {
			for (const presign of [undefined, 60]) {
				const sent = {
					key: 'class/ä b+c!.json',
					sessionToken,
					...(presign && { presign }),
				};
				expect(await send(stub, sent)).toMatchObject({ status: 200, body: 'video' });
				const wrong = { ...sent, secretKey: 'another' };
				expect(await refusal(wrong)).toBe('403 SignatureDoesNotMatch');
			}
		}
	});

	it('covers the body', async () => {
		const headers = { 'x-amz-content-sha256': createHash('sha256').update('a').digest('hex') };
		const sent = { method: 'PUT', key: 'a', body: 'b', headers };
		expect(await refusal(sent)).toBe('400 XAmzContentSHA256Mismatch');
		const unsigned = { ...sent, headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } };
		expect((await send(stub, unsigned)).status).toBe(200);
	});

	it('must have the access key, region and time of the server', async () => {
		expect(await refusal({ accessKey: 'ANOTHER' })).toBe('403 InvalidAccessKeyId');
		const response = await send(stub, { region: 'eu-central-1' });
		expect(response.status).toBe(400);
		expect(errorOf(response)).toMatchObject({
			Code: 'AuthorizationHeaderMalformed',
			Region: 'us-east-1',
		});
		stub.setClock(() => Date.now() + 14 * 60_000);
		expect((await send(stub)).status).toBe(200);
		stub.setClock(() => Date.now() - 16 * 60_000);
		expect(await refusal({})).toBe('403 RequestTimeTooSkewed');
		expect(await refusal({ presign: 60 })).toBe('403 RequestTimeTooSkewed');
		stub.setClock(() => Date.now() + 61_000);
		const expired = await send(stub, { presign: 60 });
		expect(errorOf(expired)).toMatchObject({
			Code: 'AccessDenied',
			Message: 'Request has expired',
		});
	});

	it('is required', async () => {
		const { statusCode, body } = await request(`${stub.origin}/${stub.bucket}/a`);
		expect(statusCode).toBe(403);
		expect(await body.text()).toContain('<Code>AccessDenied</Code>');
	});
});

describe('objects', () => {
	beforeEach(async () => await started());

	it('are written, read, partly read, requested by HEAD and removed', async () => {
		const headers = { 'content-type': 'text/plain', 'content-md5': md5('0123456789') };
		const put = await send(stub, { method: 'PUT', key: 'a/b', body: '0123456789', headers });
		expect(put).toMatchObject({
			status: 200,
			headers: { etag: `"${Buffer.from(md5('0123456789'), 'base64').toString('hex')}"` },
		});
		const get = async (range?: string) =>
			await send(stub, { key: 'a/b', ...(range && { headers: { range } }) });
		expect(await get()).toMatchObject({
			status: 200,
			body: '0123456789',
			headers: { 'content-type': 'text/plain', 'content-length': '10' },
		});
		expect(await get('bytes=2-4')).toMatchObject({
			status: 206,
			body: '234',
			headers: { 'content-range': 'bytes 2-4/10' },
		});
		expect((await get('bytes=8-')).body).toBe('89');
		expect((await get('bytes=-3')).body).toBe('789');
		expect(errorOf(await get('bytes=10-')).Code).toBe('InvalidRange');
		expect(await send(stub, { method: 'HEAD', key: 'a/b' })).toMatchObject({
			status: 200,
			body: '',
			headers: { 'content-length': '10' },
		});
		expect((await send(stub, { method: 'DELETE', key: 'a/b' })).status).toBe(204);
		expect(await refusal({ key: 'a/b' })).toBe('404 NoSuchKey');
		expect(await send(stub, { method: 'HEAD', key: 'a/b' })).toMatchObject({
			status: 404,
			body: '',
		});
		expect(stub.requests.map(({ kind, key, status }) => `${kind} ${key} ${status}`)).toEqual([
			'PUT a/b 200',
			'GET a/b 200',
			'GET a/b 206',
			'GET a/b 206',
			'GET a/b 206',
			'GET a/b 416',
			'HEAD a/b 200',
			'DELETE a/b 204',
			'GET a/b 404',
			'HEAD a/b 404',
		]);
		stub.clearRequests();
		expect(stub.requests).toEqual([]);
	});

	it('are refused with a wrong or unknown digest', async () => {
		const put = (headers: Record<string, string>) =>
			refusal({ method: 'PUT', key: 'a', body: 'b', headers });
		expect(await put({ 'content-md5': md5('c') })).toBe('400 BadDigest');
		expect(await put({ 'content-md5': 'short' })).toBe('400 InvalidDigest');
		expect(await put({ 'x-amz-checksum-sha256': 'wrong' })).toBe('400 BadDigest');
		expect(await put({ 'x-amz-checksum-crc32': 'AAAAAA==' })).toBe('400 BadDigest');
		expect(await put({ 'x-amz-checksum-crc32c': 'AAAAAA==' })).toBe('501 NotImplemented');
		expect(stub.keys()).toEqual([]);
		const correct: Array<Record<string, string>> = [
			{ 'content-md5': md5('b') },
			// Computed with Python's zlib.crc32.
			{ 'x-amz-checksum-crc32': 'cb7v+Q==' },
			{ 'x-amz-checksum-sha256': createHash('sha256').update('b').digest('base64') },
		];
		for (const headers of correct) {
			const response = await send(stub, { method: 'PUT', key: 'a', body: 'b', headers });
			expect(response.status).toBe(200);
		}
	});

	it('have times and storage classes, and cannot be read while archived', async () => {
		const lastModified = new Date('2026-11-23T10:15:30Z');
		stub.put('old', 'video', { lastModified, storageClass: 'DEEP_ARCHIVE' });
		stub.put('instant', 'video', { storageClass: 'GLACIER_IR' });
		const response = await send(stub, { key: 'old' });
		expect(response.status).toBe(403);
		expect(errorOf(response)).toMatchObject({
			Code: 'InvalidObjectState',
			StorageClass: 'DEEP_ARCHIVE',
		});
		expect(await send(stub, { method: 'HEAD', key: 'old' })).toMatchObject({
			status: 200,
			headers: {
				'last-modified': 'Mon, 23 Nov 2026 10:15:30 GMT',
				'x-amz-storage-class': 'DEEP_ARCHIVE',
			},
		});
		expect((await send(stub, { key: 'instant' })).body).toBe('video');
		const page = await list(stub);
		expect(page.keys).toEqual(['instant', 'old']);
		expect(page.storageClasses).toEqual(['GLACIER_IR', 'DEEP_ARCHIVE']);
	});

	it('need an existing bucket and a valid path encoding', async () => {
		const elsewhere = { ...stub, bucket: 'another' };
		expect(errorOf(await send(elsewhere, { key: 'a' })).Code).toBe('NoSuchBucket');
		const { statusCode } = await request(`${stub.origin}/${stub.bucket}/%E0%A4%A`);
		expect(statusCode).toBe(400);
		expect(await refusal({ key: 'a', query: { tagging: '' } })).toBe('501 NotImplemented');
	});

	it('are sent with the time of the server', async () => {
		const now = Date.UTC(2026, 10, 23, 10, 15, 30);
		stub.setClock(() => now);
		const { headers } = await send(stub);
		expect(headers.date).toBe('Mon, 23 Nov 2026 10:15:30 GMT');
		stub.put('a');
		expect((await send(stub)).body).toContain('RequestTimeTooSkewed');
	});
});

/** A listing as documented, in the simplest implementation. */
function modelOf(keys: string[], prefix: string, delimiter: string, startAfter: string): string[] {
	const bytes = (text: string) => Buffer.from(text);
	const entries = keys
		.filter((key) => key.startsWith(prefix) && Buffer.compare(bytes(key), bytes(startAfter)) > 0)
		.map((key) => {
			const parts = key.slice(prefix.length).split(delimiter === '' ? /(?!)/ : delimiter);
			return parts.length > 1 ? `${prefix}${parts[0]}${delimiter}` : key;
		});
	return [...new Set(entries)].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
}

/** Few characters, so that prefixes, delimiters and starts often match; some are hard to sort or encode. */
const text = (maxLength: number) =>
	fc
		.array(fc.constantFrom('a', 'b', '_', '/', ' ', '+', '%', '&', '<', 'é', 'ﬀ', '😀', '\u0001'), {
			maxLength,
		})
		.map((characters) => characters.join(''));

describe('the listing', () => {
	it('equals the simple implementation on every page, for any keys, prefix, delimiter and start', async () => {
		const runs = Number(process.env.STUB_RUNS ?? 150);
		await fc.assert(
			fc.asyncProperty(
				fc.uniqueArray(text(6).filter(Boolean), { maxLength: 25 }),
				text(2),
				text(2),
				text(3),
				fc.integer({ min: 1, max: 7 }),
				fc.boolean(),
				async (keys, prefix, delimiter, startAfter, maxKeys, isEncoded) => {
					await started();
					try {
						for (const key of keys) stub.put(key);
						const pages = await listAll(stub, {
							prefix,
							delimiter,
							'start-after': startAfter,
							'max-keys': String(maxKeys),
							...(isEncoded && { 'encoding-type': 'url' }),
						});
						const byPage = pages.map((page) => [...page.keys, ...page.prefixes].sort(compareKeys));
						expect(byPage.flat()).toEqual(modelOf(keys, prefix, delimiter, startAfter));
						for (const [index, page] of pages.entries()) {
							const isLast = index === pages.length - 1;
							expect(page.isTruncated).toBe(!isLast);
							expect(byPage[index]!.length).toBe(isLast ? byPage[index]!.length : maxKeys);
							expect(page.fields.KeyCount).toBe(String(byPage[index]!.length));
							expect(page.keys).toEqual(page.keys.toSorted(compareKeys));
						}
					} finally {
						await stub.stop();
					}
				},
			),
			{ numRuns: runs },
		);
	});

	it('keeps the order of UTF-8 while keys are added and removed', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.tuple(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.boolean(), fc.boolean()),
				),
				(steps) => {
					const store = new ObjectStore();
					const model = new Set<string>();
					for (const [key, isPut, isRead] of steps) {
						const properties = { lastModified: new Date(), storageClass: '', contentType: '' };
						if (isPut) store.put(key, '', properties);
						else store.remove(key);
						if (isPut) model.add(key);
						else model.delete(key);
						if (!isRead) continue;
						const sorted = [...model].map((each) => Buffer.from(each)).sort(Buffer.compare);
						expect(store.keys).toEqual(sorted.map(String));
					}
				},
			),
		);
	});

	it('continues after a marker in version 1, which hides the folder that the marker is in', async () => {
		await started();
		for (const key of ['asdf', 'boo/bar', 'boo/baz/xyzzy', 'cquux/bla', 'cquux/thud'])
			stub.put(key);
		const older = async (query: Record<string, string>) => {
			const { keys, prefixes, isTruncated, nextMarker } = await list(stub, {
				'list-type': '1',
				...query,
			});
			return { entries: [...keys, ...prefixes], isTruncated, nextMarker };
		};
		// As in ceph/s3-tests: test_bucket_list_delimiter_prefix.
		expect(await older({ delimiter: '/', 'max-keys': '1' })).toEqual({
			entries: ['asdf'],
			isTruncated: true,
			nextMarker: 'asdf',
		});
		expect(await older({ delimiter: '/', 'max-keys': '1', marker: 'asdf' })).toEqual({
			entries: ['boo/'],
			isTruncated: true,
			nextMarker: 'boo/',
		});
		for (const marker of ['boo/', 'boo/bar']) {
			expect(await older({ delimiter: '/', 'max-keys': '1', marker })).toEqual({
				entries: ['cquux/'],
				isTruncated: false,
			});
		}
		expect(await older({ 'max-keys': '2' })).toEqual({
			entries: ['asdf', 'boo/bar'],
			isTruncated: true,
		});
		const newer = await list(stub, { delimiter: '/', 'start-after': 'boo/bar' });
		expect(newer.prefixes).toEqual(['boo/', 'cquux/']);
	});

	it('refuses invalid parameters like S3', async () => {
		await started();
		for (const [name, value] of [
			['max-keys', '-1'],
			['max-keys', 'x'],
			['encoding-type', 'base64'],
			['continuation-token', 'bm8='],
		] as const) {
			await expect(list(stub, { [name]: value })).rejects.toThrow('400 InvalidArgument');
		}
		stub.put('a');
		expect(await list(stub, { 'max-keys': '0' })).toMatchObject({ keys: [], isTruncated: false });
		expect((await list(stub, { 'max-keys': '5000' })).fields.MaxKeys).toBe('1000');
	});

	it('reads few of 100,000 keys for a page', () => {
		const sids = Array.from({ length: 1000 }, (_, i) => String(i).padStart(32, '0'));
		const names = Array.from({ length: 100 }, (_, i) => `room_${String(i).padStart(3, '0')}.ts`);
		const all = sids.flatMap((sid) => names.map((name) => `class/${sid}_${name}`));
		let reads = 0;
		const keys = {
			length: all.length,
			at(index: number) {
				reads++;
				return all[index];
			},
		};
		const namesOf = (query: Record<string, string>) =>
			pageOf(keys, readListQuery({ 'list-type': '2', prefix: 'class/', ...query })).entries.map(
				({ name }) => name,
			);
		expect(namesOf({ delimiter: '_', 'max-keys': '500' })).toEqual(
			sids.slice(0, 500).map((sid) => `class/${sid}_`),
		);
		// A galloping search for each folded entry.
		expect(reads).toBeLessThan(500 * 25);
		reads = 0;
		expect(namesOf({ 'start-after': `class/${sids[900]}_zzz` })).toEqual(all.slice(90_100, 91_100));
		expect(reads).toBeLessThan(1100);
	});
});
