import { lastEmission, lineage, type Poll } from './polls.ts';
import type { Schedule } from './schedule.ts';
import type { Emission } from './subject.ts';
import { hasTime, Memory, momentsOf } from './memory.ts';
import { Sight } from './sight.ts';
import { Truth, type Moment } from './truth.ts';
import { HOUR, MINUTE, type PlannedRecording } from './writes.ts';

/** How much earlier a recording must have begun to come before another: names and files go by other clocks. */
const CLEARLY_EARLIER = MINUTE;

/** How many polls may read something until each of so many recordings was read: eight at once, and one round more. */
const mostPolls = (recordings: number) => 2 * Math.ceil(recordings / 8) + 2;

/** Compares what polls emitted with the truth. */
export class Claims {
	readonly #schedule: Schedule;
	readonly #truths: Map<string, Truth>;
	readonly #ahead: number;
	readonly #sight: Sight;
	readonly #memory: Memory;
	readonly #left = new Map<Poll, Truth[]>();

	constructor(schedule: Schedule, recordings: PlannedRecording[]) {
		this.#schedule = schedule;
		this.#ahead = schedule.bucket.ahead * MINUTE;
		this.#truths = new Map(
			recordings.map((each) => [each.sid, new Truth(each, schedule.trigger.mp4)]),
		);
		this.#sight = new Sight(schedule, [...this.#truths.values()]);
		this.#memory = new Memory(schedule, this.#sight);
	}

	/** @returns the recording that was emitted; undefined for one that was never recorded */
	recordingOf(emission: Emission): PlannedRecording | undefined {
		return this.#truths.get(emission.sid)?.recording;
	}

	/** @returns whether a recording may have been out of sight for a moment: deleted, or leapt over */
	wasUnseen({ sid }: Emission, from: number, to: number): boolean {
		const truth = this.#truths.get(sid);
		if (truth === undefined) return false;
		return truth.wasGone(from, to) || this.#sight.mayBeHidden(truth, from, to);
	}

	/** @returns whether a recording was interrupted at the activation, and not emitted for it */
	wasSilent({ sid }: Emission, root: Poll): boolean {
		const truth = this.#truths.get(sid);
		if (truth === undefined || this.#schedule.trigger.includeExisting) return false;
		return truth.endingOf(truth.at(root.from)) === 'interrupted';
	}

	/** @returns how many recordings a poll should have emitted if it had had the time, and did not */
	leftOut(poll: Poll): number {
		return poll.emitted === null ? 0 : this.#leftOut(poll).length;
	}

	/** @returns what a poll did that it must not do, or left undone, a sentence each */
	broken(poll: Poll): string[] {
		const says = (text: string) => `poll ${poll.number} ${text}`;
		if (poll.faults.length > 0) return poll.faults.map(says);
		if (poll.error !== null) {
			const isExpected = poll.wasRefused || isOutOfTime(poll);
			return isExpected ? [] : [says(`threw: ${poll.error.stack}`)];
		}
		if (poll.wasRefused) return [says('went on although the bucket refused')];
		return [
			...poll.emitted!.flatMap((each) => this.#wrongWith(each, poll)),
			...this.#orderOf(poll),
			...this.#missing(poll),
			...this.#sizeOf(poll),
		].map(says);
	}

	#wrongWith(emission: Emission, poll: Poll): string[] {
		const truth = this.#truths.get(emission.sid);
		if (truth === undefined) return [`emits ${emission.sid}, which was never recorded`];
		const { number } = truth.recording;
		const emits = (text: string) => [`emits recording ${number}, ${text}`];
		const count = poll.emitted!.filter((each) => each.sid === emission.sid).length;
		if (count > 1) return emits(`${count} times`);
		const [root] = lineage(poll).slice(-1) as [Poll];
		const moments = truth.moments(poll.from, poll.to);
		if (!moments.some(({ view }) => this.#sight.isOfChannel(truth, view)))
			return emits('which is of another channel');
		const wasUnseen = (since: number) => this.wasUnseen(emission, since, poll.to);
		const { event, includeExisting } = this.#schedule.trigger;
		const earlier = lineage(poll.parent).find((each) => {
			const status = this.#emissionOf(each, truth)?.status;
			return status !== undefined && !mayFollow(emission.status, status);
		});
		if (earlier !== undefined && !wasUnseen(earlier.from) && !isTakenBack(earlier, poll)) {
			return emits(`which poll ${earlier.number} emitted, and remembers`);
		}
		if (event === 'recordingStarted') {
			const isThere = ({ view }: Moment) => view.recorded.length > 0;
			if (!moments.some(isThere)) return emits('of which no file is there');
			const wasThere = isThere(truth.at(root.from));
			const stayed = wasThere && !wasUnseen(root.from);
			return !includeExisting && stayed ? emits('which was there at the activation') : [];
		}
		const ended = momentsOf(truth, poll).filter((each) => truth.endingOf(each) === emission.status);
		if (ended.length === 0) return emits(`which is not ${emission.status}`);
		if (!includeExisting) {
			if (ended.every(({ view }) => view.lastChange! < root.from))
				return emits('which ended before the activation');
			const then = truth.at(root.from);
			const wasKnown =
				!root.isCut &&
				truth.isStill(root.from, root.to) &&
				truth.endingOf(then) === 'completed' &&
				!truth.mayWait(then) &&
				!wasUnseen(root.from);
			if (wasKnown) return emits('which had ended at the activation');
		}
		const known = this.#memory.before(poll, truth);
		if (known.every((each) => each === 'done')) return emits('which it does not look at any more');
		if (emission.status === 'interrupted' && !known.includes('open'))
			return emits('which it knows to be interrupted');
		if (this.#sight.mustWaitForMp4(truth, poll))
			return emits('without the MP4 that all others of its folder have');
		return this.#isWhole(emission, ended) ? [] : emits('but not just as it was there');
	}

	/** Whether it shows the files that were there at some moment at which it had ended, each once. */
	#isWhole({ files }: Emission, ended: Moment[]): boolean {
		return ended.some(({ view }) => files === view.recorded.length);
	}

	#emissionOf({ emitted }: Poll, { recording }: Truth): Emission | undefined {
		return (emitted ?? []).find((each) => each.sid === recording.sid);
	}

	#orderOf({ emitted, from, to }: Poll): string[] {
		const starts = emitted!
			.map((each) => this.#truths.get(each.sid)!)
			.filter((truth) => truth?.isStill(from, to))
			.map((truth) => truth.startOf(truth.at(to).view))
			.filter((start) => start !== null);
		const isInOrder = starts.every((start, i) => i === 0 || starts[i - 1]! <= start);
		return isInOrder ? [] : ['does not emit the oldest first'];
	}

	/** With time enough all that is due, else what is due before something that it emitted. */
	#missing(poll: Poll): string[] {
		const left = this.#leftOut(poll);
		if (hasTime(poll))
			return left.map(({ recording }) => `leaves out recording ${recording.number}`);
		const starved = left
			.filter((truth) => this.#isStarved(truth, poll))
			.map(({ recording }) => `does not come to recording ${recording.number}`);
		// Until a name tells its start, the bucket's clock does. After a poll without time the others come first.
		if (this.#ahead !== 0 || (poll.parent !== null && !hasTime(poll.parent))) return starved;
		const given = [...this.#truths.values()].filter((truth) => this.#emissionOf(poll, truth));
		const overtaken = left.flatMap((older) => {
			if (this.#memory.before(poll, older).some((each) => each !== 'open')) return [];
			const start = older.startOf(older.at(poll.to).view);
			const overtaking = given.find((truth) => {
				const later = truth.startOf(truth.at(poll.to).view);
				return start !== null && later !== null && start + CLEARLY_EARLIER < later;
			});
			if (overtaking === undefined) return [];
			const [first, second] = [overtaking, older].map(({ recording }) => recording.number);
			return [`emits recording ${first} before recording ${second}, which began earlier`];
		});
		return [...starved, ...overtaken];
	}

	/**
	 * Whether a recording was due at so many polls in a row that one of them had to emit it: each that comes to read
	 * anything reads some of those that are there, and the next one goes on after them.
	 */
	#isStarved(truth: Truth, poll: Poll): boolean {
		const polls = lineage(poll);
		const end = polls.findIndex((each) => !this.#leftOut(each).includes(truth));
		const waited = polls.slice(0, end < 0 ? undefined : end).filter(({ reads }) => reads > 0);
		const present = [...this.#truths.values()].filter(
			(each) => each.at(poll.from).view.names > 0,
		).length;
		return waited.length > mostPolls(present);
	}

	#leftOut(poll: Poll): Truth[] {
		let left = this.#left.get(poll);
		if (left === undefined) {
			left = [...this.#truths.values()].filter(
				(truth) => !this.#emissionOf(poll, truth) && this.#isDue(truth, poll),
			);
			this.#left.set(poll, left);
		}
		return left;
	}

	/** Whether a poll has to emit a recording, whatever the polls before it did and did not see. */
	#isDue(truth: Truth, poll: Poll): boolean {
		const { event, includeExisting } = this.#schedule.trigger;
		const isStarted = event === 'recordingStarted';
		const root = lineage(poll).at(-1)!;
		const now = truth.at(poll.from);
		if (!truth.isStill(poll.from, poll.to) || !this.#sight.isOfChannel(truth, now.view))
			return false;
		const ending = truth.endingOf(now);
		if (isStarted ? now.view.recorded.length === 0 : ending === null) return false;
		if (!isStarted && truth.mayWait(now)) return false;
		if (!includeExisting && poll === root) return false;
		// What came last before the activation was over then, even if that could not be seen yet.
		if (!isStarted && !includeExisting && now.view.lastChange! <= root.to) return false;
		if (isStarted && !includeExisting && now.view.firstChange! <= root.to) return false;
		if (this.#sight.isOutOfDays(truth, poll, root)) return false;
		if (this.#sight.mayBeHidden(truth, poll.from, poll.to)) return false;
		return this.#memory.before(poll, truth).every((known) => {
			if (typeof known === 'string') return known === 'open';
			return ending === 'completed' && this.#memory.mustCheck(known, poll);
		});
	}

	/**
	 * Eight bytes for each session that is there and each that was emitted last, fourteen for one that waits or is
	 * interrupted, eight more while it is due for a check, the names of the one that was read last and of those that were
	 * emitted last from days about to be skipped, and little more.
	 */
	#sizeOf(poll: Poll): string[] {
		const { stored, from, to } = poll;
		const { state } = JSON.parse(stored) as { state: Record<string, unknown> };
		const { seen, starts, interrupted, unchecked, open, given, givenIds, lastRead } =
			state as Record<
				'seen' | 'starts' | 'interrupted' | 'unchecked' | 'given' | 'lastRead',
				string
			> &
				Record<'open' | 'givenIds', string[]>;
		const isOfRecording = (id: string) => this.#truths.has(id.slice(id.lastIndexOf('/') + 1));
		const bytesOf = (text: string) => Buffer.from(text, 'base64').length;
		const present = [...this.#truths.values()].filter((truth) =>
			truth.moments(from, to).some(({ view }) => view.names > 0),
		);
		const running = present.filter(({ recording: { day } }) => day !== null);
		const growing = {
			seen: '',
			starts: '',
			interrupted: '',
			open: [],
			given: '',
			givenIds: [],
			lastRead: '',
			unchecked: '',
		};
		const rest = JSON.stringify({ ...state, ...growing }).length;
		const emitted = lastEmission(poll)?.emitted ?? [];
		const fits =
			bytesOf(seen) / 8 + (bytesOf(starts) + bytesOf(interrupted)) / 14 <= present.length &&
			open.length <= running.length &&
			open.every(isOfRecording) &&
			(lastRead === '' || isOfRecording(lastRead)) &&
			bytesOf(unchecked) / 8 <= present.length &&
			bytesOf(given) / 8 <= emitted.length &&
			givenIds.length <= emitted.length &&
			givenIds.every(isOfRecording) &&
			rest < 285;
		return fits ? [] : [`remembers too much, with ${present.length} sessions present: ${stored}`];
	}
}

/** Whether n8n was started right after a poll, so that what that one emitted may come once more. */
export function isTakenBack(earlier: Poll, poll: Poll): boolean {
	return lineage(poll).some(({ takesBack }) => takesBack === earlier);
}

/** Whether a recording may be emitted as one after it was emitted as the other. */
function mayFollow(status: string, earlier: string): boolean {
	return status === 'completed' && earlier === 'interrupted';
}

/** Whether a poll did not even learn which sessions there are before its time was up. */
function isOutOfTime({ isCut, error }: Poll): boolean {
	return isCut && /took longer than n8n allows$/.test(error?.message ?? '');
}

export const QUIET_AFTER = 2 * HOUR;
/** So long a silent recording may go on unnoticed. */
export const CHECKED_WITHIN = HOUR + MINUTE;
