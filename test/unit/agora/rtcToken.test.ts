import { AccessToken2, kRtcServiceType } from 'agora-token/src/AccessToken2.js';
import { inflateSync } from 'zlib';
import { rtcToken } from '../../../nodes/Agora/agora/rtcToken';
import { randomSource } from '../randomSource';

const content = (token: string) => inflateSync(Buffer.from(token.slice(3), 'base64'));

/** Agora's published example: its App ID and certificate open nothing. */
const PUBLISHED = {
	appId: '970CA35de60c44645bbae8a215061b33',
	appCertificate: '5CFd2fd1755d40ecb72977518be15d3b',
	channel: '7d72365eb983485397e3e3f9d460bdda',
	uid: 2882341273,
	lifetimeSeconds: 600,
	issuedAt: 1111111,
	salt: 1,
};
const PUBLISHED_TOKEN =
	'007eJxTYBBbsMMnKq7p9Hf/HcIX5kce9b518kCiQgSr5Zrp4X1Tu6UUGCzNDZwdjU1TUs0Mkk1MzExMk5ISUy0SjQxNDcwMk4yN3b8IMEQwMTAwMoAwBIL4CgzmKeZGxmamqUmWFsYmFqbGluapxqnGaZYpJmYGSSkpiVwMRhYWRsYmhkbmxgDCaiTj';

describe('rtcToken', () => {
	it('has the same content as the token that Agora published', () => {
		expect(rtcToken(PUBLISHED).slice(0, 3)).toBe('007');
		expect(content(rtcToken(PUBLISHED))).toEqual(content(PUBLISHED_TOKEN));
	});

	it.each([
		['join', undefined, [1]],
		['join', false, [1]],
		['join and publish', true, [1, 2, 3, 4]],
	])("is verified by Agora's library for 1,000 random inputs: %s (%p)", (...row) => {
		const [, mayPublish, privileges] = row;
		const random = randomSource(7);
		for (let i = 0; i < 1000; i++) {
			const appId = random.text('0123456789abcdefABCDEF', 32);
			const appCertificate = random.text('0123456789abcdef', 32);
			const channel = random.text('aZ09-_ !#$%&()+:;<=.>?@[]^{}|~,é漢😀', random.integer(1, 64));
			const uid = random.integer(0, 4_294_967_295);
			const lifetimeSeconds = random.integer(1, 86_400);
			const issuedAt = random.integer(1, 4_000_000_000);
			const salt = random.integer(1, 99_999_999);
			const token = rtcToken({
				appId,
				appCertificate,
				channel,
				uid: random.integer(0, 1) ? uid : String(uid),
				lifetimeSeconds,
				mayPublish,
				issuedAt,
				salt,
			});

			const read = new AccessToken2('', '', 0, 0);
			expect(read.from_string(token)).toBe(true);
			expect(read.verifySignature(appCertificate)).toBe(true);
			expect(String(read.appId)).toBe(appId);
			expect(read).toMatchObject({ issueTs: issuedAt, expire: lifetimeSeconds, salt });
			expect(read.services).toHaveLength(1);
			const [service] = read.getServices(kRtcServiceType);
			expect(String(service.__channel_name)).toBe(channel);
			expect(String(service.__uid)).toBe(uid === 0 ? '' : String(uid));
			expect(service.__privileges).toEqual(
				Object.fromEntries(privileges.map((privilege) => [privilege, lifetimeSeconds])),
			);
		}
	});

	it('contains a user account', () => {
		const read = new AccessToken2('', '', 0, 0);
		read.from_string(rtcToken({ ...PUBLISHED, uid: 'ada.l@example.com' }));
		expect(String(read.getServices(kRtcServiceType)[0].__uid)).toBe('ada.l@example.com');
	});

	it('contains an empty UID for any user', () => {
		expect(content(rtcToken({ ...PUBLISHED, uid: 0 })).subarray(-2)).toEqual(Buffer.alloc(2));
		expect(rtcToken({ ...PUBLISHED, uid: '0' })).toBe(rtcToken({ ...PUBLISHED, uid: 0 }));
	});

	it('is issued now, with a random salt', () => {
		const input = { ...PUBLISHED, issuedAt: undefined, salt: undefined };
		const before = Math.floor(Date.now() / 1000);
		const read = new AccessToken2('', '', 0, 0);
		read.from_string(rtcToken(input));
		expect(read.issueTs).toBeGreaterThanOrEqual(before);
		expect(read.issueTs).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
		expect(read.salt).toBeGreaterThanOrEqual(1);
		expect(rtcToken(input)).not.toBe(rtcToken(input));
	});

	it.each([
		['App ID', { appId: 'short' }],
		['App Certificate', { appCertificate: '' }],
	])('reports an invalid %s without repeating it', (field, wrong) => {
		expect(() => rtcToken({ ...PUBLISHED, ...wrong })).toThrow(
			`The ${field} is not 32 hexadecimal characters`,
		);
	});
});
