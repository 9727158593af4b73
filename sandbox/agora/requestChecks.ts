import type { z } from 'zod';
import { redact } from '../redact.ts';
import { serviceAnswer, type Answer } from './answer.ts';
import { requestSchema, type Action, type Mode } from './schema/requests.ts';

interface Checked {
	action: Action;
	/** Null for acquire. */
	mode: Mode | null;
}

/** A request whose body the schema refused. */
export interface Refusal extends Checked {
	/** The first wrong field, such as `clientRequest.recordingConfig.maxIdleTime`. */
	path: string;
	/** What the answer says. */
	reason: string;
	/** The whole body; in the place of each secret stands `(hidden)`. */
	body: unknown;
}

/** A request with keys that Agora does not know in that mode. Agora ignores them. */
export interface UnknownKeys extends Checked {
	cname: string;
	/** Such as `clientRequest.recordingConfig.maxIdelTime`. */
	keys: string[];
}

const INVALID = 2;

/** Holds the bodies of requests against the schema, and remembers what it found. */
export class RequestChecks {
	refusals: Refusal[] = [];
	unknownKeys: UnknownKeys[] = [];

	/** Agora's refusal of a body, or undefined. */
	refusalOf(action: Action, mode: Mode | null, body: object): Answer | undefined {
		const { error, data } = requestSchema(action, mode).safeParse(body);
		if (error) {
			const [issue] = error.issues as [z.ZodIssue];
			const path = issue.path.join('.');
			const code = codeOf(issue);
			const reason = code === INVALID ? `${path}: ${issue.message}` : issue.message;
			this.refusals.push({ action, mode, path, reason, body: redact(body) });
			return serviceAnswer(400, code, reason);
		}
		const keys = missingKeys(body, data);
		if (keys.length > 0) this.unknownKeys.push({ action, mode, cname: data.cname, keys });
		return undefined;
	}

	clear(): void {
		this.refusals = [];
		this.unknownKeys = [];
	}
}

function codeOf(issue: z.ZodIssue): number {
	return issue.code === 'custom' ? (issue.params?.code ?? INVALID) : INVALID;
}

/** Paths of the keys that the parsed value lacks. */
function missingKeys(value: unknown, parsed: unknown, path = ''): string[] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, each]) => {
		const parsedObject = parsed as Record<string, unknown>;
		return Object.hasOwn(parsedObject, key)
			? missingKeys(each, parsedObject[key], `${path}${key}.`)
			: [`${path}${key}`];
	});
}
