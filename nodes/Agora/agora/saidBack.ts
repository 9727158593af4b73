import type { Answer } from '../http/send';
import { readJson } from './errors';

/** Where requests hold secrets (Agora: cloud recording, `start` and `update`). */
const SECRET_FIELDS = ['secretKey', 'stsToken', 'token', 'secret', 'salt', 'rtmpUrl'];

const LEFT_OUT = '(left out here, because it repeats a secret of the request)';

/**
 * Takes the words out of an answer that says a secret of the request back: Agora’s own words go into errors, and
 * a gateway or a proxy may put the whole request into them.
 *
 * @param secrets what the request carried or was made with, as it stood in it
 * @returns the answer; of one that repeats any of them only the status, the headers and Agora's `code`
 */
export function withoutSecrets(answer: Answer, secrets: string[]): Answer {
	const json = readJson(answer);
	const words = Object.values(json).filter((value) => typeof value === 'string');
	const said = secrets.filter(Boolean).flatMap(spellings);
	if (!said.some((secret) => words.some((text) => text.includes(secret)))) return answer;
	return { ...answer, body: JSON.stringify({ code: json.code, reason: LEFT_OUT }) };
}

/** As it is, in JSON (a body that is repeated) and in a URL. */
function spellings(secret: string): string[] {
	return [secret, JSON.stringify(secret).slice(1, -1), encode(secret)];
}

/** Half an emoji cannot be encoded, and what cannot be is repeated by nobody. */
function encode(text: string): string {
	return encodeURIComponent(Buffer.from(text).toString());
}

/** @returns every text in a request's body that stands in a field for secrets */
export function secretsIn(body: unknown): string[] {
	if (typeof body !== 'object' || body === null) return [];
	return Object.entries(body).flatMap(([name, value]) =>
		typeof value === 'string' && SECRET_FIELDS.includes(name) ? [value] : secretsIn(value),
	);
}
