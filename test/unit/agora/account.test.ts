import { readAccount } from '../../../nodes/Agora/agora/account';
import { fakeContext, faultOf } from '../http/fakeContext';

const CREDENTIAL = { customerId: ' fake-customer ', host: 'global' };
const read = async (changes: object) =>
	await readAccount(fakeContext([], { ...CREDENTIAL, ...changes }).context);

describe('readAccount', () => {
	it('reads the credential once for all items of an execution, and anew for the next', async () => {
		const credential = { ...CREDENTIAL };
		const { context } = fakeContext([], credential);
		const first = await readAccount(context);
		credential.customerId = 'another';
		expect(await readAccount(context)).toBe(first);
		const next = await readAccount(fakeContext([], credential).context);
		expect(next.customerId).toBe('another');
	});

	it('gives empty text for what the credential does not have', async () => {
		expect(await read({})).toEqual({
			host: 'https://api.agora.io',
			customerId: 'fake-customer',
			appId: '',
			appCertificate: '',
		});
	});

	it('strips what was pasted with the values', async () => {
		expect(await read({ appId: ' app\n', appCertificate: '\tcert ' })).toMatchObject({
			appId: 'app',
			appCertificate: 'cert',
		});
	});

	it.each([
		['china', undefined, 'https://api.sd-rtn.com'],
		['global', 'https://ignored.example', 'https://api.agora.io'],
		['custom', 'https://api-eu-west-1.agora.io', 'https://api-eu-west-1.agora.io'],
		['custom', ' https://api-eu-west-1.agora.io/v1/ ', 'https://api-eu-west-1.agora.io'],
		['custom', 'http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['custom', 'http://localhost:4010/', 'http://localhost:4010'],
		['custom', 'http://[::1]:4010', 'http://[::1]:4010'],
	])('knows the host: %s %s', async (host, customHost, origin) => {
		expect((await read({ host, customHost })).host).toBe(origin);
	});

	it.each([
		undefined,
		'',
		'api.agora.io',
		'http://api.agora.io',
		'http://127.0.0.1.evil.example',
		'http://localhost.evil.example',
		'http://127.0.0.1@evil.example',
		'ftp://api.agora.io',
		'javascript:alert(1)',
	])('refuses ‘%s’ as custom host', async (customHost) => {
		const { details } = await faultOf(read({ host: 'custom', customHost }));
		expect(details.cause).toBe('configuration-invalid');
	});
});
