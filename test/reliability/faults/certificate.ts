import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What a TLS server shows, as PEM. */
export interface Certificate {
	cert: string;
	key: string;
}

const DAY_MS = 24 * 3_600_000;

/**
 * Makes a certificate that has signed itself, good for a day. Node can read X.509 but not write it, so its few
 * parts are written here (RFC 5280).
 *
 * @param host the host name it is for, `*.` included
 */
export function selfSigned(host: string): Certificate {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8, Buffer.from(host)))));
	const names = der(SEQUENCE, der(DNS_NAME, Buffer.from(host)));
	const extension = der(SEQUENCE, ALTERNATIVE_NAME, der(OCTETS, names));
	const body = der(
		SEQUENCE,
		der(VERSION, der(INTEGER, Buffer.of(2))),
		der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(8)])),
		ECDSA_SHA256,
		name,
		der(SEQUENCE, time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(EXTENSIONS, der(SEQUENCE, extension)),
	);
	const signature = Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]);
	const certificate = der(SEQUENCE, body, ECDSA_SHA256, der(BITS, signature));
	return {
		cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
	};
}

const [INTEGER, BITS, OCTETS, OBJECT, UTF8, UTC_TIME] = [0x02, 0x03, 0x04, 0x06, 0x0c, 0x17];
const [SEQUENCE, SET, DNS_NAME, VERSION, EXTENSIONS] = [0x30, 0x31, 0x82, 0xa0, 0xa3];
const COMMON_NAME = der(OBJECT, Buffer.of(0x55, 0x04, 0x03));
const ALTERNATIVE_NAME = der(OBJECT, Buffer.of(0x55, 0x1d, 0x11));
const ECDSA_SHA256 = der(
	SEQUENCE,
	der(OBJECT, Buffer.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)),
);

function der(tag: number, ...parts: Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const { length } = content;
	const size =
		length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function time(ms: number): Buffer {
	const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
	return der(UTC_TIME, Buffer.from(`${digits}Z`));
}
