/** What an API answers: a status and a JSON body. */
export interface Answer {
	status: number;
	body: unknown;
}

/** The gateway in front of Agora's services speaks of a `message`. */
export const gatewayAnswer = (status: number, message: string): Answer => ({
	status,
	body: { message },
});

/** Cloud recording itself speaks of a `code` and a `reason`. */
export const serviceAnswer = (
	status: number,
	code: number,
	reason: string,
	also: Record<string, unknown> = {},
): Answer => ({ status, body: { ...also, code, reason } });
