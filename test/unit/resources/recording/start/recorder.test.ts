import { AccessToken2 } from 'agora-token/src/AccessToken2.js';
import { recorderToken } from '../../../../../nodes/Agora/resources/recording/start/recorder';
import type { Mode } from '../../../../../nodes/Agora/resources/recording/start/settings';
import { faultOf } from '../../../http/fakeContext';

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

const of = (mode: Mode, tokenHours: number, token?: string) => ({ mode, tokenHours, token });

describe('recorderToken', () => {
	it('lasts as long as requested', () => {
		expect(lifetime(recorderToken(ACCOUNT, CHANNEL, of('mix', 24)))).toBe(24);
		expect(lifetime(recorderToken(ACCOUNT, CHANNEL, of('raw', 720)))).toBe(720);
	});

	it('is the token from Options if there is one', () => {
		expect(recorderToken(ACCOUNT, CHANNEL, of('mix', 24, ' mine '))).toBe('mine');
	});

	it('is generated if the token from Options is blank', () => {
		expect(lifetime(recorderToken(ACCOUNT, CHANNEL, of('mix', 24, ' ')))).toBe(24);
	});

	it("is not generated for another App ID than the credential's", () => {
		const otherProject = { ...CHANNEL, appId: 'c'.repeat(32) };
		expect(recorderToken(ACCOUNT, otherProject, of('mix', 24))).toBeUndefined();
	});

	it('is not generated without an App Certificate, or for a web page', () => {
		const withoutCertificate = { ...ACCOUNT, appCertificate: '' };
		expect(recorderToken(withoutCertificate, CHANNEL, of('mix', 24))).toBeUndefined();
		expect(recorderToken(ACCOUNT, CHANNEL, of('web', 24, 'mine'))).toBeUndefined();
	});

	it.each([0, 721, 1.5, NaN])('cannot last %d hours', async (hours) => {
		const { message, details } = await faultOf(
			(async () => recorderToken(ACCOUNT, CHANNEL, of('mix', hours)))(),
		);
		expect(message).toBe('"Token Lifetime (Hours)" has an invalid value');
		expect(details.description).toContain('from 1 to 720');
	});
});
