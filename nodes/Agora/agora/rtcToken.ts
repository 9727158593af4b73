import { createHmac, randomInt } from 'crypto';
import { Fault } from '../http/errors';

export interface RtcTokenInput {
	/** 32 hexadecimal characters, as is the certificate. */
	appId: string;
	appCertificate: string;
	channel: string;
	/** The UID or user account in the channel; 0 allows any. */
	uid: number | string;
	lifetimeSeconds: number;
	/** Whether the user may also publish audio, video and data. By default, the user may only join. */
	mayPublish?: boolean;
	/** Seconds since 1970, now by default. */
	issuedAt?: number;
	/** 1 to 99,999,999, random by default. */
	salt?: number;
}

const VERSION = '007';
const RTC_SERVICE = 1;
/** Join the channel, publish audio, publish video, publish data. */
const PRIVILEGES = [1, 2, 3, 4];
const HEX_32 = /^[0-9a-f]{32}$/i;

/**
 * Generates the token with which a user or a cloud recorder joins a channel (Agora: token authentication, AccessToken2;
 * cloud recording, `start`).
 *
 * @returns such as 007eAEB…, valid for this channel and UID for `lifetimeSeconds`
 * @throws Fault when App ID or App Certificate is not 32 hexadecimal characters
 */
export function rtcToken(input: RtcTokenInput): string {
	const { appId, appCertificate, channel, uid, lifetimeSeconds, mayPublish = false } = input;
	if (!HEX_32.test(appId)) throw notHex('App ID');
	if (!HEX_32.test(appCertificate)) throw notHex('App Certificate');
	const issuedAt = uint32(input.issuedAt ?? Math.floor(Date.now() / 1000));
	const salt = uint32(input.salt ?? randomInt(1, 100_000_000));
	const privileges = mayPublish ? PRIVILEGES : PRIVILEGES.slice(0, 1);
	const claims = Buffer.concat([
		packString(appId),
		issuedAt,
		uint32(lifetimeSeconds),
		salt,
		uint16(1),
		uint16(RTC_SERVICE),
		uint16(privileges.length),
		...privileges.flatMap((privilege) => [uint16(privilege), uint32(lifetimeSeconds)]),
		packString(channel),
		packString(String(uid) === '0' ? '' : String(uid)),
	]);
	const key = hmac(salt, hmac(issuedAt, appCertificate));
	const content = Buffer.concat([packString(hmac(key, claims)), claims]);
	return VERSION + storedZlib(content).toString('base64');
}

function notHex(field: string): Fault {
	return new Fault(`The ${field} is not 32 hexadecimal characters`, {
		description: 'Copy it from the Agora Console under Projects into the Agora API credential.',
		cause: 'configuration-invalid',
	});
}

/**
 * A zlib stream with its content uncompressed in one stored block (RFC 1950, RFC 1951 section 3.2.4), because the
 * package cannot import `zlib`.
 *
 * @param content at most 65,535 bytes
 */
function storedZlib(content: Buffer): Buffer {
	const header = Buffer.from([0x78, 0x01, 0x01]);
	const checksum = Buffer.alloc(4);
	checksum.writeUInt32BE(adler32(content));
	const length = content.length;
	return Buffer.concat([header, uint16(length), uint16(~length & 0xffff), content, checksum]);
}

function adler32(content: Buffer): number {
	let a = 1;
	let b = 0;
	for (const byte of content) {
		a = (a + byte) % 65_521;
		b = (b + a) % 65_521;
	}
	return b * 65_536 + a;
}

function packString(content: string | Buffer): Buffer {
	const bytes = Buffer.from(content as string);
	return Buffer.concat([uint16(bytes.length), bytes]);
}

function uint16(value: number): Buffer {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16LE(value);
	return bytes;
}

function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value);
	return bytes;
}

function hmac(key: Buffer, message: string | Buffer): Buffer {
	return createHmac('sha256', key).update(message).digest();
}
