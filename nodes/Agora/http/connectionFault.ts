import { Fault } from './fault';
import type { CredentialType } from './send';

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
};

const SERVICES: Record<CredentialType, { service: string; advice: string }> = {
	agoraApi: { service: 'Agora', advice: 'Check the API Host in the Agora API credential' },
	agoraStorageApi: {
		service: 'The storage',
		advice:
			'Check vendor, region, endpoint and, for Azure, the account in the Agora Recording Storage API credential',
	},
};

/**
 * Says why no answer came, without anything of the request: n8n's error would carry its headers.
 *
 * @param error what n8n's HTTP helper threw
 * @param credential whose service was asked
 */
export function connectionFault(error: unknown, credential: CredentialType): ConnectionFault {
	if (error instanceof Fault) return { fault: error, onTheWay: false };
	const { message, code } = innermost(error);
	if (code === undefined) {
		// The credential refused to sign, or n8n to send: their words are for people.
		const fault = new Fault(message, { cause: 'configuration-invalid', neverReached: true });
		return { fault, onTheWay: false };
	}
	const { service, advice } = SERVICES[credential];
	const fault = new Fault(
		`${service} could not be reached: ${CODES_IN_WORDS[code] ?? 'the connection failed'}`,
		{
			description: `${advice} and that this n8n may reach it, then try again.`,
			cause: 'temporarily-unavailable',
			neverReached: NEVER_REACHED.has(code),
		},
	);
	return { fault, onTheWay: true };
}

/** The fault for an answer that was left off, because nothing that was asked for is so long. */
export function tooLong(credential: CredentialType): Fault {
	const { service, advice } = SERVICES[credential];
	return new Fault(`${service} gave an answer without end`, {
		description: `${advice}: what answers there is something else.`,
		cause: 'configuration-invalid',
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
