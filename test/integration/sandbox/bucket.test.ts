import { request } from 'undici';
import { s3Client } from './s3Client.ts';
import { useSandbox } from './useSandbox.ts';

const sandbox = useSandbox();
let s3: ReturnType<typeof s3Client>;

beforeAll(() => {
	s3 = s3Client(sandbox);
});

it('stores objects and returns them', async () => {
	expect((await s3.put('kept/note.txt', 'hello')).status).toBe(200);
	expect(await s3.get('kept/note.txt')).toMatchObject({ status: 200, text: 'hello' });
	expect((await s3.get('kept/other.txt')).status).toBe(404);
});

it('rejects a wrong secret, an unknown access key and unsigned requests', async () => {
	const { accessKey } = sandbox.storage;
	expect(await s3.put('x', '', { accessKey, secretKey: 'wrong' })).toMatchObject({
		status: 403,
		text: expect.stringContaining('SignatureDoesNotMatch'),
	});
	expect(await s3.put('x', '', { accessKey: 'UNKNOWN', secretKey: 'wrong' })).toMatchObject({
		status: 403,
		text: expect.stringContaining('InvalidAccessKeyId'),
	});
	for (const path of ['/recordings?list-type=2', '/recordings/kept/note.txt']) {
		const response = await request(sandbox.s3 + path);
		expect(response.statusCode).toBe(403);
		expect(await response.body.text()).toContain('AccessDenied');
	}
});

it('accepts a presigned URL until it expires', async () => {
	await s3.put('signed/note.txt', 'hello');
	const valid = await request(s3.presigned('signed/note.txt'));
	expect(await valid.body.text()).toBe('hello');
	const forged = await request(s3.presigned('signed/note.txt').replace('note', 'nota'));
	await forged.body.dump();
	expect(forged.statusCode).toBe(403);
	const expired = await request(s3.presigned('signed/note.txt', 0));
	await expired.body.dump();
	expect(expired.statusCode).toBe(403);
});

describe('listing', () => {
	const keys = ['a_1.ts', 'a_2.ts', 'b_1.ts', 'c.txt', 'd_1.ts', 'd_2.ts'].map(
		(name) => `l/${name}`,
	);

	beforeEach(async () => {
		for (const key of keys) await s3.put(key, key);
	});

	it('returns pages, and can start after a key', async () => {
		const first = await s3.listObjects({ prefix: 'l/', 'max-keys': '4' });
		expect(first).toMatchObject({ keys: keys.slice(0, 4), truncated: true });
		const second = await s3.listObjects({
			prefix: 'l/',
			'max-keys': '4',
			'continuation-token': first.next ?? '',
		});
		expect(second).toMatchObject({ keys: keys.slice(4), truncated: false, next: undefined });
		const rest = await s3.listObjects({ prefix: 'l/', 'start-after': 'l/b_1.ts' });
		expect(rest.keys).toEqual(keys.slice(3));
	});

	it('groups keys at any delimiter, and counts common prefixes toward the page size', async () => {
		const query = { prefix: 'l/', delimiter: '_', 'max-keys': '2' };
		const first = await s3.listObjects(query);
		expect(first).toMatchObject({ keys: [], prefixes: ['l/a_', 'l/b_'], truncated: true });
		const second = await s3.listObjects({ ...query, 'continuation-token': first.next ?? '' });
		expect(second).toMatchObject({ keys: ['l/c.txt'], prefixes: ['l/d_'], truncated: false });
		const after = await s3.listObjects({ prefix: 'l/', delimiter: '_', 'start-after': 'l/a_1.ts' });
		expect(after.prefixes).toEqual(['l/a_', 'l/b_', 'l/d_']);
	});

	it('encodes names as in a form if requested', async () => {
		const key = 'odd/a b+c&d<é>.txt';
		await s3.put(key, '');
		const plain = await s3.listObjects({ prefix: 'odd/' });
		expect(plain).toMatchObject({ keys: [key], encoding: undefined });
		const encoded = await s3.listObjects({ prefix: 'odd/', 'encoding-type': 'url' });
		expect(encoded).toMatchObject({ keys: ['odd/a+b%2Bc%26d%3C%C3%A9%3E.txt'], encoding: 'url' });
		expect((await s3.get(key.split('/').map(encodeURIComponent).join('/'))).status).toBe(200);
	});

	it('rejects invalid queries and unknown buckets', async () => {
		expect((await s3.listObjects({ 'continuation-token': 'nonsense' })).status).toBe(400);
		expect((await s3.listObjects({ 'max-keys': 'many' })).status).toBe(400);
		const missing = await s3.send('GET', '/nowhere?list-type=2');
		expect(missing).toMatchObject({ status: 404, text: expect.stringContaining('NoSuchBucket') });
	});
});

it('never returns a half-written object', async () => {
	const text = (letter: string) => letter.repeat(200_000);
	await s3.put('swap.txt', text('a'));
	const writing = Promise.all(['b', 'c', 'd'].map((letter) => s3.put('swap.txt', text(letter))));
	const reads = await Promise.all(Array.from({ length: 10 }, () => s3.get('swap.txt')));
	await writing;
	for (const read of reads) expect(read.text).toMatch(/^([abcd])\1{199999}$/);
});
