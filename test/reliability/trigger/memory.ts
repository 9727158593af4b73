import { lineage, type Poll } from './polls.ts';
import type { Schedule } from './schedule.ts';
import { MOST_SILENT, type Sight } from './sight.ts';
import type { Ending, Moment, Truth, View } from './truth.ts';
import { DAY, HOUR, SECOND } from './writes.ts';

/** A poll that emits so many need not emit more. */
export const MOST_AT_ONCE = 1000;

/**
 * What the trigger may know of a recording: nothing final, that it need not look at it again, or that it is
 * interrupted, since its last change and as of its last check.
 */
export type Known = 'open' | 'done' | Silent;

export interface Silent {
	lastChange: number;
	/** The poll that found it so. */
	checked: Poll;
}

/** All that the trigger may know of each recording after each poll, by its rules and by what it emitted. */
export class Memory {
	readonly #schedule: Schedule;
	readonly #sight: Sight;
	readonly #after = new Map<Poll, Map<Truth, Known[]>>();

	constructor(schedule: Schedule, sight: Sight) {
		this.#schedule = schedule;
		this.#sight = sight;
	}

	/** @returns what a poll may know of a recording when it begins */
	before(poll: Poll, truth: Truth): Known[] {
		if (poll.parent === null) return ['open'];
		return isTakenBackBy(poll, truth) ? ['open'] : this.#afterPoll(poll.parent, truth);
	}

	/**
	 * Whether a poll that has the time must look at a silent recording: once an hour after its last change, and each time
	 * while that is less than an hour ago.
	 */
	mustCheck({ lastChange, checked }: Silent, { from, to }: Poll): boolean {
		const hours = (time: number) => Math.floor((time - lastChange) / HOUR);
		return to - lastChange < HOUR || hours(from - SECOND) > hours(checked.to + SECOND);
	}

	#afterPoll(poll: Poll, truth: Truth): Known[] {
		const ofPoll = this.#after.get(poll) ?? new Map<Truth, Known[]>();
		this.#after.set(poll, ofPoll);
		let known = ofPoll.get(truth);
		if (known === undefined) {
			known = unique(this.before(poll, truth).flatMap((each) => this.#next(each, poll, truth)));
			ofPoll.set(truth, known);
		}
		return known;
	}

	#next(known: Known, poll: Poll, truth: Truth): Known[] {
		const moments = momentsOf(truth, poll);
		const emitted = poll.emitted!.find(({ sid }) => sid === truth.recording.sid);
		const { event } = this.#schedule.trigger;
		if (emitted !== undefined) {
			if (event === 'recordingStarted' || emitted.status === 'completed') return ['done'];
			return silences(moments, truth, poll);
		}
		const mayBeForgotten =
			truth.wasGone(poll.from, poll.to) || this.#sight.mayBeHidden(truth, poll.from, poll.to);
		const next: Known[] = mayBeForgotten ? ['open'] : [];
		// One that is deleted while a poll reads it is no recording for that poll.
		const isDeleted = truth.wasGone(poll.from, poll.to);
		if (isDeleted && moments.some(({ view }) => view.names > 0)) next.push('done');
		if (known === 'done') return [...next, 'done'];
		if (known === 'open') return [...next, ...this.#nextOfOpen(poll, truth, moments)];
		return [...next, ...this.#nextOfSilent(known, poll, truth, moments)];
	}

	#nextOfOpen(poll: Poll, truth: Truth, moments: Moment[]): Known[] {
		const { event, includeExisting } = this.#schedule.trigger;
		const root = lineage(poll).at(-1)!;
		const isThere = moments.some(({ view }) => view.names > 0);
		const isOther = moments.some(
			({ view }) => view.isAgoras && !this.#sight.isOfChannel(truth, view),
		);
		if (event === 'recordingStarted') {
			const wasThere = !includeExisting && poll === root && isThere;
			return isOther || wasThere || moments.some(isAbandoned) ? ['open', 'done'] : ['open'];
		}
		const isOld = ({ view }: Moment) =>
			!includeExisting && (poll === root || view.lastChange! <= root.to);
		const old = moments.filter((each) => truth.endingOf(each) !== null && isOld(each));
		const next: Known[] = silences(old, truth, poll);
		const isComplete = old.some((each) => truth.endingOf(each) === 'completed');
		const isGivenUp = moments.some((each) => isArchived(each, truth) && isOld(each));
		if (isOther || isComplete || isGivenUp || moments.some(isAbandoned)) next.push('done');
		return this.#isSettled(poll, truth, root) ? next : ['open', ...next];
	}

	/** Whether a poll has surely found out how a recording ended. */
	#isSettled(poll: Poll, truth: Truth, root: Poll): boolean {
		const now = truth.at(poll.from);
		return (
			hasTime(poll) &&
			truth.isStill(poll.from, poll.to) &&
			truth.endingOf(now) !== null &&
			!truth.mayWait(now) &&
			!this.#sight.isOutOfDays(truth, poll, root)
		);
	}

	#nextOfSilent(known: Silent, poll: Poll, truth: Truth, moments: Moment[]): Known[] {
		const root = lineage(poll).at(-1)!;
		const next: Known[] = [];
		if (!hasTime(poll) || !this.mustCheck(known, poll)) {
			if (poll.from - known.lastChange < MOST_SILENT) next.push(known);
			if (poll.to - known.lastChange >= MOST_SILENT) next.push('done');
		}
		// One that had completed was not checked, as it would have been emitted.
		const isStill = truth.isStill(poll.from, poll.to);
		for (const { view, at } of moments) {
			const { lastChange, isAgoras } = view;
			const isOld = lastChange !== null && lastChange <= root.to;
			const isCompleted = truth.endingOf({ view, at }) === 'completed';
			if (isAgoras && !this.#sight.isOfChannel(truth, view)) next.push('done');
			if (lastChange === null) next.push('open');
			else if (isOld || !isStill || !isCompleted || truth.mayWait({ view, at }))
				next.push(...silencesOf(lastChange, at, poll));
			if (isOld && (isCompleted || isArchived({ view, at }, truth))) next.push('done');
		}
		return next;
	}
}

export function hasTime({ isCut, emitted }: Poll): boolean {
	return !isCut && (emitted ?? []).length < MOST_AT_ONCE;
}

/** @returns all that a poll may have found: what was there, and what has rested */
export function momentsOf(truth: Truth, { from, to }: Poll): Moment[] {
	const moments = truth.moments(from, to);
	return [...moments, ...rested(moments, to)];
}

/**
 * What has rested for an hour by the end of a poll is not listed a second time: what comes just then may be missing,
 * though its playlists are read as they are then.
 */
function rested(moments: Moment[], end: number): Moment[] {
	const listed = moments.filter(
		({ view }) => view.lastChange !== null && end - view.lastChange >= HOUR,
	);
	return listed.flatMap(({ view }) =>
		moments.map((later) => ({ view: readAt(view, later.view), at: end })),
	);
}

/** The files of one view with the playlists as they are in another. */
function readAt(listed: View, read: View): View {
	const texts = new Map(read.recorded.map(({ key, ended, broken }) => [key, { ended, broken }]));
	const recorded = listed.recorded.map((write) => ({ ...write, ...texts.get(write.key) }));
	return { ...listed, recorded };
}

function silences(moments: Moment[], truth: Truth, poll: Poll): Known[] {
	const INTERRUPTED: Ending = 'interrupted';
	return moments
		.filter((each) => truth.endingOf(each) === INTERRUPTED)
		.flatMap(({ view, at }) => silencesOf(view.lastChange!, at, poll));
}

function silencesOf(lastChange: number, at: number, poll: Poll): Known[] {
	const silent: Silent = { lastChange, checked: poll };
	if (at - lastChange < MOST_SILENT) return [silent];
	// A poll has one time, which is some time before its end.
	return poll.from - lastChange < MOST_SILENT ? [silent, 'done'] : ['done'];
}

/** Whether n8n was started right after a recording was emitted, so that it may be emitted again. */
function isTakenBackBy({ takesBack }: Poll, { recording }: Truth): boolean {
	return (takesBack?.emitted ?? []).some(({ sid }) => sid === recording.sid);
}

/** Whether only the session record, or files of other tools, have been there for three days. */
function isAbandoned({ view: { lastChange, record, foreign }, at }: Moment): boolean {
	const first = record ?? foreign;
	return lastChange === null && first !== null && at - first >= 3 * DAY;
}

/** Whether a playlist could not be read and nothing has changed for an hour. */
function isArchived(moment: Moment, truth: Truth): boolean {
	const { view, at } = moment;
	return truth.isUnreadable(moment) && at - view.lastChange! >= HOUR;
}

function unique(known: Known[]): Known[] {
	const keyOf = (each: Known) =>
		typeof each === 'string' ? each : `${each.lastChange} ${each.checked.number}`;
	return [...new Map(known.map((each) => [keyOf(each), each])).values()];
}
