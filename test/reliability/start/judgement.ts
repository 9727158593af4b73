import type { SessionEntry } from '../../../sandbox/control.ts';
import { findSecrets } from '../../integration/secrets.ts';
import { mostAtATime } from '../../mostAtATime.ts';
import type { CaseOutcome, Outcome } from './runCase.ts';

/**
 * Compares what a node said with what the sandbox holds.
 *
 * @param secrets what must not come out, by name
 * @returns what does not fit, a sentence each
 */
export function judge(
	{ outcomes, strangers }: CaseOutcome,
	secrets: Record<string, string>,
): string[] {
	const several = outcomes.length > 1;
	const ofAll = outcomes.flatMap(({ sessions }) => sessions);
	return [
		...strangers.map(({ cname }) => `in ${cname} runs a session that nobody started`),
		...outcomes.flatMap((outcome, index) =>
			judgeOne(outcome, ofAll, secrets).map((broken) =>
				several ? `execution ${index + 1}: ${broken}` : broken,
			),
		),
	];
}

function judgeOne(
	outcome: Outcome,
	ofAll: Outcome['sessions'],
	secrets: Record<string, string>,
): string[] {
	return [
		...doubled(outcome),
		...forgotten(outcome),
		...untrue(outcome, ofAll),
		...lost(outcome),
		...startedLate(outcome),
		...findSecrets([JSON.stringify(outcome.result)], secrets).map((name) => `${name} came out`),
	];
}

function doubled({ sessions, execution }: Outcome): string[] {
	return (
		numbersTo(execution.items)
			.map((item) => ofItem(sessions, item).map(({ session }) => session))
			// A retry may start an item's channel again whose first recording has ended.
			.map((own) => mostAtATime(own.map(({ startedAt, endedAt }) => [startedAt, endedAt])))
			.flatMap((count, item) =>
				count > 1 ? [`item ${item + 1} has ${count} sessions at a time`] : [],
			)
	);
}

/** Every session is named by its item or by the error of the run, or they say that it may be running. */
function forgotten(outcome: Outcome): string[] {
	return outcome.sessions
		.filter((each) => !wasReplaced(each, outcome.sessions))
		.filter(({ item, session }) => !names(wordsFor(outcome, item), session))
		.map(
			({ item, session: { sid } }) =>
				`session ${sid} of item ${item + 1} is named nowhere: the run is “${outcome.result.status}” and says “${wordsFor(outcome, item)}”`,
		);
}

/** Whether it had ended when a retry started the item's channel again. */
function wasReplaced(
	{ item, session: { endedAt } }: Outcome['sessions'][number],
	sessions: Outcome['sessions'],
): boolean {
	const later = ofItem(sessions, item).map(({ session }) => session.startedAt);
	return endedAt !== null && later.some((startedAt) => startedAt >= endedAt);
}

function names(words: string, { sid, resourceId }: SessionEntry): boolean {
	return words.includes(sid) || (MAY_BE_RUNNING.test(words) && words.includes(resourceId));
}

const MAY_BE_RUNNING = /may be running/;

/** Whether a node's words say that a recording may be running. */
export function tellsDoubt(words: string): boolean {
	return MAY_BE_RUNNING.test(words);
}

/** All that a person can read about an item: what it gave out, and the error of the run. */
export function wordsFor({ result }: Outcome, item: number): string {
	const own = itemsOf(result, item).map(({ json }) => JSON.stringify(json));
	const { error } = result;
	return [...own, ...(error === undefined ? [] : [errorWords(error)])].join(' ');
}

/** The words of a run's error. */
export function errorWords({
	message,
	description,
}: NonNullable<Outcome['result']['error']>): string {
	return [message, description].filter(Boolean).join(' ');
}

/** What came out for an item, at either output. */
function itemsOf({ items, failedItems }: Outcome['result'], item: number) {
	return [...items, ...failedItems].filter((each) => inputOf(each) === item);
}

function inputOf({ pairedItem }: Outcome['result']['items'][number]): number {
	return (pairedItem as { item: number }).item;
}

/**
 * What is said to record was started as it is said, by this execution or, where it was already being recorded, by
 * another one, and runs where that was waited for. What runs has not "ended".
 */
function untrue(outcome: Outcome, ofAll: Outcome['sessions']): string[] {
	const { execution, result } = outcome;
	return numbersTo(execution.items).flatMap((item) => {
		const sessions = ofItem(outcome.sessions, item);
		const broken = itemsOf(result, item)
			.filter(({ json }) => json.status === 'recording')
			.filter(({ json }) => {
				const candidates = json.already_recording ? ofItem(ofAll, item) : sessions;
				const session = candidates.find(({ session: { sid } }) => sid === json.sid)?.session;
				if (session?.resourceId !== json.resourceId || session?.uid !== json.uid) return true;
				return execution.options.waitForRecording && !session?.live;
			})
			.map(() => `item ${item + 1} is said to record, and does not`);
		const saysItEnded = sessions.some(
			({ session: { live, sid } }) =>
				live && ENDED.test(wordsFor(outcome, item)) && wordsFor(outcome, item).includes(sid),
		);
		return saysItEnded
			? [
					...broken,
					`item ${item + 1} is said to have ended, and records: “${wordsFor(outcome, item)}”`,
				]
			: broken;
	});
}

function ofItem(sessions: Outcome['sessions'], item: number): Outcome['sessions'] {
	return sessions.filter((each) => each.item === item);
}

const ENDED = /has ended: |no longer known to Agora/;

/** Where items that fail are no reason to stop, each gives something out, in order, and at its output. */
function lost({ execution, result }: Outcome): string[] {
	const { onFailure } = execution;
	if (onFailure === 'stop') return [];
	const { items, failedItems } = result;
	const inOrder = onFailure === 'go on' ? items : items.concat(failedItems).sort(byInput);
	const got = inOrder.map(inputOf);
	const astray = onFailure === 'go on' ? [] : items.filter(({ json }) => 'error' in json);
	if (got.join() === numbersTo(execution.items).join() && astray.length === 0) return [];
	const gotWords = got.map((item) => item + 1).join(', ') || 'none';
	const error = result.error === undefined ? 'no error' : errorWords(result.error);
	return [
		`of ${execution.items} items the run, “${result.status}”, gives out ${gotWords}, ${astray.length} of them at the wrong output: ${error}`,
	];
}

function byInput(
	a: Outcome['result']['items'][number],
	b: Outcome['result']['items'][number],
): number {
	return inputOf(a) - inputOf(b);
}

function startedLate({ lateStarts }: Outcome): string[] {
	return lateStarts === 0 ? [] : [`${lateStarts} starts were sent after it had been cancelled`];
}

/**
 * n8n's server keeps no word of a node whose execution was cancelled, so its log must have them.
 *
 * @returns the sessions that no such note names
 */
export function missingIn(log: string, sessions: SessionEntry[]): SessionEntry[] {
	const notes = log.split('\n').filter((line) => line.includes('these recordings may be running'));
	return sessions.filter(
		({ sid, resourceId }) => !notes.some((note) => note.includes(sid) || note.includes(resourceId)),
	);
}

function numbersTo(count: number): number[] {
	return Array.from({ length: count }, (_, index) => index);
}
