import { createHmac, timingSafeEqual } from 'crypto';

/** Headers by name in lower case, as Node returns them. */
type Headers = Record<string, string | string[] | undefined>;

/**
 * Checks that Agora sent a notification. Agora signs the body as it is: `Agora-Signature-V2` is HMAC-SHA256,
 * `Agora-Signature` HMAC-SHA1. The older one only counts where the newer one is missing.
 *
 * @param body the bytes that were received
 * @returns whether the signature is right, in a time that does not depend on where it is wrong
 *
 * Source: Agora, Notifications, add signature verification.
 */
export function isSigned(body: Buffer, headers: Headers, secret: string): boolean {
	if (secret === '') return false;
	const [signature, algorithm] =
		headers['agora-signature-v2'] === undefined
			? [headers['agora-signature'], 'sha1']
			: [headers['agora-signature-v2'], 'sha256'];
	if (typeof signature !== 'string') return false;
	const expected = Buffer.from(createHmac(algorithm, secret).update(body).digest('hex'));
	const received = Buffer.from(signature.trim().toLowerCase());
	return received.length === expected.length && timingSafeEqual(received, expected);
}
