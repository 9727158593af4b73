import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { notImplemented, s3Error } from './s3Error.ts';

/** The checksums that Node can compute. */
const CHECKSUMS: Record<string, (body: Buffer) => Buffer> = {
	'x-amz-checksum-crc32': (body) => {
		const bytes = Buffer.alloc(4);
		bytes.writeUInt32BE(crc32(body));
		return bytes;
	},
	'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest(),
	'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest(),
};

/** @returns whether a request has a digest of its body that Object Lock accepts */
export function hasDigest(headers: Record<string, string>): boolean {
	return Object.keys(headers).some((name) => name === 'content-md5' || checksumOf(name) !== null);
}

/** @returns the algorithm of an `x-amz-checksum-…` header, null for any other */
function checksumOf(name: string): string | null {
	const [, algorithm] = /^x-amz-checksum-(crc32c?|crc64nvme|sha1|sha256)$/.exec(name) ?? [];
	return algorithm ?? null;
}

/**
 * Checks the digests of a body (Amazon S3 API reference, PutObject).
 *
 * @throws S3Error for a wrong digest, and for an algorithm that this server does not implement
 */
export function checkDigests(headers: Record<string, string>, body: Buffer): void {
	const md5 = headers['content-md5'];
	if (md5 !== undefined) checkMd5(md5, body);
	for (const [name, value] of Object.entries(headers)) {
		const algorithm = checksumOf(name);
		if (algorithm === null) continue;
		const compute = CHECKSUMS[name];
		if (compute === undefined) throw notImplemented(`This server cannot check ${name}`);
		if (compute(body).toString('base64') === value) continue;
		throw s3Error(
			400,
			'BadDigest',
			`The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
		);
	}
}

function checkMd5(md5: string, body: Buffer): void {
	const sent = Buffer.from(md5, 'base64');
	if (sent.length !== 16 || sent.toString('base64') !== md5) {
		throw s3Error(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.', {
			'Content-MD5': md5,
		});
	}
	const computed = createHash('md5').update(body).digest();
	if (computed.equals(sent)) return;
	throw s3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.', {
		ExpectedDigest: md5,
		CalculatedDigest: computed.toString('base64'),
	});
}
