/** Why a request failed, in the words n8n's scheduler understands (n8n: error `failure`). */
export type FaultCause =
	| 'rate-limited'
	| 'quota-exhausted'
	| 'temporarily-unavailable'
	| 'credential-invalid'
	| 'configuration-invalid';

export interface FaultDetails {
	/** What the person can do about it. */
	description?: string;
	/** HTTP status of the answer, where there was one. */
	httpCode?: string;
	cause?: FaultCause;
	/** How long the service asked us to wait, in milliseconds. */
	retryAfterMs?: number;
	/** The request certainly had no effect: the service was never reached. */
	neverReached?: boolean;
	/** It concerns this one object, not the others: it is archived, may not be read, or is too large. */
	onlyThisObject?: boolean;
	/** What may run all the same, by the name under which it is found: a recording's resource ID, say. */
	leftBehind?: string;
}

/**
 * Something that went wrong between us and a service, before n8n's node and item are known: `message`
 * says what happened, `details.description` what to do. Never holds a secret, a header or a signed URL.
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
 * @param advice stands behind what the fault says to do already
 * @param more further details
 * @returns a fault that says this, too
 */
export function advising({ message, details }: Fault, advice: string, more: FaultDetails = {}) {
	const description = [details.description, advice].filter(Boolean).join(' ');
	return new Fault(message, { ...details, ...more, description });
}
