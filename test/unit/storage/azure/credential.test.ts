import { FAKE_SAS, azureCredential } from './fakeAzure';

describe('a storage credential for Azure', () => {
	it('has an account and its key', () => {
		expect(azureCredential()).toMatchObject({ accessKey: 'fakeaccount', sasToken: '' });
	});

	it.each([
		['as the portal gives it', FAKE_SAS],
		['with its question mark', `?${FAKE_SAS}`],
		['in a whole address', `https://fakeaccount.blob.core.windows.net/my-recordings?${FAKE_SAS}`],
	])('takes a signature in place of the key, %s', (_, sasToken) => {
		expect(azureCredential({ secretKey: '', sasToken })).toMatchObject({
			secretKey: '',
			sasToken: FAKE_SAS,
		});
	});

	it('leaves a signature alone beside a key, and with another vendor', () => {
		expect(azureCredential({ sasToken: FAKE_SAS }).sasToken).toBe('');
		expect(azureCredential({ vendor: 'amazonS3', sasToken: FAKE_SAS }).sasToken).toBe('');
		expect(() =>
			azureCredential({ vendor: 'amazonS3', secretKey: '', sasToken: FAKE_SAS }),
		).toThrow('Secret Key field of the storage credential is empty');
	});

	it.each([
		['neither key nor signature', { secretKey: '' }, 'Secret Key field'],
		['a key that is not base64', { secretKey: 'not a key!' }, 'those are base64'],
		['a signature in the field of the key', { secretKey: FAKE_SAS }, 'has a field of its own'],
		['a key that was cut', { secretKey: 'YWJj=' }, 'those are base64'],
		['half a signature', { secretKey: '', sasToken: 'sv=2023-11-03&sp=rl' }, 'has no “sig=”'],
		['an account that is a host', { accessKey: 'evil.example/' }, 'name of the Azure storage'],
		['an account in capitals', { accessKey: 'FakeAccount' }, 'small letters and digits'],
	])('refuses %s', (_, changes, words) => {
		expect(() => azureCredential(changes)).toThrow(words);
	});
});
