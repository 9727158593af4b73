import { AccessToken2 } from 'agora-token/src/AccessToken2.js';
import { Fault } from '../../../../../nodes/Agora/http/fault';
import { recorderToken } from '../../../../../nodes/Agora/operations/recording/start/token';

const ACCOUNT = {
	host: 'https://agora.example',
	customerId: 'c',
	appId: 'a'.repeat(32),
	appCertificate: 'b'.repeat(32),
	secrets: [],
};
const CHANNEL = { appId: ACCOUNT.appId, cname: 'class-7b', uid: '527841' };

const lifetime = (token: string | undefined) => {
	const parsed = new AccessToken2('', '', 0, 0);
	expect(parsed.from_string(token)).toBe(true);
	return parsed.expire / 3600;
};

describe('recorderToken', () => {
	it('makes one that lives as long as told', () => {
		expect(lifetime(recorderToken(ACCOUNT, CHANNEL, 'mix', { hours: 24 }))).toBe(24);
		expect(lifetime(recorderToken(ACCOUNT, CHANNEL, 'raw', { hours: 720 }))).toBe(720);
	});

	it('takes the one that was given', () => {
		expect(recorderToken(ACCOUNT, CHANNEL, 'mix', { given: ' mine ', hours: 24 })).toBe('mine');
	});

	it('makes none for another project than the certificate’s', () => {
		const elsewhere = { ...CHANNEL, appId: 'c'.repeat(32) };
		expect(recorderToken(ACCOUNT, elsewhere, 'mix', { hours: 24 })).toBeUndefined();
	});

	it('makes none without a certificate, nor for a page', () => {
		const bare = { ...ACCOUNT, appCertificate: '' };
		expect(recorderToken(bare, CHANNEL, 'mix', { hours: 24 })).toBeUndefined();
		expect(recorderToken(ACCOUNT, CHANNEL, 'web', { given: 'mine', hours: 24 })).toBeUndefined();
	});

	it.each([0, 721, 1.5, NaN])('refuses a lifetime of %d hours', (hours) => {
		expect(() => recorderToken(ACCOUNT, CHANNEL, 'mix', { hours })).toThrow(Fault);
	});
});
