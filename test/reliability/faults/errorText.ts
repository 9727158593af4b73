import type { Service } from './kinds.ts';

/** What no person should read in an error. */
const UNREADABLE: Array<[RegExp, string]> = [
	[/\bE(?:[A-Z]{4,}|AI_[A-Z]+)\b|\bERR_[A-Z_]+|DEPTH_ZERO|SELF_SIGNED/, 'a raw code'],
	[/<\/?[a-z!][^>]*>/i, 'markup'],
	[
		/Cannot (?:read|destructure)|is not (?:a function|iterable)|\[object |\bundefined\b|\bNaN\b|Unexpected token|JSON at position/,
		'words of the machine',
	],
	[/Authorization|Basic [A-Za-z0-9+/=]{8}|X-Amz-Signature|AWS4-HMAC/, 'a header or signature'],
];
/** Of Agora, whose host is in the credential, no address is named. Of storage its endpoint is, but no more of a URL. */
const ADDRESS: Record<Service, RegExp> = {
	agora: /127\.0\.0\.1|faults\.test|https?:\/\/\S+:\d+/,
	bucket: /https?:\/\/[^\s"/]+\/\S/,
};

/** A sentence that tells what to do has so many letters at least. */
const SHORTEST_ADVICE = 15;

/**
 * @returns what is wrong with an error as a person reads it: something they cannot read, or nothing that says
 *   what to do
 */
export function checkError(
	{ message, description }: { message: string; description: string },
	service: Service,
) {
	const broken = [...UNREADABLE, [ADDRESS[service], 'an address'] as const]
		.filter(([pattern]) => pattern.test(`${message}\n${description}`))
		.map(([, what]) => `${what} in: ${message} | ${description}`);
	if (message.trim() === '') broken.push('an error without words');
	if (description.trim().length < SHORTEST_ADVICE)
		broken.push(`nothing says what to do: ${message} | ${description}`);
	return broken;
}
