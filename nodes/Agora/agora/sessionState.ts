/** `serverResponse.status` of Agora's `query` that decide something here. */
export const SessionStatus = { ready: 4, inProgress: 5 };

/** Source: Agora, cloud recording, `query`: `status`. */
const STATES: Record<number, string> = {
	0: 'not started',
	1: 'initialized',
	2: 'starting',
	3: 'partly ready',
	4: 'ready',
	5: 'in progress',
	6: 'stop requested',
	7: 'stopped',
	8: 'exited',
	20: 'exited abnormally',
};

/** @returns the name of Agora's `status`, e.g. `in progress` for 5; `unknown (99)` for one it does not document */
export function sessionState(status: number): string {
	return STATES[status] ?? `unknown (${status})`;
}
