import fc from 'fast-check';
import { FAULTS, proxyPage } from '../faults/faults.ts';
import type { InjectedFault } from '../relay.ts';
import { REQUESTS, type RequestKind } from '../requests.ts';

/** What happens in one case. */
export interface Schedule {
	/** One, or two at the same time that record the same channels. */
	executions: Execution[];
	/** Recorder UIDs are set, and the same in two executions; otherwise the node picks them. */
	hasOwnUids: boolean;
}

/** One run of the node. */
export interface Execution {
	items: number;
	onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
	/** n8n's Retry On Fail: a failed node runs once more, for all its items. */
	retryOnFail: boolean;
	options: {
		waitForRecording: boolean;
		saveSessionRecord: boolean;
		partitionByDate: boolean;
		/** Agora accepts the start, but the recorder cannot join the channel and ends within a second. */
		hasWrongToken: boolean;
	};
	/** For the first requests of each kind, in order of arrival; null for none. */
	faults: Record<StartRequest, Array<PlannedFault | null>>;
	cancel: Cancel | null;
}

export interface PlannedFault {
	name: string;
	when: InjectedFault['when'];
}

/** When a user stops the execution: after some time, or when the nth request (from 1) arrives or has taken effect. */
export type Cancel =
	{ afterMs: number } | { request: StartRequest; nth: number; when: InjectedFault['when'] };

/** What Start sends, and how many requests of each kind may go wrong: repeated ones and those of several items. */
const MOST_FAULTS = {
	acquire: 3,
	start: 5,
	wait: 3,
	'write check': 2,
	'write record': 4,
	'write sid index': 3,
	'write channel index': 3,
	'write unanswered': 2,
} satisfies Partial<Record<RequestKind, number>>;

export type StartRequest = keyof typeof MOST_FAULTS;
export const START_REQUESTS = Object.keys(MOST_FAULTS) as StartRequest[];

/** Pages of a proxy, which may have lost the response of a request that took effect. */
const PROXY_STATUS = [400, 404, 408];
const pageName = (status: number) => `${status} with an HTML page`;

/** Injected too rarely to matter to the time of a run, or not possible in the middle of one. */
const SLOW = /^(?:timeout|stall)/;
const LEFT_OUT = /^(?:100 MB|endless redirects)$/;

/** @returns null where this fault cannot happen to the request */
export function injectedFault(kind: StartRequest, { name, when }: PlannedFault) {
	const status = PROXY_STATUS.find((each) => pageName(each) === name);
	if (status !== undefined)
		return REQUESTS[kind].service === 'agora' ? { response: proxyPage(status), when } : null;
	const fault = FAULTS.find((each) => each.name === name)!;
	const injected = fault.on({ kind, elsewhere: '', relay: '' });
	return injected === null || 'connection' in injected ? null : { ...injected, when };
}

function possibleFaults(kind: StartRequest): PlannedFault[] {
	const both = (name: string): PlannedFault[] => [
		{ name, when: 'before' },
		{ name, when: 'after' },
	];
	const planned = FAULTS.flatMap(({ name, acted, on }) => {
		const injected = on({ kind, elsewhere: '', relay: '' });
		if (injected === null || 'connection' in injected || LEFT_OUT.test(name)) return [];
		const { response, when } = injected;
		// Made from the service's response.
		if (typeof response === 'function' || response === 'half') return [{ name, when }];
		return acted === 'perhaps' ? both(name) : [{ name, when }];
	});
	return [...planned, ...PROXY_STATUS.flatMap((status) => both(pageName(status)))].filter(
		(fault) => injectedFault(kind, fault) !== null,
	);
}

export function schedules(): fc.Arbitrary<Schedule> {
	const one = execution();
	return fc.record({
		executions: fc.oneof(
			{ weight: 6, arbitrary: fc.tuple(one) },
			{ weight: 1, arbitrary: fc.tuple(one, one) },
		),
		hasOwnUids: fc.boolean(),
	});
}

function execution(): fc.Arbitrary<Execution> {
	return fc.record({
		items: fc.integer({ min: 1, max: 4 }),
		onError: fc.constantFrom(
			...(['stopWorkflow', 'stopWorkflow', 'continueRegularOutput'] as const),
			...(['continueRegularOutput', 'continueErrorOutput'] as const),
		),
		retryOnFail: oneIn(4),
		options: fc.record({
			waitForRecording: oneIn(3),
			saveSessionRecord: oneIn(4).map((isOff) => !isOff),
			partitionByDate: fc.boolean(),
			hasWrongToken: oneIn(12),
		}),
		faults: fc.record(
			Object.fromEntries(START_REQUESTS.map((kind) => [kind, faultsOf(kind)])),
		) as fc.Arbitrary<Execution['faults']>,
		cancel: fc.oneof(
			{ weight: 4, arbitrary: fc.constant(null) },
			{ weight: 1, arbitrary: cancel() },
		),
	});
}

/** True once in `n` times; shrinks to false. */
function oneIn(n: number): fc.Arbitrary<boolean> {
	return fc.integer({ min: 1, max: n }).map((number) => number === n);
}

function faultsOf(kind: StartRequest): fc.Arbitrary<Array<PlannedFault | null>> {
	const all = possibleFaults(kind);
	const isSlow = ({ name }: PlannedFault) => SLOW.test(name);
	const fault = fc.oneof(
		{ weight: 120, arbitrary: fc.constantFrom(...all.filter((each) => !isSlow(each))) },
		{ weight: 1, arbitrary: fc.constantFrom(...all.filter(isSlow)) },
	);
	const orNone = fc.oneof(
		{ weight: 3, arbitrary: fc.constant(null) },
		{ weight: 2, arbitrary: fault },
	);
	return fc.array(orNone, { maxLength: MOST_FAULTS[kind] });
}

function cancel(): fc.Arbitrary<Cancel> {
	return fc.oneof(
		fc.record({ afterMs: fc.integer({ min: 0, max: 8000 }) }),
		fc.record({
			request: fc.constantFrom(...START_REQUESTS),
			nth: fc.integer({ min: 1, max: 3 }),
			when: fc.constantFrom('before' as const, 'after' as const),
		}),
	);
}
