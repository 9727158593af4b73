import { createHmac, randomBytes } from 'node:crypto';
import { isSigned } from '../../../nodes/Agora/events/signature';

/** The body with which Agora's documentation computed its signatures, and both signatures. */
const BODY = Buffer.from(
	'{"eventMs":1560408533119,"eventType":10,"noticeId":"4eb720f0-8da7-11e9-a43e-53f411c2761f","notifyMs":1560408533119,"payload":{"a":"1","b":2},"productId":1}',
);
const SHA1 = '033c62f40f687675f17f0f41f91a40c71c0f134c';
const SHA256 = '6d3320c60b11101395b7fc8f9068748808a0aa1bfa064438e39d1bc2c7d74d99';

describe("Agora's published vector", () => {
	it.each([
		['both headers', { 'agora-signature': SHA1, 'agora-signature-v2': SHA256 }, true],
		['the newer header', { 'agora-signature-v2': SHA256 }, true],
		['the older header', { 'agora-signature': SHA1 }, true],
		['upper case', { 'agora-signature-v2': SHA256.toUpperCase() }, true],
		['no header', {}, false],
		['an empty header', { 'agora-signature-v2': '' }, false],
		[
			'a wrong newer and a right older header',
			{ 'agora-signature': SHA1, 'agora-signature-v2': SHA1 },
			false,
		],
		['the other algorithm', { 'agora-signature': SHA256 }, false],
		['two headers of the same name', { 'agora-signature-v2': [SHA256, SHA256] }, false],
		['a signature that goes on', { 'agora-signature-v2': `${SHA256}00` }, false],
		['part of the signature', { 'agora-signature-v2': SHA256.slice(0, 32) }, false],
	])('%s', (_, headers, expected) => {
		expect(isSigned(BODY, headers, 'secret')).toBe(expected);
	});

	it.each([
		['another secret', BODY, 'Secret'],
		['no secret', BODY, ''],
		['another body', Buffer.concat([BODY, Buffer.from(' ')]), 'secret'],
	])('%s is refused', (_, body, secret) => {
		expect(isSigned(body, { 'agora-signature-v2': SHA256 }, secret)).toBe(false);
	});
});

it('agrees with the crypto module on 1,000 random bodies', () => {
	for (let round = 0; round < 1000; round++) {
		const body = randomBytes(round);
		const secret = randomBytes(1 + (round % 40)).toString('hex');
		const sign = (algorithm: string) => createHmac(algorithm, secret).update(body).digest('hex');
		expect(isSigned(body, { 'agora-signature-v2': sign('sha256') }, secret)).toBe(true);
		expect(isSigned(body, { 'agora-signature': sign('sha1') }, secret)).toBe(true);
		const changed = Buffer.concat([body, Buffer.of(0)]);
		expect(isSigned(changed, { 'agora-signature-v2': sign('sha256') }, secret)).toBe(false);
	}
});
