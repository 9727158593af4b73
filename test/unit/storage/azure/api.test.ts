import { azureApi } from '../../../../nodes/Agora/storage/azure/api';
import type { ListQuery } from '../../../../nodes/Agora/storage/types';
import { faultOf } from '../../http/fakeContext';
import { azureCredential } from './fakeAzure';

const EMPTY = '<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>';

describe('azureApi', () => {
	const list = async (query: ListQuery, body = EMPTY, status = 200) => {
		const urls: string[] = [];
		const headers = { date: 'Mon, 23 Nov 2026 10:15:30 GMT' };
		const get = async (url: string) => {
			urls.push(url);
			return { status, headers, body };
		};
		const page = await azureApi(azureCredential()).list(get, query);
		return { page, urls };
	};

	it('requests one page with the parameters of List Blobs', async () => {
		const query = { prefix: 'a b/', delimiter: '_', maxKeys: 2, token: '2!76!x' };
		const { page, urls } = await list(query);
		expect(urls).toEqual([
			'/?comp=list&delimiter=_&marker=2%2176%21x&maxresults=2&prefix=a%20b%2F&restype=container',
		]);
		expect(page).toEqual({
			objects: [],
			prefixes: [],
			nextToken: null,
			serverTime: Date.UTC(2026, 10, 23, 10, 15, 30),
		});
		expect((await list({ prefix: '' })).urls).toEqual(['/?comp=list&restype=container']);
	});

	it('does not accept another response as a listing', async () => {
		const wrong = list({ prefix: '' }, '<ListBucketResult/>');
		expect((await faultOf(wrong)).message).toContain('not a listing of an Azure container');
	});

	it('explains an error with the name of the container', async () => {
		const error = '<Error><Code>ContainerNotFound</Code></Error>';
		const fault = await faultOf(list({ prefix: '' }, error, 404));
		expect(fault.message).toContain('container "my-recordings"');
		expect(fault.details.httpCode).toBe('404');
	});

	it('writes block blobs with their checksum', () => {
		expect(azureApi(azureCredential()).putHeaders('{}')).toEqual({
			'x-ms-blob-type': 'BlockBlob',
			'Content-MD5': 'mZFLkyvTelC5g8XnyQrpOw==',
		});
	});

	it('creates links to one blob', () => {
		const url = 'https://fakeaccount.blob.core.windows.net/my-recordings/a';
		const link = azureApi(azureCredential()).link(url, 'a', 60, new Date(0))!;
		expect(link.expiresAt).toBe(60_000);
		expect(link.url.startsWith(`${url}?`)).toBe(true);
	});
});
