import {
	BlobServiceClient,
	ContainerSASPermissions,
	RestError,
	StorageSharedKeyCredential,
	type ContainerClient,
} from '@azure/storage-blob';
import { request } from 'undici';
import { startAzureStub, type AzureOptions, type AzureStub } from './azureLike.ts';

let stub: AzureStub;
/** Azure's own client, which knows nothing of the stub. */
let container: ContainerClient;

async function startWith(options: AzureOptions = {}) {
	stub = await startAzureStub(options);
	const keys = new StorageSharedKeyCredential(stub.account.name, stub.account.key);
	const retryOptions = { maxTries: 1 };
	container = new BlobServiceClient(stub.endpoint, keys, { retryOptions }).getContainerClient(
		stub.container,
	);
}

afterEach(async () => await stub?.stop());

const refusal = async (work: Promise<unknown>) =>
	await work.then(
		() => 'none',
		(error: RestError) => `${error.statusCode} ${error.code}`,
	);

async function pagesOf(prefix: string, delimiter: string, maxPageSize?: number) {
	const pages: string[][] = [];
	const listing = container.listBlobsByHierarchy(delimiter, { prefix });
	for await (const { segment } of listing.byPage({ ...(maxPageSize && { maxPageSize }) })) {
		const blobs = segment.blobItems.map(({ name }) => name);
		pages.push([...blobs, ...(segment.blobPrefixes ?? []).map(({ name }) => name)].sort());
	}
	return pages;
}

describe('blobs', () => {
	beforeEach(async () => await startWith());

	it('are written, read, read in part and removed by Azure’s own client', async () => {
		const blob = container.getBlockBlobClient('class/ä b+c&d.json');
		await blob.upload('0123456789', 10, { blobHTTPHeaders: { blobContentType: 'text/plain' } });
		expect(stub.read('class/ä b+c&d.json')).toBe('0123456789');
		expect((await blob.downloadToBuffer()).toString()).toBe('0123456789');
		expect((await blob.downloadToBuffer(2, 3)).toString()).toBe('234');
		expect(await blob.getProperties()).toMatchObject({
			contentLength: 10,
			contentType: 'text/plain',
			accessTier: 'Hot',
		});
		await blob.delete();
		expect(await refusal(blob.download())).toBe('404 BlobNotFound');
		expect(stub.requests.map(({ kind, status }) => `${kind} ${status}`)).toEqual(
			expect.arrayContaining(['PUT 201', 'GET 206', 'HEAD 200', 'DELETE 202', 'GET 404']),
		);
		expect(stub.requests.every(({ key }) => key === 'class/ä b+c&d.json')).toBe(true);
	});

	it('need the right key, time, container and digest', async () => {
		stub.put('a', 'film');
		const wrong = new StorageSharedKeyCredential(stub.account.name, 'd3Jvbmc=');
		const stranger = new BlobServiceClient(stub.endpoint, wrong).getContainerClient(stub.container);
		expect(await refusal(stranger.getBlobClient('a').download())).toBe('403 AuthenticationFailed');
		const anonymous = await request(`${stub.endpoint}/${stub.container}/a`);
		expect(anonymous.statusCode).toBe(401);
		const elsewhere = new BlobServiceClient(
			stub.endpoint,
			new StorageSharedKeyCredential(stub.account.name, stub.account.key),
		).getContainerClient('another');
		expect(await refusal(elsewhere.getBlobClient('a').download())).toBe('404 ContainerNotFound');
		const blob = container.getBlockBlobClient('a');
		expect(await refusal(blob.upload('b', 1, { conditions: { ifNoneMatch: '*' } }))).toBe(
			'409 BlobAlreadyExists',
		);
		expect(await refusal(blob.stageBlock('AAAA', 'b', 1))).toBe('501 NotImplemented');
		const put = async (headers: Record<string, string>) => {
			const url = `${stub.endpoint}/${stub.container}/a?${stub.sign('w')}`;
			const { statusCode, headers: answered } = await request(url, {
				method: 'PUT',
				headers,
				body: 'b',
			});
			return `${statusCode} ${String(answered['x-ms-error-code'])}`;
		};
		expect(await put({})).toBe('400 MissingRequiredHeader');
		const digest = { 'x-ms-blob-type': 'BlockBlob', 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' };
		expect(await put(digest)).toBe('400 Md5Mismatch');
		stub.setClock(() => Date.now() + 16 * 60_000);
		expect(await refusal(blob.download())).toBe('403 AuthenticationFailed');
		expect(stub.read('a')).toBe('film');
	});

	it('are opened by a shared access signature, as far as it reaches', async () => {
		stub.put('a', 'film');
		const open = async (sas: string, path = '/a') =>
			(
				await request(
					`${stub.endpoint}/${stub.container}${path}${path.includes('?') ? '&' : '?'}${sas}`,
				)
			).statusCode;
		const forContainer = stub.sign('rl');
		expect(await open(forContainer)).toBe(200);
		expect(await open(forContainer, '?restype=container&comp=list')).toBe(200);
		expect(await open(stub.sign('l'))).toBe(403);
		expect(await open(forContainer.replace('sp=rl', 'sp=rwl'))).toBe(403);
		expect(await open(stub.sign('r', new Date(Date.now() - 1000)))).toBe(403);
		const url = await container.getBlobClient('a').generateSasUrl({
			permissions: ContainerSASPermissions.parse('r') as never,
			expiresOn: new Date(Date.now() + 60_000),
		});
		expect((await request(url)).statusCode).toBe(200);
		expect((await request(url.replace('/a?', '/b?'))).statusCode).toBe(403);
	});
});

describe('an archived blob', () => {
	it('is listed with its tier, and not readable', async () => {
		await startWith({ archived: (name) => name === 'old' });
		stub.put('old', 'film');
		stub.put('new', 'film');
		expect(await refusal(container.getBlobClient('old').download())).toBe('409 BlobArchived');
		expect((await container.getBlobClient('new').downloadToBuffer()).toString()).toBe('film');
		const tiers: Array<string | undefined> = [];
		for await (const { properties } of container.listBlobsFlat()) tiers.push(properties.accessTier);
		expect(tiers).toEqual(['Hot', 'Archive']);
	});
});

describe('the listing', () => {
	const names = ['a_1', 'a_2', 'b', 'c d', 'c_1', 'é+%&<', 'ﬀ', '😀', 'x\u0001'];
	const entries = ['a_', 'b', 'c d', 'c_', 'é+%&<', 'ﬀ', '😀', 'x\u0001'].sort();

	it('folds by any text, and goes on by markers', async () => {
		await startWith();
		for (const name of names) stub.put(name);
		expect(await pagesOf('', '_')).toEqual([entries]);
		const pages = await pagesOf('', '_', 3);
		expect(pages.map(({ length }) => length)).toEqual([3, 3, 2]);
		expect(pages.flat().sort()).toEqual(entries);
		expect(await pagesOf('c', '_')).toEqual([['c d', 'c_']]);
		expect(stub.requests.map(({ kind }) => kind)).toEqual(Array(5).fill('LIST'));
		stub.clearRequests();
		expect(stub.requests).toEqual([]);
	});

	it('gives 5,000 entries a page', async () => {
		await startWith();
		for (let i = 0; i < 5001; i++) stub.put(String(i).padStart(5, '0'));
		const pages = await pagesOf('', '/');
		expect(pages.map(({ length }) => length)).toEqual([5000, 1]);
	});

	it('has short and empty pages where it was asked for them', async () => {
		await startWith({ shortPages: true, pageSize: 4 });
		for (const name of names) stub.put(name);
		const pages = await pagesOf('', '_');
		expect(pages.flat().sort()).toEqual(entries);
		expect(pages.some(({ length }) => length === 0)).toBe(true);
		expect(Math.max(...pages.map(({ length }) => length))).toBe(2);
	});

	it('starts in the middle from version 2026-02-06 on only', async () => {
		await startWith();
		for (const name of ['a', 'b', 'c']) stub.put(name);
		const from = async (version: string) => {
			const sas = stub.sign('l');
			const { body } = await request(
				`${stub.endpoint}/${stub.container}?restype=container&comp=list&startFrom=b&${sas}`,
				{ headers: { 'x-ms-version': version } },
			);
			return [...(await body.text()).matchAll(/<Name>(\w)/g)].map(([, name]) => name);
		};
		expect(await from('2026-02-06')).toEqual(['b', 'c']);
		expect(await from('2023-11-03')).toEqual(['a', 'b', 'c']);
	});

	it('refuses a marker and a limit of its own making', async () => {
		await startWith();
		stub.put('a');
		const open = async (query: string) => {
			const { statusCode } = await request(
				`${stub.endpoint}/${stub.container}?restype=container&comp=list&${query}&${stub.sign('l')}`,
			);
			return statusCode;
		};
		expect(await open('marker=a')).toBe(400);
		expect(await open('maxresults=0')).toBe(400);
		expect(await open('maxresults=9999')).toBe(200);
	});
});
