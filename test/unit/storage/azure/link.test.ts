import {
	BlobSASPermissions,
	SASProtocol,
	StorageSharedKeyCredential,
	generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import { objectAddress } from '../../../../nodes/Agora/storage/address';
import { blobLink } from '../../../../nodes/Agora/storage/azure/link';
import { API_VERSION } from '../../../../nodes/Agora/storage/azure/sharedKey';
import { randomSource } from '../../randomSource';
import { FAKE_SAS, azureCredential } from './fakeAzure';

const NOW = new Date('2026-11-23T10:00:00.750Z');
const parametersOf = (url: string) => [...new URL(url).searchParams].sort();

describe('blobLink, with an account key', () => {
	it('makes the signature that Azure’s own client makes, a thousand times', () => {
		const random = randomSource(41);
		for (let i = 0; i < 1000; i++) {
			const key = random.text('aZ09-_.~ +%&=?#/:;,@$!*\'()[]|"<>é漢😀', random.integer(1, 60));
			if (key.split('/').some((part) => part === '.' || part === '..')) continue;
			const secretKey = Buffer.from(random.text('abcXYZ019+/', 40)).toString('base64');
			const accessKey = random.text('abc019', random.integer(3, 24));
			const host = random.pick(['https://x.example.com', `http://127.0.0.1:1/${accessKey}`]);
			const seconds = random.integer(1, 604_800);
			const credential = azureCredential({ accessKey, secretKey });
			const url = objectAddress(`${host}/my-recordings`, key);
			const link = blobLink(url, key, credential, seconds, NOW)!;
			const theirs = generateBlobSASQueryParameters(
				{
					containerName: 'my-recordings',
					blobName: key,
					permissions: BlobSASPermissions.parse('r'),
					protocol: host.startsWith('https') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
					expiresOn: new Date(link.expiresAt),
					version: API_VERSION,
				},
				new StorageSharedKeyCredential(accessKey, secretKey),
			);
			expect(link.url.split('?')[0]).toBe(url);
			expect(parametersOf(link.url)).toEqual(parametersOf(`${url}?${theirs.toString()}`));
			expect(link.expiresAt).toBe(Math.floor(NOW.getTime() / 1000 + seconds) * 1000);
			expect(link.url).not.toContain(encodeURIComponent(secretKey));
		}
	});

	it.each([0, 604_801, 1.5, Number.NaN])('refuses to last %s seconds', (seconds) => {
		expect(() => blobLink('https://x.example/c/a', 'a', azureCredential(), seconds, NOW)).toThrow(
			'from 1 second to 7 days',
		);
	});
});

describe('blobLink, with the user’s signature', () => {
	it('makes none: it would hand out the signature, and with it the container', () => {
		const credential = azureCredential({ secretKey: '', sasToken: FAKE_SAS });
		expect(blobLink('https://x.example/c/a', 'a', credential, 60, NOW)).toBeNull();
	});
});
