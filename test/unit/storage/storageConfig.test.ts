import { readStorageCredential } from '../../../nodes/Agora/storage/credential';
import { storageConfig, storagePlace } from '../../../nodes/Agora/storage/storageConfig';
import { FAKE_ACCOUNT_KEY, FAKE_SAS, azureCredential } from './azure/fakeAzure';
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

	it('gives Azure’s account and key as they are', () => {
		expect(storageConfig(azureCredential())).toEqual({
			vendor: 5,
			region: 0,
			bucket: 'my-recordings',
			accessKey: 'fakeaccount',
			secretKey: FAKE_ACCOUNT_KEY,
			fileNamePrefix: ['recordings', 'school'],
		});
	});

	it('refuses to start with a shared access signature, and says what to do', () => {
		const credential = azureCredential({ secretKey: '', sasToken: FAKE_SAS });
		expect(() => storageConfig(credential)).toThrow('cannot record with a shared access signature');
	});

	describe('with temporary keys', () => {
		const expires = Math.floor(Date.now() / 1000) + 5 * 3600;
		const temporary = (changes: Parameters<typeof fakeCredential>[0] = {}) =>
			config({ sessionToken: 'fake-session-token', sessionExpiresAt: expires, ...changes });

		it.each([
			['amazonS3', 1],
			['alibabaOss', 2],
			['tencentCos', 3],
		])('of %s says when they end', (vendor, number) => {
			const regions = { alibabaOssRegion: 'cn-hangzhou', tencentCosRegion: 'ap-beijing' };
			expect(temporary({ vendor, ...regions })).toMatchObject({
				vendor: number,
				accessKey: 'FAKE-ACCESS-KEY',
				stsToken: 'fake-session-token',
				stsExpiration: expires,
			});
		});

		it('takes the end as the credential’s field has it, in the zone of the workflow', () => {
			const data = { sessionToken: 'x', sessionExpiresAt: '2999-11-23T10:00:00' };
			const read = readStorageCredential(fakeCredential(data), 'Europe/Berlin');
			expect(storageConfig(read).stsExpiration).toBe(Date.UTC(2999, 10, 23, 9) / 1000);
		});

		it('forgets an end without a token', () => {
			expect(config({ sessionExpiresAt: '2020-01-01' })).not.toHaveProperty('stsExpiration');
		});

		it.each([
			[
				'of a vendor that Agora takes none for',
				{ vendor: 's3Compatible', endpoint: 'https://minio.example.com' },
				'does not accept temporary credentials for Other S3-Compatible Storage',
			],
			['that do not say when they end', { sessionExpiresAt: '' }, 'Session Expires At is empty'],
			['that have ended', { sessionExpiresAt: '2020-01-01T00:00:00Z' }, 'expire too soon'],
			[
				'that end within four hours',
				{ sessionExpiresAt: String(expires - 2 * 3600) },
				'expire too soon',
			],
			['that end at no time', { sessionExpiresAt: 'soon' }, 'is not a time'],
		])('refuses those %s', (_, changes, words) => {
			expect(() => temporary(changes)).toThrow(words);
		});

		it('leaves them out of the place alone', () => {
			const read = readStorageCredential(fakeCredential({ sessionToken: 'fake-session-token' }));
			expect(storagePlace(read)).toEqual({
				vendor: 1,
				region: 4,
				bucket: 'my-recordings',
				fileNamePrefix: ['recordings', 'school'],
			});
		});
	});

	it.each([
		[
			'a space in the prefix',
			{ fileNamePrefix: 'live recordings' },
			'does not accept the File Name Prefix',
		],
		[
			'an umlaut in the prefix',
			{ fileNamePrefix: 'prüfung' },
			'does not accept the File Name Prefix',
		],
		['a long prefix', { fileNamePrefix: 'a'.repeat(129) }, 'has 129 characters'],
		['no endpoint', { vendor: 's3Compatible' }, 'Endpoint is empty in the storage credential'],
	])('refuses %s', (_what, changes, words) => {
		expect(() => config(changes)).toThrow(words);
	});

	it.each(['live-recordings', 'match_recordings/room_1'])('accepts the prefix %s', (prefix) => {
		expect(config({ fileNamePrefix: prefix }).fileNamePrefix).toEqual(prefix.split('/'));
	});

	it('counts the folders it adds', () => {
		expect(() => config({ fileNamePrefix: 'a'.repeat(119) }, ['20261123'])).not.toThrow();
		expect(() => config({ fileNamePrefix: 'a'.repeat(120) }, ['20261123'])).toThrow(
			'129 characters',
		);
	});
});
