import fc from 'fast-check';
import { ASKED, type Asked } from './asked.ts';
import { quickMishaps, type PlannedMishap } from './mishaps.ts';

/** What goes wrong in one case. */
export interface Schedule {
	/** One, or two at once that record the same channels. */
	executions: Execution[];
	/** Recorder UIDs are given, two at once have the same; else each start makes its own. */
	ownUids: boolean;
}

/** One run of the node, and what goes wrong with it. */
export interface Execution {
	items: number;
	onFailure: OnFailure;
	/** n8n's Retry On Fail: a node that failed is run once more, for all its items. */
	retryOnFail: boolean;
	options: Options;
	/** For the first requests of each kind, as they arrive; null for none. */
	mishaps: Record<Asked, Array<PlannedMishap | null>>;
	cancel: Cancel | null;
}

/** What n8n does when an item fails. */
type OnFailure = 'stop' | 'go on' | 'error output';

interface Options {
	waitForRecording: boolean;
	saveSessionRecord: boolean;
	partitionByDate: boolean;
	/** The recorder is not let into the channel: Agora takes the start, and nothing runs a second later. */
	refusedToken: boolean;
}

/** When a person stops the execution: some time after its start, or because of a request. */
export type Cancel =
	| { afterMs: number }
	/** `nth` counts from 1; `after` is when the request has taken effect and its answer is still on its way. */
	| { asked: Asked; nth: number; when: 'before' | 'after' };

/** How many requests of each kind can go wrong: as many as are sent again, and for items side by side. */
const MOST: Record<Asked, number> = { acquire: 3, start: 5, query: 3, record: 4, index: 5 };
/** A request that is left without an answer takes half a minute. */
const SILENCE = { weight: 1, others: 120 };

/** Random schedules, from which fast-check can go to simpler ones. */
export function schedules(): fc.Arbitrary<Schedule> {
	const one = execution();
	return fc.record({
		executions: fc.oneof(
			{ weight: 6, arbitrary: fc.array(one, { minLength: 1, maxLength: 1 }) },
			{ weight: 1, arbitrary: fc.array(one, { minLength: 2, maxLength: 2 }) },
		),
		ownUids: fc.boolean(),
	});
}

function execution(): fc.Arbitrary<Execution> {
	return fc.record({
		items: fc.integer({ min: 1, max: 4 }),
		onFailure: fc.oneof(
			{ weight: 2, arbitrary: fc.constant('stop' as const) },
			{ weight: 2, arbitrary: fc.constant('go on' as const) },
			{ weight: 1, arbitrary: fc.constant('error output' as const) },
		),
		retryOnFail: sometimes(4),
		options: fc.record({
			waitForRecording: sometimes(3),
			saveSessionRecord: sometimes(4).map((off) => !off),
			partitionByDate: fc.boolean(),
			refusedToken: sometimes(12),
		}),
		mishaps: fc.record(
			Object.fromEntries(ASKED.map((asked) => [asked, mishapsOf(asked)])),
		) as fc.Arbitrary<Execution['mishaps']>,
		cancel: fc.oneof(
			{ weight: 4, arbitrary: fc.constant(null) },
			{ weight: 1, arbitrary: cancel() },
		),
	});
}

/** True once in so many times; false is the simpler one. */
function sometimes(oneIn: number): fc.Arbitrary<boolean> {
	return fc.oneof(
		{ weight: oneIn - 1, arbitrary: fc.constant(false) },
		{ weight: 1, arbitrary: fc.constant(true) },
	);
}

function mishapsOf(asked: Asked): fc.Arbitrary<Array<PlannedMishap | null>> {
	const quick = fc.constantFrom(...quickMishaps(asked));
	const silence = fc.constantFrom<PlannedMishap[]>(
		{ kind: 'silence', when: 'before' },
		{ kind: 'silence', when: 'after' },
	);
	const mishap = fc.oneof(
		{ weight: SILENCE.others, arbitrary: quick },
		{ weight: SILENCE.weight, arbitrary: silence },
	);
	const orNone = fc.oneof(
		{ weight: 3, arbitrary: fc.constant(null) },
		{ weight: 2, arbitrary: mishap },
	);
	return fc.array(orNone, { maxLength: MOST[asked] });
}

function cancel(): fc.Arbitrary<Cancel> {
	return fc.oneof(
		fc.record({ afterMs: fc.integer({ min: 0, max: 8000 }) }),
		fc.record({
			asked: fc.constantFrom(...ASKED),
			nth: fc.integer({ min: 1, max: 3 }),
			when: fc.constantFrom('before' as const, 'after' as const),
		}),
	);
}

/** A schedule in words. */
export function inWords({ executions, ownUids }: Schedule): string {
	const uids = ownUids ? 'given UIDs' : 'UIDs made by the node';
	if (executions.length === 1) return `${executionInWords(executions[0]!)}, ${uids}`;
	const each = executions.map((one, index) => `(${index + 1}) ${executionInWords(one)}`);
	return `two executions at once with the same channels, ${uids}: ${each.join('; ')}`;
}

const ON_FAILURE_WORDS: Record<OnFailure, string> = {
	stop: 'stops at the first failure',
	'go on': 'goes on after a failure',
	'error output': 'has an error output',
};
const OPTION_WORDS: Record<keyof Options, [on: string, off: string]> = {
	waitForRecording: ['Wait for Recording to Start', ''],
	saveSessionRecord: ['', 'no session record'],
	partitionByDate: ['Partition by Date', ''],
	refusedToken: ['a token that lets no recorder in', ''],
};

function executionInWords({
	items,
	onFailure,
	retryOnFail,
	options,
	mishaps,
	cancel,
}: Execution): string {
	const chosen = (Object.keys(OPTION_WORDS) as Array<keyof Options>).map(
		(name) => OPTION_WORDS[name][options[name] ? 0 : 1],
	);
	const wrong = ASKED.flatMap((asked) =>
		mishaps[asked].map((each, index) =>
			each === null ? '' : `${asked} ${index + 1}: ${each.kind}, ${effect(each.when)}`,
		),
	);
	return [
		items === 1 ? '1 item' : `${items} items`,
		ON_FAILURE_WORDS[onFailure],
		retryOnFail ? 'Retry On Fail' : '',
		...chosen,
		...wrong,
		cancelInWords(cancel),
	]
		.filter((part) => part !== '')
		.join(', ');
}

function effect(when: 'before' | 'after'): string {
	return when === 'before' ? 'without effect' : 'after it took effect';
}

function cancelInWords(cancel: Cancel | null): string {
	if (cancel === null) return '';
	if ('afterMs' in cancel) return `cancelled after ${cancel.afterMs} ms`;
	const { asked, nth, when } = cancel;
	return `cancelled ${when === 'before' ? 'when' : 'after'} ${asked} ${nth} ${when === 'before' ? 'arrives' : 'took effect'}`;
}
