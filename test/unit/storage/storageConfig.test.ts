import { readStorageCredential } from '../../../nodes/Agora/storage/credential';
import { storageConfig } from '../../../nodes/Agora/storage/storageConfig';
import { fakeCredential } from './fakeCredential';

const config = (changes: Parameters<typeof fakeCredential>[0], moreFolders?: string[]) =>
	storageConfig(readStorageCredential(fakeCredential(changes)), moreFolders);

describe('storageConfig', () => {
	it('puts names into Agora’s numbers', () => {
		expect(config({})).toEqual({
			vendor: 1,
			region: 4,
			bucket: 'my-recordings',
			accessKey: 'FAKE-ACCESS-KEY',
			secretKey: 'fake-secret-key',
			fileNamePrefix: ['recordings', 'school'],
		});
	});

	it('adds folders after the prefix', () => {
		expect(config({}, ['20261123']).fileNamePrefix).toEqual(['recordings', 'school', '20261123']);
		expect(config({ fileNamePrefix: '' }, ['20261123']).fileNamePrefix).toEqual(['20261123']);
	});

	it('has no prefix for the top of the bucket', () => {
		expect(config({ fileNamePrefix: ' / ' })).not.toHaveProperty('fileNamePrefix');
	});

	it('reads a prefix with slashes around it', () => {
		expect(config({ fileNamePrefix: '/a//b/' }).fileNamePrefix).toEqual(['a', 'b']);
	});

	it.each([
		['https://minio.example.com', 'minio.example.com'],
		['minio.example.com:9000/', 'minio.example.com:9000'],
		['https://x.example.com/storage/v1/s3', 'x.example.com/storage/v1/s3'],
		['http://127.0.0.1:9000', '127.0.0.1:9000'],
	])('gives the endpoint %s without its scheme', (endpoint, expected) => {
		expect(config({ vendor: 's3Compatible', endpoint })).toMatchObject({
			vendor: 11,
			region: 0,
			extensionParams: { endpoint: expected },
		});
	});

	it('keeps another endpoint for reading to itself', () => {
		expect(config({ endpoint: 'https://proxy.example.com' })).not.toHaveProperty('extensionParams');
	});

	it('works for Azure, which cannot be read', () => {
		expect(config({ vendor: 'azureBlob' })).toMatchObject({ vendor: 5, region: 0 });
	});

	it.each([
		[
			'a hyphen in the prefix',
			{ fileNamePrefix: 'live-recordings' },
			'does not take the file name prefix',
		],
		[
			'an umlaut in the prefix',
			{ fileNamePrefix: 'prüfung' },
			'does not take the file name prefix',
		],
		['a long prefix', { fileNamePrefix: 'a'.repeat(129) }, '129 characters long'],
		[
			'no endpoint',
			{ vendor: 's3Compatible' },
			'Endpoint field of the storage credential is empty',
		],
	])('refuses %s', (_what, changes, words) => {
		expect(() => config(changes)).toThrow(words);
	});

	it('counts the folders it adds', () => {
		expect(() => config({ fileNamePrefix: 'a'.repeat(119) }, ['20261123'])).not.toThrow();
		expect(() => config({ fileNamePrefix: 'a'.repeat(120) }, ['20261123'])).toThrow(
			'129 characters',
		);
	});
});
