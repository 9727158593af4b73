import type { SessionEntry } from '../../../sandbox/control.ts';
import { mostAtATime } from '../../mostAtATime.ts';
import type { CaseOutcome, Outcome } from './runSchedule.ts';

/** Compares what the node returned with what the sandbox recorded. @returns a sentence for each violation */
export function judge({ outcomes, strangers }: CaseOutcome): string[] {
	const started = outcomes.flatMap(({ sessions }) => sessions);
	return [
		...strangers.map(({ cname }) => `nobody started the session in ${cname}`),
		...outcomes.flatMap((outcome, index) =>
			[
				...doubled(outcome),
				...forgotten(outcome),
				...wrongStatus(outcome, started),
				...lostItems(outcome),
				...startedLate(outcome),
			].map((each) => (outcomes.length > 1 ? `execution ${index + 1}: ${each}` : each)),
		),
	];
}

/** Sessions of one item that ran at the same time; a retry may start the channel again after the first has ended. */
function doubled({ sessions, execution }: Outcome): string[] {
	return indexesTo(execution.items).flatMap((item) => {
		const intervals = sessionsOf(sessions, item).map(
			({ startedAt, endedAt }) => [startedAt, endedAt] as const,
		);
		const count = mostAtATime(intervals);
		return count > 1 ? [`item ${item + 1} has ${count} sessions at the same time`] : [];
	});
}

/** Sessions that neither their item nor the error of the run names, not even as possibly running. */
function forgotten(outcome: Outcome): string[] {
	const { sessions, result } = outcome;
	return sessions
		.filter(({ item, session: { endedAt } }) => {
			// It had ended when a retry started the item's channel again.
			const wasReplaced = ({ startedAt }: SessionEntry) => endedAt !== null && startedAt >= endedAt;
			return !sessionsOf(sessions, item).some(wasReplaced);
		})
		.filter(({ item, session }) => !isNamedIn(textOf(outcome, item), session))
		.map(({ item, session: { sid } }) => {
			const text = textOf(outcome, item);
			return `session ${sid} of item ${item + 1} is not named: status "${result.status}", ${text}`;
		});
}

function isNamedIn(text: string, { sid, resourceId }: SessionEntry): boolean {
	return text.includes(sid) || (text.includes('may be running') && text.includes(resourceId));
}

/** Everything a user can read about an item: its output, and the error of the run. */
function textOf({ result }: Outcome, item: number): string {
	const output = outputOf(result, item).map(({ json }) => JSON.stringify(json));
	return [...output, errorText(result)].join(' ');
}

function errorText({ error }: Outcome['result']): string {
	return error === undefined ? '' : `${error.message} ${error.description ?? ''}`;
}

/** What either output has for an item. */
function outputOf({ items, failedItems }: Outcome['result'], item: number) {
	return [...items, ...failedItems].filter((each) => inputOf(each) === item);
}

type OutputItem = Outcome['result']['items'][number];

function inputOf({ pairedItem }: OutputItem): number {
	return (pairedItem as { item: number }).item;
}

/**
 * Items whose status is wrong. A recording was started as returned, by this execution or, with `already_recording`, by
 * another one, and it runs if the node waited for it. What runs has not "ended".
 */
function wrongStatus(outcome: Outcome, started: Outcome['sessions']): string[] {
	const { execution, result } = outcome;
	return indexesTo(execution.items).flatMap((item) => {
		const own = sessionsOf(outcome.sessions, item);
		const isWrong = ({ json }: OutputItem) => {
			const candidates = json.already_recording ? sessionsOf(started, item) : own;
			const session = candidates.find(({ sid }) => sid === json.sid);
			const isOther = session?.resourceId !== json.resourceId || session?.uid !== json.uid;
			return isOther || (execution.options.waitForRecording && !session?.live);
		};
		const recording = outputOf(result, item).filter(({ json }) => json.status === 'recording');
		const text = textOf(outcome, item);
		const isEnded = /has ended: |no longer known to Agora/.test(text);
		return [
			...recording.filter(isWrong).map(() => `item ${item + 1} is not recording as returned`),
			...(isEnded && own.some(({ live, sid }) => live && text.includes(sid))
				? [`item ${item + 1} is recording, but has ended according to: ${text}`]
				: []),
		];
	});
}

function sessionsOf(sessions: Outcome['sessions'], item: number): SessionEntry[] {
	return sessions.filter((each) => each.item === item).map(({ session }) => session);
}

/** Where a failed item does not stop the run, each item has one output item, in order, at the right output. */
function lostItems({ execution, result }: Outcome): string[] {
	const { onError, items: count } = execution;
	if (onError === 'stopWorkflow') return [];
	const { items, failedItems, status } = result;
	const hasErrorOutput = onError === 'continueErrorOutput';
	const all = [...items, ...failedItems].map(inputOf);
	const inputs = hasErrorOutput ? all.sort((a, b) => a - b) : items.map(inputOf);
	const misplaced = hasErrorOutput ? items.filter(({ json }) => 'error' in json).length : 0;
	if (inputs.join() === indexesTo(count).join() && misplaced === 0) return [];
	return [
		`status "${status}" with ${count} items returned [${inputs.join()}], ${misplaced} at the wrong output: ${errorText(result)}`,
	];
}

function startedLate({ lateStarts }: Outcome): string[] {
	return lateStarts === 0 ? [] : [`${lateStarts} starts were sent after the cancellation`];
}

/**
 * n8n stores nothing of the node in a canceled execution, so its log must name what was started.
 *
 * @returns the sessions that no log entry names
 */
export function missingIn(log: string, sessions: SessionEntry[]): SessionEntry[] {
	const notes = log.split('\n').filter((line) => line.includes('these recordings may be running'));
	return sessions.filter(
		({ sid, resourceId }) => !notes.some((note) => note.includes(sid) || note.includes(resourceId)),
	);
}

function indexesTo(count: number): number[] {
	return Array.from({ length: count }, (_, index) => index);
}
