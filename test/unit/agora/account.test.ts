import { readAccount } from '../../../nodes/Agora/agora/account';
import { fakeContext, faultOf } from '../http/fakeContext';

const CREDENTIAL = {
	customerId: ' fake-customer ',
	customerSecret: 'fake-secret ',
	host: 'global',
};
const read = async (changes: object) =>
	await readAccount(fakeContext([], { ...CREDENTIAL, ...changes }).context);

describe('readAccount', () => {
	it('reads the credential once per execution', async () => {
		const credential = { ...CREDENTIAL };
		const { context } = fakeContext([], credential);
		const first = await readAccount(context);
		credential.customerId = 'another';
		expect(await readAccount(context)).toBe(first);
		const next = await readAccount(fakeContext([], credential).context);
		expect(next.customerId).toBe('another');
	});

	it('returns empty strings for missing values', async () => {
		expect(await read({})).toEqual({
			host: 'https://api.agora.io',
			customerId: 'fake-customer',
			appId: '',
			appCertificate: '',
			secrets: expect.any(Array),
		});
	});

	it('trims pasted values', async () => {
		expect(await read({ appId: ' app\n', appCertificate: '\tcert ' })).toMatchObject({
			appId: 'app',
			appCertificate: 'cert',
		});
	});

	it('contains the secrets in the forms that requests contain', async () => {
		const { secrets } = await read({ appCertificate: ' cert' });
		const pair = Buffer.from('fake-customer:fake-secret').toString('base64');
		expect(secrets).toEqual(['fake-secret', 'cert', pair]);
	});

	it.each([
		['china', undefined, 'https://api.sd-rtn.com'],
		['global', 'https://ignored.example', 'https://api.agora.io'],
		['custom', 'https://api-eu-west-1.agora.io', 'https://api-eu-west-1.agora.io'],
		['custom', ' https://api-eu-west-1.agora.io/v1/ ', 'https://api-eu-west-1.agora.io'],
		['custom', 'http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['custom', 'http://localhost:4010/', 'http://localhost:4010'],
		['custom', 'http://[::1]:4010', 'http://[::1]:4010'],
	])('reads the host: %s %s', async (host, customHost, origin) => {
		expect((await read({ host, customHost })).host).toBe(origin);
	});

	it('allows unencrypted HTTP to another machine with Allow Plain HTTP only', async () => {
		const customHost = 'http://agora.lan:4010/x';
		const credential = { host: 'custom', customHost, allowPlainHttp: true };
		expect((await read(credential)).host).toBe('http://agora.lan:4010');
		const { message, details } = await faultOf(read({ ...credential, allowPlainHttp: false }));
		expect(message).toContain('is unencrypted HTTP');
		expect(details.description).toContain('turn on Allow Plain HTTP');
	});

	it.each([
		['https://api.agora.io#@evil.example', 'https://api.agora.io'],
		['https://api.agora.io/@evil.example', 'https://api.agora.io'],
		['https://api.agora.io\\@evil.example', 'https://api.agora.io'],
		['https://api.agora.io?@evil.example', 'https://api.agora.io'],
		['https://[2001:db8::1]:8443/', 'https://[2001:db8::1]:8443'],
		['HTTPS://API.AGORA.IO', 'https://api.agora.io'],
		['http://0x7f.1', 'http://127.0.0.1'],
		['http://2130706433', 'http://127.0.0.1'],
	])('reads only the origin: %s', async (customHost, origin) => {
		expect((await read({ host: 'custom', customHost })).host).toBe(origin);
	});

	it.each([
		['https://api.agora.io@evil.example', 'evil.example'],
		['https://api.agora.io:x@evil.example', 'evil.example'],
		['https://user@api.agora.io', 'api.agora.io'],
		['https://аpi.agora.io', 'xn--pi-6kc.agora.io'],
		['https://api.agora。io', 'api.agora.io'],
		['https://api.ag\tora.io', 'api.agora.io'],
		['https://api.agora.io\u202E', ''],
	])('rejects a host that looks like another one: %s', async (customHost, real) => {
		const { message, details } = await faultOf(
			read({ host: 'custom', customHost, allowPlainHttp: true }),
		);
		expect(message).toMatch(/contains a user name or non-ASCII characters|is not an https URL/);
		expect(details.description).toContain(real);
	});

	it.each([
		undefined,
		'',
		'api.agora.io',
		'http://api.agora.io',
		'http://127.0.0.1.evil.example',
		'http://localhost.evil.example',
		'http://127.0.0.1@evil.example',
		'http://0.0.0.0',
		'http://[::ffff:127.0.0.1]',
		'http://127.0.0.1@evil.example',
		'ftp://api.agora.io',
		'javascript:alert(1)',
	])('rejects "%s" as custom host', async (customHost) => {
		const { details } = await faultOf(read({ host: 'custom', customHost }));
		expect(details.cause).toBe('configuration-invalid');
	});
});
