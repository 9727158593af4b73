import { azureApi } from '../../../../nodes/Agora/storage/azure/api';
import { faultOf } from '../../http/fakeContext';
import { readPageFrom } from '../readPage';
import { azureCredential } from './fakeAzure';

const EMPTY = '<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>';

describe('azureApi', () => {
	const list = async (query: Parameters<ReturnType<typeof azureApi>['list']>[1], body = EMPTY) => {
		const asked: string[] = [];
		const headers = { date: 'Mon, 23 Nov 2026 10:15:30 GMT' };
		const read = readPageFrom(async (url) => {
			asked.push(url);
			return { status: 200, headers, body };
		});
		const page = await azureApi(azureCredential()).list(read, query);
		return { page, asked };
	};

	it('asks for one page in Azure’s words', async () => {
		const query = { prefix: 'a b/', delimiter: '_', maxKeys: 2, token: '2!76!x' };
		const { page, asked } = await list(query);
		expect(asked).toEqual([
			'/?comp=list&delimiter=_&marker=2%2176%21x&maxresults=2&prefix=a%20b%2F&restype=container',
		]);
		expect(page).toEqual({
			objects: [],
			prefixes: [],
			nextToken: null,
			serverTime: Date.UTC(2026, 10, 23, 10, 15, 30),
		});
		expect((await list({ prefix: '' })).asked).toEqual(['/?comp=list&restype=container']);
	});

	it('does not take another answer for a listing', async () => {
		const wrong = list({ prefix: '' }, '<ListBucketResult/>');
		expect((await faultOf(wrong)).message).toContain('not a listing of an Azure container');
	});
});
