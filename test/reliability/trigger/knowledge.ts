import { lineage, type Poll } from './poller.ts';
import type { Scenario } from './scenario.ts';
import type { Moment, Truth, View } from './truth.ts';
import { DAY, HOUR, SECOND } from './uploads.ts';
import { MAX_SILENCE, type Visibility } from './visibility.ts';

/** A poll that emits so many may leave the rest to the next one. */
export const MAX_EMITTED = 1000;

/**
 * What the trigger may know of a recording: nothing final; that it need not look at it again; or that it is
 * interrupted.
 */
export type Known = 'open' | 'done' | Interrupted;

export interface Interrupted {
	lastChange: number;
	/** The poll that checked it last. */
	checkedBy: Poll;
}

/** All that the trigger may know of each recording after each poll, by its rules and by what it emitted. */
export class Knowledge {
	readonly #scenario: Scenario;
	readonly #visibility: Visibility;
	readonly #after = new Map<Poll, Map<Truth, Known[]>>();

	constructor(scenario: Scenario, visibility: Visibility) {
		this.#scenario = scenario;
		this.#visibility = visibility;
	}

	/** @returns what a poll may know of a recording when it begins */
	before(poll: Poll, truth: Truth): Known[] {
		if (poll.parent === null || isEmittedAgain(poll, truth)) return ['open'];
		return this.#afterPoll(poll.parent, truth);
	}

	/**
	 * Whether a poll that has the time must check an interrupted recording: once an hour after its last change, and at
	 * every poll within the first hour.
	 */
	mustCheck({ lastChange, checkedBy }: Interrupted, { from, to }: Poll): boolean {
		const hours = (time: number) => Math.floor((time - lastChange) / HOUR);
		return to - lastChange < HOUR || hours(from - SECOND) > hours(checkedBy.to + SECOND);
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
		const { event } = this.#scenario.trigger;
		if (emitted !== undefined) {
			if (event === 'recordingStarted' || emitted.status === 'completed') return ['done'];
			return interruptedAt(moments, truth, poll);
		}
		const wasAbsent = truth.wasAbsent(poll.from, poll.to);
		const mayBeForgotten = wasAbsent || this.#visibility.mayBeSkipped(truth, poll.from, poll.to);
		const next: Known[] = mayBeForgotten ? ['open'] : [];
		// One that is deleted while a poll reads it is no recording for that poll.
		if (wasAbsent && moments.some(({ view }) => view.keys > 0)) next.push('done');
		if (known === 'done') return [...next, 'done'];
		if (known === 'open') return [...next, ...this.#nextOfOpen(poll, truth, moments)];
		return [...next, ...this.#nextOfInterrupted(known, poll, truth, moments)];
	}

	#nextOfOpen(poll: Poll, truth: Truth, moments: Moment[]): Known[] {
		const { event, includeExisting } = this.#scenario.trigger;
		const root = lineage(poll).at(-1)!;
		const isPresent = moments.some(({ view }) => view.keys > 0);
		const isOther = moments.some(
			({ view }) => view.isAgoras && !this.#visibility.isOfChannel(truth, view),
		);
		if (event === 'recordingStarted') {
			const wasPresent = !includeExisting && poll === root && isPresent;
			return isOther || wasPresent || moments.some(isAbandoned) ? ['open', 'done'] : ['open'];
		}
		const isOld = ({ view }: Moment) =>
			!includeExisting && (poll === root || view.lastChange! <= root.to);
		const old = moments.filter((each) => truth.endingOf(each) !== null && isOld(each));
		const next: Known[] = interruptedAt(old, truth, poll);
		const isComplete = old.some((each) => truth.endingOf(each) === 'completed');
		const isUnreadable = moments.some((each) => isUnreadableForLong(each, truth) && isOld(each));
		if (isOther || isComplete || isUnreadable || moments.some(isAbandoned)) next.push('done');
		return this.#isSettled(poll, truth, root) ? next : ['open', ...next];
	}

	/** Whether a poll has surely found out how a recording ended. */
	#isSettled(poll: Poll, truth: Truth, root: Poll): boolean {
		const now = truth.at(poll.from);
		return (
			hasTime(poll) &&
			truth.isUnchanged(poll.from, poll.to) &&
			truth.endingOf(now) !== null &&
			!truth.mayWaitForMp4(now) &&
			!this.#visibility.isOutsideDays(truth, poll, root)
		);
	}

	#nextOfInterrupted(known: Interrupted, poll: Poll, truth: Truth, moments: Moment[]): Known[] {
		const root = lineage(poll).at(-1)!;
		const next: Known[] = [];
		if (!hasTime(poll) || !this.mustCheck(known, poll)) {
			if (poll.from - known.lastChange < MAX_SILENCE) next.push(known);
			if (poll.to - known.lastChange >= MAX_SILENCE) next.push('done');
		}
		// One that had completed was not checked, as it would have been emitted.
		const isUnchanged = truth.isUnchanged(poll.from, poll.to);
		for (const moment of moments) {
			const { lastChange, isAgoras } = moment.view;
			const isOld = lastChange !== null && lastChange <= root.to;
			const isCompleted = truth.endingOf(moment) === 'completed';
			if (isAgoras && !this.#visibility.isOfChannel(truth, moment.view)) next.push('done');
			if (lastChange === null) next.push('open');
			else if (isOld || !isUnchanged || !isCompleted || truth.mayWaitForMp4(moment))
				next.push(...interruptedSince(lastChange, moment.at, poll));
			if (isOld && (isCompleted || isUnreadableForLong(moment, truth))) next.push('done');
		}
		return next;
	}
}

export function hasTime({ isCut, emitted }: Poll): boolean {
	return !isCut && (emitted ?? []).length < MAX_EMITTED;
}

/**
 * @returns all that a poll may have found. A recording that has been quiet for an hour at the end of a poll is listed
 *   only once: files that arrive during the poll may be missing, though its playlists are read as they are then.
 */
export function momentsOf(truth: Truth, { from, to }: Poll): Moment[] {
	const moments = truth.moments(from, to);
	const quiet = moments.filter(
		({ view }) => view.lastChange !== null && to - view.lastChange >= HOUR,
	);
	const listedOnce = quiet.flatMap(({ view }) =>
		moments.map((later) => ({ view: withPlaylistsOf(view, later.view), at: to })),
	);
	return [...moments, ...listedOnce];
}

/** The files of one view, with the playlists as they are in another. */
function withPlaylistsOf(listed: View, read: View): View {
	const texts = new Map(read.recorded.map(({ key, ended, broken }) => [key, { ended, broken }]));
	const recorded = listed.recorded.map((write) => ({ ...write, ...texts.get(write.key) }));
	return { ...listed, recorded };
}

function interruptedAt(moments: Moment[], truth: Truth, poll: Poll): Known[] {
	return moments
		.filter((each) => truth.endingOf(each) === 'interrupted')
		.flatMap(({ view, at }) => interruptedSince(view.lastChange!, at, poll));
}

function interruptedSince(lastChange: number, at: number, poll: Poll): Known[] {
	const interrupted: Interrupted = { lastChange, checkedBy: poll };
	if (at - lastChange < MAX_SILENCE) return [interrupted];
	// A poll uses one time, which is some time before its end.
	return poll.from - lastChange < MAX_SILENCE ? [interrupted, 'done'] : ['done'];
}

function isEmittedAgain({ emitsAgain }: Poll, { recording }: Truth): boolean {
	return (emitsAgain?.emitted ?? []).some(({ sid }) => sid === recording.sid);
}

/** Whether only the session record, or other tools' files, have been present for three days. */
function isAbandoned({ view: { lastChange, recordSince, otherSince }, at }: Moment): boolean {
	const since = recordSince ?? otherSince;
	return lastChange === null && since !== null && at - since >= 3 * DAY;
}

function isUnreadableForLong(moment: Moment, truth: Truth): boolean {
	return truth.isUnreadable(moment) && moment.at - moment.view.lastChange! >= HOUR;
}

function unique(known: Known[]): Known[] {
	const keyOf = (each: Known) =>
		typeof each === 'string' ? each : `${each.lastChange} ${each.checkedBy.number}`;
	return [...new Map(known.map((each) => [keyOf(each), each])).values()];
}
