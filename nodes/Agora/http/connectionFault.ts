import { Fault } from './fault';
import type { Service } from './send';

export interface ConnectionFault {
	fault: Fault;
	/** Whether the network failed; if not, sending it again would come to the same. */
	onTheWay: boolean;
}

/** A certificate is looked at before anything is sent. */
const NEVER_REACHED = new Set([
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
/** In words, because n8n replaces a message that holds such a code. */
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
	EPROTO: 'it does not answer with TLS, so it may be plain HTTP or another port',
	ERR_SSL_WRONG_VERSION_NUMBER:
		'it does not answer with TLS, so it may be plain HTTP or another port',
	ERR_INVALID_URL: 'its URL is not valid',
	EHOSTUNREACH: 'there is no route to the host',
	ENETUNREACH: 'there is no route to the network',
	HPE_INVALID_CONSTANT: 'it does not answer with HTTP, so it may be HTTPS or another service',
};

/**
 * Says why no answer came, without anything of the request: n8n's error would carry its headers.
 *
 * @param error what n8n's HTTP helper threw
 * @param service that was asked
 */
export function connectionFault(error: unknown, { name, advice }: Service): ConnectionFault {
	if (error instanceof Fault) return { fault: error, onTheWay: false };
	const { message, code } = innermost(error);
	if (code === undefined) {
		// The credential refused to sign, or n8n to send: their words are for people.
		const fault = new Fault(message, { cause: 'configuration-invalid', neverReached: true });
		return { fault, onTheWay: false };
	}
	const fault = new Fault(
		`${name} could not be reached: ${CODES_IN_WORDS[code] ?? 'the connection failed'}`,
		{
			description: `${advice} and that this n8n may reach it, then try again.`,
			cause: 'temporarily-unavailable',
			neverReached: NEVER_REACHED.has(code),
		},
	);
	return { fault, onTheWay: true };
}

/** The fault for an answer that was not read to its end, because nothing that is requested is so long. */
export function tooLong({ name, advice }: Service): Fault {
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
