import type { Failure, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

/** Why a request failed, in the terms of n8n's scheduler (n8n: error `failure`). */
export type FaultCause =
	| 'rate-limited'
	| 'quota-exhausted'
	| 'temporarily-unavailable'
	| 'credential-invalid'
	| 'configuration-invalid';

export interface FaultDetails {
	/** What the user can do about it. */
	description?: string;
	/** HTTP status of the answer, where there was one. */
	httpCode?: string;
	cause?: FaultCause;
	/** How long the service asked us to wait, in milliseconds. */
	retryAfterMs?: number;
	/** The request certainly had no effect: it never reached the service. */
	notSent?: boolean;
	/** It concerns this one object, not the others: it is archived, may not be read, or is too large. */
	onlyThisObject?: boolean;
	/** What may be running in spite of the error, by the name under which it is found, such as a resource ID. */
	mayBeRunning?: string;
	/** Trying again starts no second recording, although one may be running. */
	isRepeatable?: boolean;
}

/**
 * Something that went wrong between us and a service, before n8n's node and item are known: `message`
 * says what happened, `details.description` what to do. Never contains a secret, a header or a signed URL.
 */
export class Fault extends Error {
	readonly details: FaultDetails;

	constructor(message: string, details: FaultDetails = {}) {
		super(message);
		this.name = 'Fault';
		this.details = details;
	}
}

/**
 * @param advice added after what the fault advises already
 * @param more further details
 * @returns a copy of the fault with both
 */
export function withAdvice({ message, details }: Fault, advice: string, more: FaultDetails = {}) {
	const description = [details.description, advice].filter(Boolean).join(' ');
	return new Fault(message, { ...details, ...more, description });
}

/** @returns an error's message and its description as sentences, for places that show only one text */
export function fullText(message: string, description?: string | null): string {
	return [message.replace(/\.?$/, '.'), description].filter(Boolean).join(' ');
}

/** Whether an error says that a recording may be running all the same. */
export function mayBeRunning(error: unknown): error is Fault {
	return error instanceof Fault && error.details.mayBeRunning !== undefined;
}

/** n8n recognizes a stopped execution by the word "canceled" in the message. */
export function canceled(): Fault {
	return new Fault('The execution was canceled');
}

/** TLS certificates are checked before anything is sent. */
const NOT_SENT = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'CERT_HAS_EXPIRED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'EPROTO',
	'ERR_SSL_WRONG_VERSION_NUMBER',
	'ERR_INVALID_URL',
	'EHOSTUNREACH',
	'ENETUNREACH',
]);
const NOT_TLS = 'it does not answer with TLS, so it may be plain HTTP or another port';
/** In words, because n8n replaces a message that contains such a code. */
const CODES_IN_WORDS: Record<string, string> = {
	ECONNREFUSED: 'the connection was refused',
	ENOTFOUND: 'the host name is not known',
	EAI_AGAIN: 'the host name could not be looked up',
	ECONNRESET: 'the connection broke off',
	ECONNABORTED: 'no answer came in time',
	ETIMEDOUT: 'no answer came in time',
	CERT_HAS_EXPIRED: 'its certificate has expired',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
	SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
	ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
	EPROTO: NOT_TLS,
	ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
	ERR_INVALID_URL: 'its URL is not valid',
	EHOSTUNREACH: 'there is no route to the host',
	ENETUNREACH: 'there is no route to the network',
	HPE_INVALID_CONSTANT: 'it does not answer with HTTP, so it may be HTTPS or another service',
};

/** A request without an answer. */
export interface ConnectionFault {
	fault: Fault;
	/** Whether the network failed. If not, another attempt would fail in the same way. */
	isNetwork: boolean;
}

/** How messages name a service. */
export interface ServiceName {
	/** "Agora", "The storage". */
	name: string;
	/** What to check when it cannot be reached, as the beginning of a sentence. */
	advice: string;
}

/**
 * Explains why no answer came, without anything of the request: n8n's error would carry its headers.
 *
 * @param error what n8n's HTTP helper threw
 */
export function connectionFault(error: unknown, { name, advice }: ServiceName): ConnectionFault {
	if (error instanceof Fault) return { fault: error, isNetwork: false };
	const { message, code } = innermost(error);
	if (code === undefined) {
		// The credential refused to sign, or n8n to send: their messages are meant for users.
		const fault = new Fault(message, { cause: 'configuration-invalid', notSent: true });
		return { fault, isNetwork: false };
	}
	const fault = new Fault(
		`${name} could not be reached: ${CODES_IN_WORDS[code] ?? 'the connection failed'}`,
		{
			description: `${advice} and that this n8n may reach it, then try again.`,
			cause: 'temporarily-unavailable',
			notSent: NOT_SENT.has(code),
		},
	);
	return { fault, isNetwork: true };
}

/** The fault for an answer that was not read to its end, because nothing that is requested is so long. */
export function tooLong({ name, advice }: ServiceName): Fault {
	return new Fault(`The response from ${name.replace(/^The/, 'the')} is too large`, {
		description: `${advice}: what answers there is something else.`,
		cause: 'configuration-invalid',
		onlyThisObject: true,
	});
}

/** n8n wraps what the HTTP client threw, at times more than once; the innermost error has the code. */
function innermost(error: unknown): { message: string; code: string | undefined } {
	let current = error as { message?: string; code?: unknown; cause?: unknown };
	while (current.code === undefined && current.cause instanceof Error) current = current.cause;
	return {
		message: current.message ?? 'The request could not be sent',
		code: typeof current.code === 'string' ? current.code : undefined,
	};
}

type NodeError = NodeApiError | NodeOperationError;

/**
 * Turns anything thrown into the error n8n shows.
 *
 * @param node the node that ran
 * @param error what was caught
 * @param itemIndex the input item it belongs to, where there is one
 * @returns a NodeApiError when a service answered, a NodeOperationError otherwise. It is built from plain
 *   words only: a caught HTTP error would carry the request's headers, and with them the credentials.
 */
export function toNodeError(node: INode, error: unknown, itemIndex?: number): NodeError {
	if (isNodeError(error)) {
		if (itemIndex !== undefined) error.context.itemIndex = itemIndex;
		return error;
	}
	if (!(error instanceof Fault)) {
		return new NodeOperationError(node, (error as Error).message, { itemIndex });
	}
	const { message } = error;
	const { description, httpCode } = error.details;
	const options = { message, description, itemIndex, failure: failureOf(error) };
	return httpCode === undefined
		? new NodeOperationError(node, message, options)
		: new NodeApiError(node, { message, httpCode } as JsonObject, { ...options, httpCode });
}

/** By name, because another copy of n8n-workflow (n8n's own, say) has classes of its own. */
function isNodeError(error: unknown): error is NodeError {
	const { name, context } = (error ?? {}) as Partial<NodeError>;
	const isNamed = name === 'NodeApiError' || name === 'NodeOperationError';
	return isNamed && typeof context === 'object';
}

function failureOf({ details: { cause, retryAfterMs } }: Fault): Failure | undefined {
	if (cause === undefined) return undefined;
	if (cause === 'credential-invalid' || cause === 'configuration-invalid') return { cause };
	return { cause, retryAfterMs };
}
