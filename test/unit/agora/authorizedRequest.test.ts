import { authorizedRequest } from '../../../nodes/Agora/agora/account';
import { Fault } from '../../../nodes/Agora/http/errors';

const CREDENTIAL = { customerId: 'fake-customer', customerSecret: 'FAKE-SECRET', host: 'global' };
const custom = (customHost: string, allowPlainHttp?: boolean) => ({
	...CREDENTIAL,
	host: 'custom',
	customHost,
	...(allowPlainHttp !== undefined && { allowPlainHttp }),
});

describe('authorizedRequest', () => {
	it.each([
		[CREDENTIAL, { url: 'https://api.agora.io/dev/v1/projects' }],
		// An HTTP Request node can use any host of Agora's.
		[CREDENTIAL, { url: 'https://api-eu-west-1.agora.io/x?y=z' }],
		[CREDENTIAL, { uri: 'https://api.agora.io/x' }],
		[CREDENTIAL, { baseURL: 'https://api.agora.io', url: '/x' }],
		[custom('http://127.0.0.1:4010'), { baseURL: 'http://127.0.0.1:4010', url: '/x' }],
		[custom('http://agora.lan', true), { url: 'http://agora.lan/x' }],
	])('adds the credentials: %j', (credential, options) => {
		expect(authorizedRequest(credential as never, options as never)).toEqual({
			...options,
			auth: { username: 'fake-customer', password: 'FAKE-SECRET' },
			sendCredentialsOnCrossOriginRedirect: false,
		});
	});

	it.each([
		[CREDENTIAL, { url: 'http://api.agora.io/x' }],
		[CREDENTIAL, { url: '/x' }],
		[CREDENTIAL, { url: '' }],
		[CREDENTIAL, { url: 'ftp://api.agora.io/x' }],
		// The option is hidden and has no effect for Agora's hosts.
		[{ ...CREDENTIAL, allowPlainHttp: true }, { url: 'http://api.agora.io/x' }],
		[custom('http://agora.lan'), { url: 'http://agora.lan/x' }],
		[custom('http://agora.lan', true), { url: 'http://agora.lan:81/x' }],
		[custom('http://agora.lan', true), { url: 'http://agora.lan@evil.example/x' }],
		[custom('https://api.agora.io@evil.example'), { url: 'https://api.agora.io/x' }],
	])('does not send them in clear text or to an unknown host: %j', (credential, options) => {
		expect(() => authorizedRequest(credential as never, options as never)).toThrow(Fault);
	});
});
