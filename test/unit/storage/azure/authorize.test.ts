import { authorizeAzure } from '../../../../nodes/Agora/storage/azure/authorize';
import { API_VERSION } from '../../../../nodes/Agora/storage/azure/sharedKey';
import { FAKE_SAS, azureCredential } from './fakeAzure';

const NOW = new Date('2026-11-23T10:00:00Z');
const request = (changes: object = {}) => ({
	method: 'GET',
	url: 'https://fakeaccount.blob.core.windows.net/my-recordings/a',
	headers: {},
	body: undefined,
	...changes,
});
const withSas = azureCredential({ secretKey: '', sasToken: FAKE_SAS });

describe('authorizeAzure', () => {
	it('signs headers with a key, and says what it speaks', () => {
		const { url, headers } = authorizeAzure(request(), azureCredential(), NOW);
		expect(url).toBe(request().url);
		expect(headers).toEqual({
			'x-ms-date': 'Mon, 23 Nov 2026 10:00:00 GMT',
			'x-ms-version': API_VERSION,
			authorization: expect.stringMatching(/^SharedKey fakeaccount:[\w+/]{43}=$/),
		});
	});

	it('puts a signature into the address, once', () => {
		const first = authorizeAzure(request(), withSas, NOW);
		expect(first.headers).toEqual({ 'x-ms-version': API_VERSION });
		const again = authorizeAzure(request({ url: first.url }), withSas, NOW);
		expect(again).toEqual(first);
		expect([...new URL(first.url).searchParams].sort()).toEqual(
			[...new URLSearchParams(FAKE_SAS)].sort(),
		);
	});

	it('lets nobody widen the signature', () => {
		const wider = request({ url: `${request().url}?sp=rwd&sig=mine&comp=list` });
		const { searchParams } = new URL(authorizeAzure(wider, withSas, NOW).url);
		expect(searchParams.getAll('sp')).toEqual(['rl']);
		expect(searchParams.getAll('sig')).toEqual(['fake+sig=']);
		expect(searchParams.get('comp')).toBe('list');
	});

	it('sends no parameter without a value', () => {
		const list = request({ url: 'https://x.example/c?comp=list&prefix=' });
		expect(authorizeAzure(list, azureCredential(), NOW).url).toBe('https://x.example/c?comp=list');
	});

	it('names the type of a body before the HTTP client does', () => {
		const put = request({ method: 'PUT', body: Buffer.from('x') });
		expect(authorizeAzure(put, azureCredential(), NOW).headers).toMatchObject({
			'content-type': 'application/octet-stream',
		});
		const typed = { ...put, headers: { 'Content-Type': 'text/plain' } };
		expect(authorizeAzure(typed, azureCredential(), NOW).headers).toMatchObject({
			'content-type': 'text/plain',
		});
	});

	it('signs a stream only when its length is known', () => {
		const stream = request({ method: 'PUT', body: new FormData() });
		expect(() => authorizeAzure(stream, azureCredential(), NOW)).toThrow('how long a body is');
		const known = { ...stream, headers: { 'Content-Length': '12' } };
		expect(authorizeAzure(known, azureCredential(), NOW).headers['content-length']).toBe('12');
	});
});
