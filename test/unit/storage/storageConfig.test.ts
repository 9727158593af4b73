import { readStorageCredential } from '../../../nodes/Agora/storage/credential';
import {
	checkPrefix,
	endpointForAgora,
	storageConfig,
	storagePlace,
	stsExpirationAt,
} from '../../../nodes/Agora/storage/storageConfig';
import { FAKE_ACCOUNT_KEY, FAKE_SAS, azureCredential } from './azure/fakeAzure';
import { fakeCredential } from './fakeCredential';

const config = (changes: Parameters<typeof fakeCredential>[0], moreFolders?: string[]) =>
	storageConfig(readStorageCredential(fakeCredential(changes)), moreFolders);

/** An error that n8n does not retry, as only the user can solve it. */
const problem = (message: string) =>
	expect.objectContaining({
		message: expect.stringContaining(message),
		details: expect.objectContaining({ cause: 'configuration-invalid' }),
	}) as Error;

describe('storageConfig', () => {
	it("translates names to Agora's numbers", () => {
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

	it('has no prefix for the root of the bucket', () => {
		expect(config({ fileNamePrefix: ' / ' })).not.toHaveProperty('fileNamePrefix');
	});

	it.each(['live-recordings', 'match_recordings'])('accepts the prefix %s', (fileNamePrefix) => {
		expect(config({ fileNamePrefix }).fileNamePrefix).toEqual([fileNamePrefix]);
	});

	it('reads a prefix with slashes around it', () => {
		expect(config({ fileNamePrefix: '/a//b/' }).fileNamePrefix).toEqual(['a', 'b']);
	});

	it.each([
		['https://minio.example.com', 'minio.example.com'],
		['minio.example.com:9000/', 'minio.example.com:9000'],
		['https://x.example.com/storage/v1/s3', 'x.example.com/storage/v1/s3'],
		['http://127.0.0.1:9000', '127.0.0.1:9000'],
	])('sends the endpoint %s without its scheme', (endpoint, expected) => {
		expect(config({ vendor: 's3Compatible', endpoint })).toMatchObject({
			vendor: 11,
			region: 0,
			extensionParams: { endpoint: expected },
		});
	});

	it('does not send an endpoint that is only for reading', () => {
		expect(config({ endpoint: 'https://proxy.example.com' })).not.toHaveProperty('extensionParams');
	});

	it("sends Azure's account and key unchanged", () => {
		expect(storageConfig(azureCredential())).toEqual({
			vendor: 5,
			region: 0,
			bucket: 'my-recordings',
			accessKey: 'fakeaccount',
			secretKey: FAKE_ACCOUNT_KEY,
			fileNamePrefix: ['recordings', 'school'],
		});
	});

	it('refuses to start with a shared access signature', () => {
		const credential = azureCredential({ secretKey: '', sasToken: FAKE_SAS });
		expect(() => storageConfig(credential)).toThrow(
			problem('cannot record with a shared access signature'),
		);
	});

	describe('with temporary credentials', () => {
		const expires = Math.floor(Date.now() / 1000) + 5 * 3600;
		const temporary = (changes: Parameters<typeof fakeCredential>[0] = {}) =>
			config({ sessionToken: 'fake-session-token', sessionExpiresAt: expires, ...changes });

		it.each([
			['amazonS3', 1],
			['alibabaOss', 2],
			['tencentCos', 3],
		])('of %s contains their expiry time', (vendor, number) => {
			const regions = { alibabaOssRegion: 'cn-hangzhou', tencentCosRegion: 'ap-beijing' };
			expect(temporary({ vendor, ...regions })).toMatchObject({
				vendor: number,
				accessKey: 'FAKE-ACCESS-KEY',
				stsToken: 'fake-session-token',
				stsExpiration: expires,
			});
		});

		it('reads Session Expires At in the time zone of the workflow', () => {
			const data = { sessionToken: 'x', sessionExpiresAt: '2999-11-23T10:00:00' };
			const read = readStorageCredential(fakeCredential(data), 'Europe/Berlin');
			expect(storageConfig(read).stsExpiration).toBe(Date.UTC(2999, 10, 23, 9) / 1000);
		});

		it('ignores Session Expires At without a token', () => {
			expect(config({ sessionExpiresAt: '2020-01-01' })).not.toHaveProperty('stsExpiration');
		});

		it.each([
			[
				'of a vendor for which Agora accepts none',
				{ vendor: 's3Compatible', endpoint: 'https://minio.example.com' },
				'does not accept temporary credentials for Other S3-Compatible Storage',
			],
			['without Session Expires At', { sessionExpiresAt: '' }, 'Session Expires At is empty'],
			['that have expired', { sessionExpiresAt: '2020-01-01T00:00:00Z' }, 'expire too soon'],
			[
				'that expire within four hours',
				{ sessionExpiresAt: String(expires - 2 * 3600) },
				'expire too soon',
			],
			[
				'with a Session Expires At that is no time',
				{ sessionExpiresAt: 'soon' },
				'is not a valid date',
			],
		])('refuses those %s', (_, changes, expected) => {
			expect(() => temporary(changes)).toThrow(problem(expected));
		});

		it('are not part of the storage place', () => {
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
			'an umlaut in the prefix',
			{ fileNamePrefix: 'prüfung' },
			'does not accept the File Name Prefix',
		],
		['a long prefix', { fileNamePrefix: 'a'.repeat(129) }, 'has 129 characters'],
		['no endpoint', { vendor: 's3Compatible' }, 'Endpoint is empty in the storage credential'],
	])('refuses %s', (_what, changes, expected) => {
		expect(() => config(changes)).toThrow(problem(expected));
	});

	it('counts the folders that are added', () => {
		expect(() => config({ fileNamePrefix: 'a'.repeat(119) }, ['20261123'])).not.toThrow();
		expect(() => config({ fileNamePrefix: 'a'.repeat(120) }, ['20261123'])).toThrow(
			'129 characters',
		);
	});
});

describe('stsExpirationAt', () => {
	const NOW = Date.UTC(2026, 10, 23, 10);
	beforeEach(() => jest.useFakeTimers({ now: NOW }));
	afterEach(() => jest.useRealTimers());

	it('is in whole Unix seconds, at least four hours from now', () => {
		const fourHours = NOW + 4 * 3_600_000;
		expect(stsExpirationAt(fourHours, 'Expires At')).toBe(fourHours / 1000);
		expect(stsExpirationAt(fourHours + 999, 'Expires At')).toBe(fourHours / 1000);
		expect(() => stsExpirationAt(fourHours - 1, 'Expires At')).toThrow(
			expect.objectContaining({
				message: 'The temporary credentials expire too soon',
				details: expect.objectContaining({
					description: expect.stringContaining('"Expires At"'),
					cause: 'configuration-invalid',
				}),
			}),
		);
	});
});

describe('checkPrefix', () => {
	it.each([[[]], [['a']], [['A_b-9', '0']], [['a'.repeat(64), 'b'.repeat(63)]]])(
		'accepts %j',
		(folders) => {
			expect(() => checkPrefix(folders)).not.toThrow();
		},
	);

	it.each([[['a', '']], [['a.b']], [['a b', 'c']], [['c', 'a b']], [[' a']], [['a\n']]])(
		'refuses %j, and repeats it',
		(folders) => {
			expect(() => checkPrefix(folders)).toThrow(
				`Agora does not accept the File Name Prefix "${folders.join('/')}"`,
			);
		},
	);
});

describe('endpointForAgora', () => {
	const endpointOf = (endpoint: string) =>
		endpointForAgora(readStorageCredential(fakeCredential({ vendor: 's3Compatible', endpoint })));

	it('has a path without slashes at its end', () => {
		expect(endpointOf('https://x.example.com/a/b//')).toBe('x.example.com/a/b');
	});

	it('is refused if it is empty', () => {
		expect(() => endpointOf('')).toThrow(
			'Endpoint is empty in the storage credential. S3-compatible storage needs one.',
		);
	});
});
