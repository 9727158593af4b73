import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Quirks } from './quirk.ts';
import * as quirks from './quirks.ts';
import { errorOf, list, listAll, send, type Sent } from './s3Client.ts';
import { startS3Server, type S3Stub } from './s3Server.ts';

const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';
const OTHER_SID = '4a11e3cfdc474cd56fc1ceba380d7e1b';

let stub: S3Stub;

/** A server with this many files of one recording, and one file of another. */
async function startWith(behavior: Quirks, files = 2) {
	stub = await startS3Server(behavior);
	for (let i = 0; i < files; i++) stub.put(`class/${SID}_room_${String(i).padStart(4, '0')}.ts`);
	stub.put(`class/${OTHER_SID}_room.m3u8`, 'playlist');
	return stub;
}

afterEach(async () => await stub?.stop());

const PLAYLIST = `class/${OTHER_SID}_room.m3u8`;
const folded = { prefix: 'class/', delimiter: '_' };

/** @returns status, code and message of a refusal */
async function refusal(sent: Sent = {}): Promise<string> {
	const response = await send(stub, sent);
	const { Code, Message } = errorOf(response);
	return `${response.status} ${Code}: ${Message}`;
}

const reading = { key: PLAYLIST };
const listing = { query: { 'list-type': '2', prefix: 'class/' } };
const writing = { method: 'PUT', key: 'class/_sessions/a.json', body: '{}' };

describe('a listing', () => {
	it.each([400, 500, 501] as const)(
		'fails for other delimiters than /, with %i',
		async (status) => {
			await startWith(quirks.delimiterRefused(status));
			await expect(list(stub, folded)).rejects.toThrow(
				{
					400: '400 BadRequest',
					500: '500 InternalError',
					501: '501 NotImplemented',
				}[status],
			);
			expect((await list(stub, { delimiter: '/' })).prefixes).toEqual(['class/']);
			expect((await list(stub)).keys).toHaveLength(3);
		},
	);

	it('can ignore the delimiter', async () => {
		await startWith(quirks.delimiterIgnored);
		const { keys, prefixes, fields } = await list(stub, folded);
		expect({ keys, prefixes }).toEqual({ keys: stub.keys(), prefixes: [] });
		expect(fields.Delimiter).toBeUndefined();
	});

	it('can ignore start-after', async () => {
		await startWith(quirks.startAfterIgnored);
		expect((await list(stub, { 'start-after': 'd' })).keys).toEqual(stub.keys());
		const pages = await listAll(stub, { 'start-after': 'd', 'max-keys': '1' });
		expect(pages.flatMap(({ keys }) => keys)).toEqual(stub.keys());
	});

	it('can fail for a start outside the prefix (NooBaa)', async () => {
		await startWith(quirks.noobaaStore);
		for (const start of ['a', 'd']) {
			await expect(list(stub, { prefix: 'class/', 'start-after': start })).rejects.toThrow(
				'500 InternalError',
			);
		}
		const inside = { prefix: 'class/', 'start-after': `class/${SID}_zzz` };
		expect((await list(stub, inside)).keys).toEqual([PLAYLIST]);
	});

	it('can be ListObjects for every request', async () => {
		await startWith(quirks.olderListingOnly);
		const page = await list(stub, { 'max-keys': '2', 'start-after': 'd' });
		expect(page).toMatchObject({ keys: stub.keys().slice(0, 2), isTruncated: true });
		expect(page).toMatchObject({ token: undefined, nextMarker: undefined });
		expect(page.fields.KeyCount).toBeUndefined();
		expect((await list(stub, { ...folded, 'max-keys': '1' })).nextMarker).toBe(`class/${SID}_`);
		const rest = await list(stub, { 'list-type': '1', marker: stub.keys()[1]! });
		expect(rest.keys).toEqual([PLAYLIST]);
	});

	it.each([400, 501] as const)('can be refused in version 2 with %i', async (status) => {
		await startWith(quirks.listV2Refused(status));
		await expect(list(stub)).rejects.toThrow(String(status));
		expect((await list(stub, { 'list-type': '1' })).keys).toEqual(stub.keys());
	});

	it('has names without encoding (Sia)', async () => {
		await startWith(quirks.renterd);
		stub.put('class/a+b c');
		const { keys, fields } = await list(stub, { 'encoding-type': 'url' });
		expect(fields.EncodingType).toBeUndefined();
		expect(keys).toContain('class/a+b c');
	});

	it('ignores a marker with an encoding (Huawei)', async () => {
		await startWith(quirks.markerIgnoredWithEncoding);
		const query = { 'list-type': '1', marker: 'd' };
		expect((await list(stub, query)).keys).toEqual([]);
		expect((await list(stub, { ...query, 'encoding-type': 'url' })).keys).toEqual(stub.keys());
	});

	it('contains every key once in another order (Storj)', async () => {
		await startWith(quirks.storj, 20);
		const pages = await listAll(stub, { prefix: 'class/', 'max-keys': '3' });
		const keys = pages.flatMap((page) => page.keys);
		expect(keys).not.toEqual(stub.keys());
		expect(keys.toSorted()).toEqual(stub.keys());
		const after = await list(stub, { prefix: 'class/', 'start-after': keys[4]! });
		expect(after.keys).toEqual(keys.slice(5));
		expect((await list(stub, { prefix: `class/${SID}` })).keys).toEqual(stub.keys().slice(0, 20));
		await expect(list(stub, folded)).rejects.toThrow('501 NotImplemented');
	});
});

describe('MinIO', () => {
	it('repeats a folded entry where a page ends among its keys', async () => {
		await startWith(quirks.minio());
		const pages = await listAll(stub, { ...folded, 'max-keys': '2' });
		expect(pages.map(({ prefixes }) => prefixes)).toEqual([
			[`class/${SID}_`],
			[`class/${SID}_`, `class/${OTHER_SID}_`],
		]);
	});

	it('does not get past a folded entry with more than a page of keys', async () => {
		await startWith(quirks.minio(), 1001);
		const pages = await listAll(stub, folded, 6);
		expect(pages.map(({ prefixes }) => prefixes)).toEqual(Array(6).fill([`class/${SID}_`]));
		const [first, second, third, fourth] = pages.map(({ token }) =>
			Buffer.from(token!, 'base64').toString(),
		);
		expect(first).toBe(`class/${SID}_[minio_cache:v2,return:]`);
		expect(second).toMatch(/_\[minio_cache:v2,id:[\da-f-]{36},p:0,s:0]$/);
		expect([third, fourth]).toEqual([second, second]);
	});

	it('gets past a folded entry with a page of keys', async () => {
		await startWith(quirks.minio(), 1000);
		const pages = await listAll(stub, folded, 6);
		expect(pages.map(({ prefixes }) => prefixes)).toEqual([
			[`class/${SID}_`],
			[`class/${SID}_`, `class/${OTHER_SID}_`],
		]);
	});

	it('returns a new token for each page where it cannot cache its listing', async () => {
		await startWith(quirks.minio('newToken'), 1001);
		const pages = await listAll(stub, folded, 8);
		expect(new Set(pages.map(({ token }) => token)).size).toBe(8);
		expect(new Set(pages.flatMap(({ prefixes }) => prefixes)).size).toBe(1);
	});

	it('lists like S3 without a delimiter and by /', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.uniqueArray(fc.stringMatching(/^[ab/_]{1,5}$/), { maxLength: 20 }),
				fc.constantFrom('', 'a', 'a/', 'b_'),
				fc.constantFrom('', '/'),
				fc.integer({ min: 2, max: 5 }),
				async (keys, prefix, delimiter, maxKeys) => {
					const both = await Promise.all([startS3Server(), startS3Server(quirks.minio())]);
					try {
						for (const each of both) for (const key of keys) each.put(key);
						const query = { prefix, delimiter, 'max-keys': String(maxKeys) };
						const [right, minios] = await Promise.all(
							both.map(async (each) =>
								(await listAll(each, query, 50)).flatMap((page) => [
									...page.keys,
									...page.prefixes.map((name) => `${name}…`),
								]),
							),
						);
						expect(minios!.toSorted()).toEqual(right!.toSorted());
					} finally {
						await Promise.all(both.map((each) => each.stop()));
					}
				},
			),
			{ numRuns: 60 },
		);
	});

	it('only accepts a start within the prefix', async () => {
		await startWith(quirks.minio());
		const after = async (start: string) =>
			(await list(stub, { prefix: 'class/', 'start-after': start })).keys;
		expect(await after('a')).toEqual(stub.keys());
		expect(await after('d')).toEqual([]);
		expect(await after(`class/${SID}_z`)).toEqual([PLAYLIST]);
		const inFolder = { delimiter: '/', 'start-after': 'class/4' };
		expect((await list(stub, inFolder)).prefixes).toEqual([]);
		await expect(list(stub, { 'list-type': '1', prefix: 'class/', marker: 'd' })).rejects.toThrow(
			'501 NotImplemented',
		);
		const older = await list(stub, { 'list-type': '1', 'max-keys': '1' });
		expect(older.nextMarker).toBe(`${stub.keys()[0]}[minio_cache:v2,return:]`);
	});
});

describe('Supabase', () => {
	it('replaces _ by / in folded entries', async () => {
		await startWith(quirks.supabase);
		stub.put('class/_sessions/a.json');
		stub.put('class/a__b');
		const page = await list(stub, { ...folded, 'encoding-type': 'url' });
		expect(page.prefixes).toEqual([
			`class/${SID}/`,
			`class/${OTHER_SID}/`,
			// From `class/_`.
			'class/',
			'class/a/',
		]);
		expect(page.keys).toEqual([]);
		expect(page.fields).toMatchObject({ Delimiter: '_', Prefix: 'class/', KeyCount: '4' });
	});

	it('lists any number of keys, page by page', async () => {
		await startWith(quirks.supabase, 2500);
		const pages = await listAll(stub, { ...folded, 'max-keys': '1' });
		expect(pages.flatMap(({ prefixes }) => prefixes)).toEqual([
			`class/${SID}/`,
			`class/${OTHER_SID}/`,
		]);
		const plain = await listAll(stub, { prefix: 'class/' });
		expect(plain.flatMap(({ keys }) => keys)).toEqual(stub.keys());
	});

	it('folds by / like S3, and starts after a key', async () => {
		await startWith(quirks.supabase);
		stub.put('class/20261123/a.ts');
		stub.put('class/20261124/a.ts');
		const byDay = await list(stub, { prefix: 'class/', delimiter: '/' });
		expect(byDay.prefixes).toEqual(['class/20261123/', 'class/20261124/']);
		expect(byDay.keys).toEqual(stub.keys().slice(2));
		const plain = await list(stub, { 'start-after': `class/${SID}_z` });
		expect(plain.keys).toEqual([PLAYLIST]);
	});

	it('misinterprets a start-after with a delimiter', async () => {
		await startWith(quirks.supabase);
		stub.put('b.ts');
		stub.put('class/20261123/a.ts');
		stub.put('class/20261124/a.ts');
		const after = async (start: string, delimiter: string) => {
			const query = { prefix: 'class/', delimiter, 'start-after': start };
			const { keys, prefixes } = await list(stub, query);
			return [...keys, ...prefixes];
		};
		// The folder itself is repeated.
		expect(await after('class/20261124/', '/')).toEqual([
			...stub.keys().slice(3),
			'class/20261124/',
		]);
		// Keys before the prefix are listed as well.
		expect(await after('a', '/')).toContain('b.ts');
		// A folded entry's name skips the whole entry, as if it had ended a page.
		expect(await after(`class/${SID}`, '_')).toEqual([`class/${OTHER_SID}/`]);
		// Keys between the start and the start with the delimiter are lost.
		expect(await after('class/20261124', '_')).not.toContain('class/20261124/a.ts');
	});

	it('writes the resource first in its errors', async () => {
		await startWith(quirks.unknownKey('supabase'));
		const { status, body } = await send(stub, reading);
		expect(status).toBe(403);
		expect(body).toContain(
			`<Error><Resource>my-recordings/${PLAYLIST}</Resource><Code>AccessDenied</Code><Message>Invalid Access Key</Message></Error>`,
		);
	});
});

describe('access', () => {
	it('to an archived object is refused, although it is listed', async () => {
		await startWith(quirks.archived([PLAYLIST]));
		const response = await send(stub, reading);
		expect(response.status).toBe(403);
		expect(errorOf(response)).toEqual({
			Code: 'InvalidObjectState',
			Message: "The operation is not valid for the object's storage class",
			StorageClass: 'GLACIER',
		});
		expect((await list(stub)).storageClasses).toEqual(['STANDARD', 'STANDARD', 'GLACIER']);
		expect((await send(stub, { key: stub.keys()[0]! })).status).toBe(200);
		expect((await send(stub, { ...reading, method: 'HEAD' })).status).toBe(200);
	});

	it('to an unreadable and to a missing object is refused', async () => {
		await startWith([
			quirks.unreadable((key) => key === PLAYLIST),
			quirks.vanishes([`class/${SID}_room_0000.ts`]),
		]);
		expect(await refusal(reading)).toMatch(/^403 AccessDenied: User: .* s3:GetObject on resource/);
		expect(await refusal({ key: stub.keys()[0]! })).toMatch(/^404 NoSuchKey/);
		expect((await send(stub, { key: stub.keys()[1]! })).status).toBe(200);
		expect((await list(stub)).keys).toHaveLength(3);
	});

	it('to a bucket with Object Lock requires a digest for writing', async () => {
		await startWith(quirks.objectLock);
		expect(await refusal(writing)).toBe(
			'400 InvalidRequest: Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
		);
		expect(stub.keys()).toHaveLength(3);
		const digest = (algorithm: string) => createHash(algorithm).update('{}').digest('base64');
		for (const headers of [
			{ 'content-md5': digest('md5') },
			{ 'x-amz-checksum-sha256': digest('sha256') },
		] as Array<Record<string, string>>) {
			expect((await send(stub, { ...writing, headers })).status).toBe(200);
		}
		const wrong = { ...writing, headers: { 'content-md5': digest('md5').replace(/^./, '_') } };
		expect(await refusal(wrong)).toMatch(/^400 (InvalidDigest|BadDigest)/);
	});

	it('with a prefix policy is limited to the prefix', async () => {
		await startWith(quirks.prefixPolicy());
		stub.put('other/a', 'secret');
		const lists = async (query: Record<string, string>) =>
			await list(stub, query).then(
				() => 'allowed',
				(error: Error) => error.message,
			);
		for (const prefix of ['class/', 'class/x', 'class/20261123/']) {
			expect(await lists({ prefix })).toBe('allowed');
		}
		for (const query of [{}, { prefix: '' }, { prefix: 'class' }, { prefix: 'other/' }]) {
			expect(await lists(query as Record<string, string>)).toBe('403 AccessDenied');
		}
		expect((await send(stub, reading)).status).toBe(200);
		expect(await refusal({ key: 'other/a' })).toMatch(/^403 AccessDenied: .*s3:GetObject/);
		expect(await refusal({ key: 'class/missing' })).toMatch(/^403 AccessDenied: .*s3:ListBucket/);
		expect((await send(stub, writing)).status).toBe(200);
		expect(await refusal({ ...writing, key: 'a' })).toMatch(/^403 AccessDenied: .*s3:PutObject/);
	});

	it('with a policy for any prefix requires one', async () => {
		await startWith(quirks.prefixPolicy('*'));
		await expect(list(stub)).rejects.toThrow('403 AccessDenied');
		expect((await list(stub, { prefix: '' })).keys).toEqual(stub.keys());
	});

	it('in the wrong region is refused as the vendors do', async () => {
		const responses: Record<string, object> = {};
		for (const response of ['malformedHeader', 'redirect', 'alibaba', 'supabase'] as const) {
			await startWith(quirks.wrongRegion(response));
			const received = await send(stub, listing);
			const { Code, Region, Endpoint } = errorOf(received);
			const header = received.headers['x-amz-bucket-region'];
			responses[response] = { status: received.status, Code, Region, Endpoint, header };
			expect(received.headers.location).toBeUndefined();
			await stub.stop();
		}
		expect(responses).toEqual({
			malformedHeader: {
				status: 400,
				Code: 'AuthorizationHeaderMalformed',
				Region: 'eu-central-1',
			},
			redirect: {
				status: 301,
				Code: 'PermanentRedirect',
				Endpoint: 'my-recordings.s3-eu-central-1.amazonaws.com',
				header: 'eu-central-1',
			},
			alibaba: { status: 403, Code: 'AccessDenied', Endpoint: 'oss-cn-beijing.aliyuncs.com' },
			supabase: { status: 403, Code: 'AccessDenied' },
		});
	});

	const everything = [listing, reading, writing];
	it.each<[string, Quirks, Sent[], RegExp]>([
		[
			'a proxy that changes the host',
			quirks.proxyChangesHost,
			everything,
			/^403 SignatureDoesNotMatch/,
		],
		['KMS', quirks.kms, [reading], /^403 AccessDenied: .*kms:Decrypt on resource: arn:aws:kms/],
		['KMS, for writing', quirks.kms, [writing], /^403 AccessDenied: .*kms:GenerateDataKey/],
		['a spending cap', quirks.spendingCap, everything, /^403 AccessDenied: .*cap exceeded/],
		['an unknown key', quirks.unknownKey(), everything, /^403 InvalidAccessKeyId/],
		[
			'an access key of the wrong length (R2)',
			quirks.r2KeyLength,
			everything,
			/^400 InvalidArgument: .*has length 20, should be 32$/,
		],
		['expired temporary credentials', quirks.expiredToken, everything, /^400 ExpiredToken/],
		['a clock that is behind', quirks.skewedClock(-16), everything, /^403 RequestTimeTooSkewed/],
		['a clock that is ahead', quirks.skewedClock(16), everything, /^403 RequestTimeTooSkewed/],
	])('is refused with %s', async (_name, quirk, requests, expected) => {
		await startWith(quirk);
		for (const sent of requests) expect(await refusal(sent)).toMatch(expected);
	});

	it('is granted for requests that no quirk affects', async () => {
		await startWith([
			quirks.kms,
			quirks.skewedClock(14),
			quirks.invalidTokenId,
			quirks.archived([]),
			quirks.unreadable([]),
			quirks.vanishes([]),
		]);
		expect((await list(stub)).keys).toEqual(stub.keys());
		expect((await send(stub, { ...reading, method: 'HEAD' })).status).toBe(200);
	});

	it('with a session token is refused by MinIO for permanent credentials', async () => {
		await startWith(quirks.invalidTokenId);
		expect((await send(stub, reading)).status).toBe(200);
		const token = { ...reading, sessionToken: 'of-something-else' };
		expect(await refusal(token)).toBe(
			'403 InvalidTokenId: The security token included in the request is invalid',
		);
	});
});
