import type { Failure, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

/** Why a request failed, in the terms of n8n's scheduler (n8n: `Failure` of an error). */
export type FaultCause =
	| 'rate-limited'
	| 'quota-exhausted'
	| 'temporarily-unavailable'
	| 'credential-invalid'
	| 'configuration-invalid';

export interface FaultDetails {
	/** What the user can do. */
	description?: string;
	/** HTTP status of the response, if there was one. */
	httpCode?: string;
	cause?: FaultCause;
	/** From the response's `Retry-After`, in milliseconds. */
	retryAfterMs?: number;
	/** The request had no effect, as it never reached the service. */
	notSent?: boolean;
	/** Only this object is affected: it is archived, may not be read, or is too large. */
	onlyThisObject?: boolean;
	/** The recording that may be running despite the error, e.g. `resource ID abc`. */
	mayBeRunning?: string;
	/** A retry starts no second recording, even if one is running. */
	isRepeatable?: boolean;
}

/**
 * An error that is not yet tied to a node and an item; `toNodeError` makes n8n's error of it. `message` says what
 * happened, `details.description` what to do. Never contains a secret, a header or a signed URL.
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
 * @param advice appended to the fault's description
 * @param more details to add or replace
 * @returns a copy of the fault with these changes; any other error unchanged
 */
export function withAdvice<Thrown>(
	error: Thrown,
	advice: string,
	more: FaultDetails = {},
): Thrown | Fault {
	if (!(error instanceof Fault)) return error;
	const { message, details } = error;
	const description = [details.description, advice].filter(Boolean).join(' ');
	return new Fault(message, { ...details, ...more, description });
}

/** @returns an error's message and description as one string, for places that show only one */
export function fullText(message: string, description?: string | null): string {
	return [message.replace(/\.?$/, '.'), description].filter(Boolean).join(' ');
}

/** Whether a recording may be running despite an error. */
export function mayBeRunning(error: unknown): error is Fault {
	return error instanceof Fault && error.details.mayBeRunning !== undefined;
}

/** n8n recognizes a canceled execution by the word "canceled" in the message. */
export function canceled(): Fault {
	return new Fault('The execution was canceled');
}

/** Codes of errors before the request is sent. TLS certificates are checked before that. */
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
const NOT_TLS =
	'the server does not respond with TLS, so it may expect plain HTTP or use another port';
/** Must not contain the code itself: n8n replaces a message that contains one. */
const CODE_TEXTS: Record<string, string> = {
	ECONNREFUSED: 'the connection was refused',
	ENOTFOUND: 'the host name could not be resolved',
	EAI_AGAIN: 'the DNS server for the host name did not respond',
	ECONNRESET: 'the connection was interrupted',
	ECONNABORTED: 'the request timed out',
	ETIMEDOUT: 'the request timed out',
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
	HPE_INVALID_CONSTANT:
		'the server does not respond with HTTP, so it may expect HTTPS or be another service',
};

/** Why a request got no response. */
export interface ConnectionFault {
	fault: Fault;
	/** Whether the network failed. Otherwise a retry would fail the same way. */
	isNetwork: boolean;
}

/** How error messages refer to a service. */
export interface ServiceName {
	/** Starts a sentence, e.g. "The storage". */
	name: string;
	/** What to check when it cannot be reached; starts a sentence and has no full stop. */
	advice: string;
}

/**
 * Explains why a request got no response. Contains nothing of the request, as n8n's own error contains its headers.
 *
 * @param error thrown by n8n's HTTP helper
 */
export function connectionFault(error: unknown, { name, advice }: ServiceName): ConnectionFault {
	if (error instanceof Fault) return { fault: error, isNetwork: false };
	const { message, code } = innermost(error);
	if (code === undefined) {
		// Thrown by the credential or by n8n before sending; these messages are meant for users.
		const fault = new Fault(message, { cause: 'configuration-invalid', notSent: true });
		return { fault, isNetwork: false };
	}
	const fault = new Fault(
		`${name} could not be reached: ${CODE_TEXTS[code] ?? 'the connection failed'}`,
		{
			description: `${advice} and that n8n can reach it, then try again.`,
			cause: 'temporarily-unavailable',
			notSent: NOT_SENT.has(code),
		},
	);
	return { fault, isNetwork: true };
}

export function responseTooLarge({ name, advice }: ServiceName): Fault {
	return new Fault(`The response from ${name.replace(/^The/, 'the')} is too large`, {
		description: `${advice}: another service may be responding there.`,
		cause: 'configuration-invalid',
		onlyThisObject: true,
	});
}

/** n8n wraps errors of the HTTP client, sometimes more than once; the innermost error has the code. */
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
 * Converts anything thrown into the error that n8n shows.
 *
 * @param node the running node
 * @param itemIndex the input item that failed, if there is one
 * @returns a NodeApiError if a service responded, otherwise a NodeOperationError. Only strings are copied from the
 *   original error, as an HTTP error contains the request's headers and with them the credentials.
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

/** By name, as errors from another copy of n8n-workflow, such as n8n's own, are instances of other classes. */
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
