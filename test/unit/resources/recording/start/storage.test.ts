import type { IDataObject } from 'n8n-workflow';
import { readStartStorage } from '../../../../../nodes/Agora/resources/recording/start/storage';
import { faultOf } from '../../../http/fakeContext';
import { memoryBucket } from '../../../memoryBucket';
import { startContext } from './startContext';

jest.mock('../../../../../nodes/Agora/storage/bucket', () => ({
	openBucket: async ({ bucket }: { bucket: unknown }) => bucket,
}));

beforeAll(() => jest.useFakeTimers({ now: Date.UTC(2026, 10, 23, 23, 59) }));
afterAll(() => jest.useRealTimers());

const TODAY = '20261123';
const CREDENTIAL = {
	...{ vendor: 1, region: 7, bucket: 'recordings', accessKey: 'KEY', secretKey: 'SECRET' },
	fileNamePrefix: ['school'],
};
/** A complete `storageConfig` of another bucket. */
const OTHER = { vendor: 1, region: 7, bucket: 'other', accessKey: 'A', secretKey: 'S' };
const R2 = {
	...{ vendor: 's3Compatible', amazonS3Region: undefined, s3CompatibleRegion: 'auto' },
	endpoint: 'https://s3.example.com/base/',
};

interface Settings {
	given?: IDataObject;
	added?: IDataObject;
	partitionByDate?: boolean;
	credential?: IDataObject | null;
}

async function read({ given, added = {}, partitionByDate = false, credential = {} }: Settings) {
	const bucket = memoryBucket();
	const { context } = startContext({
		items: [],
		...(credential !== null && {
			bucket,
			agoraStorageApi: { fileNamePrefix: 'school', ...credential },
		}),
	});
	const storage = await readStartStorage(context, given, added, partitionByDate);
	const { config, folder } = storage;
	return { config, folder, isOurs: storage.bucket === bucket };
}

describe('the storage of a recording', () => {
	it.each<[string, Settings, Awaited<ReturnType<typeof read>>]>([
		['the credential', {}, { config: CREDENTIAL, folder: 'school/', isOurs: true }],
		[
			'the credential without a prefix',
			{ credential: { fileNamePrefix: '' } },
			{
				config: Object.fromEntries(
					Object.entries(CREDENTIAL).filter(([name]) => name !== 'fileNamePrefix'),
				),
				folder: '',
				isOurs: true,
			},
		],
		[
			'the credential and a day folder',
			{ partitionByDate: true },
			{
				config: { ...CREDENTIAL, fileNamePrefix: ['school', TODAY] },
				folder: `school/${TODAY}/`,
				isOurs: true,
			},
		],
		[
			'the credential and another prefix',
			{ given: { fileNamePrefix: ['a', 'b'] } },
			{ config: { ...CREDENTIAL, fileNamePrefix: ['a', 'b'] }, folder: 'a/b/', isOurs: true },
		],
		[
			'the credential, another prefix and a day folder',
			{ given: { fileNamePrefix: ['a'] }, partitionByDate: true },
			{
				config: { ...CREDENTIAL, fileNamePrefix: ['a', TODAY] },
				folder: `a/${TODAY}/`,
				isOurs: true,
			},
		],
		[
			'the credential and options',
			{
				added: { extensionParams: { sse: 'kms', tag: 'a' } },
				given: { extensionParams: { tag: 'b' } },
			},
			{
				config: { ...CREDENTIAL, extensionParams: { sse: 'kms', tag: 'b' } },
				folder: 'school/',
				isOurs: true,
			},
		],
		[
			'a storageConfig without a credential',
			{ credential: null, given: OTHER },
			{ config: OTHER, folder: '', isOurs: false },
		],
		[
			'a storageConfig of another bucket instead of the credential',
			{ given: { ...OTHER, fileNamePrefix: ['a'] } },
			{ config: { ...OTHER, fileNamePrefix: ['a'] }, folder: 'a/', isOurs: false },
		],
		[
			'a storageConfig and a day folder',
			{ given: OTHER, partitionByDate: true },
			{ config: { ...OTHER, fileNamePrefix: [TODAY] }, folder: `${TODAY}/`, isOurs: false },
		],
		[
			'a storageConfig with temporary credentials',
			{ given: { ...OTHER, stsToken: 't', stsExpiration: 9 } },
			{ config: { ...OTHER, stsToken: 't', stsExpiration: 9 }, folder: '', isOurs: false },
		],
		[
			'a storageConfig of the same bucket',
			{ given: { ...OTHER, bucket: 'recordings' } },
			{ config: { ...OTHER, bucket: 'recordings' }, folder: '', isOurs: true },
		],
	])('is %s', async (_, settings, expected) => {
		expect(await read(settings)).toEqual(expected);
	});

	it.each<[string, IDataObject]>([
		['vendor', { vendor: 2 }],
		['region', { region: 0 }],
		['name', { bucket: 'other' }],
	])('is another bucket if its %s differs', async (_, changes) => {
		const given = { ...OTHER, bucket: 'recordings', ...changes };
		expect((await read({ given })).isOurs).toBe(false);
	});

	it.each([
		['s3.example.com/base', true],
		['https://s3.example.com/base', true],
		['http://s3.example.com/base//', true],
		['s3.example.com', false],
		['s3.example.com/http://base', false],
		['s3.example.com/base/http://', false],
		['other.example.com/base', false],
	])('is the bucket of the credential with the endpoint %s: %s', async (endpoint, isOurs) => {
		const given = {
			...{ vendor: 11, region: 0, bucket: 'recordings', accessKey: 'A', secretKey: 'S' },
			extensionParams: { endpoint },
		};
		expect((await read({ given, credential: R2 })).isOurs).toBe(isOurs);
	});

	it('sends the endpoint of the credential', async () => {
		const { config, isOurs } = await read({ credential: R2 });
		expect(config).toMatchObject({ extensionParams: { endpoint: 's3.example.com/base' } });
		expect(isOurs).toBe(true);
	});

	it.each<[string, Settings, RegExp]>([
		['is missing', { credential: null }, /^No storage is configured.*Connect.*storageConfig/],
		[
			'is only a prefix',
			{ credential: null, given: { fileNamePrefix: ['a'] } },
			/^No storage is configured/,
		],
		...Object.keys(OTHER).map((key): [string, Settings, RegExp] => [
			`has no ${key}`,
			{ given: Object.fromEntries(Object.entries(OTHER).filter(([name]) => name !== key)) },
			new RegExp(
				`^storageConfig in "Client Request \\(JSON\\)" has no ${key}\\. A storageConfig with a bucket`,
			),
		]),
		...['stsToken', 'stsExpiration'].map((key): [string, Settings, RegExp] => [
			`has only ${key}`,
			{ given: { [key]: 'x' } },
			/has no vendor, region, bucket, accessKey, secretKey\./,
		]),
		[
			'has only an endpoint',
			{ given: { extensionParams: { endpoint: 's3.example.com' } } },
			/has no vendor, region, bucket, accessKey, secretKey\./,
		],
	])('is an error if it %s', async (_, settings, expected) => {
		const { message, details } = await faultOf(read(settings));
		expect(`${message}. ${details.description}`).toMatch(expected);
	});

	it('is an error of the configuration if it is missing', async () => {
		const { details } = await faultOf(read({ credential: null }));
		expect(details.cause).toBe('configuration-invalid');
	});
});
