import type { z } from 'zod';
import type { ApiResponse } from '../router.ts';
import { redact } from './recordingRequest.ts';
import { recordingError } from './recordingResponses.ts';
import { requestSchema, type Action, type Mode } from './schema/requests.ts';

interface RequestType {
	action: Action;
	/** Null for acquire. */
	mode: Mode | null;
}

/** A request whose body does not match the schema. */
export interface Rejection extends RequestType {
	/** The first invalid field, such as `clientRequest.recordingConfig.maxIdleTime`. */
	path: string;
	/** `reason` of the response. */
	reason: string;
	/** The whole body, in which each secret is replaced with `(hidden)`. */
	body: unknown;
}

/** A request with keys that Agora doesn't know in that mode, and ignores. */
export interface UnknownKeys extends RequestType {
	cname: string;
	/** Such as `clientRequest.recordingConfig.maxIdelTime`. */
	keys: string[];
}

const INVALID_PARAMETER = 2;

/** Validates request bodies against the schema, and records what it finds. */
export class RequestValidator {
	rejections: Rejection[] = [];
	unknownKeys: UnknownKeys[] = [];

	/** Returns Agora's error response to an invalid body; undefined for a valid one. */
	validate(action: Action, mode: Mode | null, body: object): ApiResponse | undefined {
		const { error, data } = requestSchema(action, mode).safeParse(body);
		if (error) {
			const [issue] = error.issues as [z.ZodIssue];
			const path = issue.path.join('.');
			const code = errorCode(issue);
			const reason = code === INVALID_PARAMETER ? `${path}: ${issue.message}` : issue.message;
			this.rejections.push({ action, mode, path, reason, body: redact(body) });
			return recordingError(400, code, reason);
		}
		const keys = missingKeys(body, data);
		if (keys.length > 0) this.unknownKeys.push({ action, mode, cname: data.cname, keys });
		return undefined;
	}

	clear(): void {
		this.rejections = [];
		this.unknownKeys = [];
	}
}

function errorCode(issue: z.ZodIssue): number {
	return issue.code === 'custom' ? (issue.params?.code ?? INVALID_PARAMETER) : INVALID_PARAMETER;
}

/** Paths of the keys that are missing in the parsed value. */
function missingKeys(value: unknown, parsed: unknown, path = ''): string[] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, each]) => {
		const parsedObject = parsed as Record<string, unknown>;
		return Object.hasOwn(parsedObject, key)
			? missingKeys(each, parsedObject[key], `${path}${key}.`)
			: [`${path}${key}`];
	});
}
