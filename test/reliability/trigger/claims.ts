import { lineage, type Poll } from './polls.ts';
import type { Schedule } from './schedule.ts';
import type { GivenOut } from './subject.ts';
import { Truth, type Moment, type View } from './truth.ts';
import { DAY, HOUR, MINUTE, type PlannedRecording } from './writes.ts';

/** How much earlier a recording must have begun to come before another: names and files go by other clocks. */
const CLEARLY_EARLIER = MINUTE;

/** A poll that gives out so many need not give out more. */
const MOST_AT_ONCE = 1000;

/** Compares what polls gave out with the truth. */
export class Claims {
	readonly #schedule: Schedule;
	readonly #truths: Map<string, Truth>;
	readonly #ahead: number;

	constructor(schedule: Schedule, recordings: PlannedRecording[]) {
		this.#schedule = schedule;
		this.#ahead = schedule.bucket.ahead * MINUTE;
		this.#truths = new Map(
			recordings.map((each) => [each.sid, new Truth(each, schedule.trigger.mp4)]),
		);
	}

	/** @returns the recording that was given out; undefined for one that nobody recorded */
	recordingOf(news: GivenOut): PlannedRecording | undefined {
		return this.#truths.get(news.sid)?.recording;
	}

	/** @returns whether a recording may have been out of sight for a moment: deleted, or leapt over */
	wasUnseen({ sid }: GivenOut, from: number, to: number): boolean {
		const truth = this.#truths.get(sid);
		if (truth === undefined) return false;
		return truth.wasGone(from, to) || this.#mayBeHidden(truth, from, to);
	}

	/** @returns how many recordings a poll should have given out if it had had the time, and did not */
	leftOut(poll: Poll): number {
		return poll.news === null ? 0 : this.#leftOut(poll).length;
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
			...poll.news!.flatMap((news) => this.#wrongWith(news, poll)),
			...this.#orderOf(poll),
			...this.#missing(poll),
			...this.#sizeOf(poll),
		].map(says);
	}

	#wrongWith(news: GivenOut, poll: Poll): string[] {
		const truth = this.#truths.get(news.sid);
		if (truth === undefined) return [`gives out ${news.sid}, which nobody recorded`];
		const { number } = truth.recording;
		const gives = (text: string) => [`gives out recording ${number}, ${text}`];
		const count = poll.news!.filter((each) => each.sid === news.sid).length;
		if (count > 1) return gives(`${count} times`);
		const [root] = lineage(poll).slice(-1) as [Poll];
		const moments = truth.moments(poll.from, poll.to);
		if (!moments.some(({ view }) => this.#isOfChannel(truth, view)))
			return gives('which is of another channel');
		const earlier = lineage(poll.parent).find((each) => this.#gaveOut(each, truth));
		const wasUnseen = (since: number) =>
			truth.wasGone(since, poll.to) || this.#mayBeHidden(truth, since, poll.to);
		if (earlier !== undefined && !wasUnseen(earlier.from) && !isTakenBack(earlier, poll)) {
			return gives(`which poll ${earlier.number} gave out, and remembers`);
		}
		const { event, includeExisting } = this.#schedule.trigger;
		if (event === 'recordingStarted') {
			const isThere = ({ view }: Moment) => view.recorded.length > 0;
			if (!moments.some(isThere)) return gives('of which no file is there');
			const wasThere = isThere(truth.at(root.from));
			const stayed = wasThere && !wasUnseen(root.from);
			return !includeExisting && stayed ? gives('which was there at the activation') : [];
		}
		const ended = [...moments, ...rested(moments, poll.to)].filter((each) => truth.hasEnded(each));
		if (ended.length === 0) return gives('which has not ended');
		if (!includeExisting) {
			if (ended.every(({ view }) => view.lastChange! < root.from))
				return gives('which ended before the activation');
			const wasKnown =
				!root.isCut &&
				truth.isStill(root.from, root.to) &&
				truth.hasEnded(truth.at(root.from)) &&
				!truth.mayWait(truth.at(root.from)) &&
				!wasUnseen(root.from);
			if (wasKnown) return gives('which had ended at the activation');
		}
		return this.#isWhole(news, ended) ? [] : gives('but not just as it was there');
	}

	/** Whether it shows the files that were there at some moment at which it had ended, each once. */
	#isWhole({ files }: GivenOut, ended: Moment[]): boolean {
		return ended.some(({ view }) => files === view.recorded.length);
	}

	#gaveOut({ news }: Poll, { recording }: Truth): boolean {
		return (news ?? []).some((each) => each.sid === recording.sid);
	}

	#orderOf({ news, from, to }: Poll): string[] {
		const starts = news!
			.map((each) => this.#truths.get(each.sid)!)
			.filter((truth) => truth?.isStill(from, to))
			.map((truth) => truth.startOf(truth.at(to).view))
			.filter((start) => start !== null);
		const isInOrder = starts.every((start, i) => i === 0 || starts[i - 1]! <= start);
		return isInOrder ? [] : ['does not give out the oldest first'];
	}

	/** With time enough all that is due, else what is due before something that it gave out. */
	#missing(poll: Poll): string[] {
		const left = this.#leftOut(poll);
		const isFull = poll.news!.length >= MOST_AT_ONCE;
		if (!poll.isCut && !isFull)
			return left.map(({ recording }) => `leaves out recording ${recording.number}`);
		// Until a name tells its start, the bucket's clock does.
		if (this.#ahead !== 0) return [];
		const given = [...this.#truths.values()].filter((truth) => this.#gaveOut(poll, truth));
		return left.flatMap((older) => {
			const start = older.startOf(older.at(poll.to).view);
			const overtaking = given.find((truth) => {
				const later = truth.startOf(truth.at(poll.to).view);
				return start !== null && later !== null && start + CLEARLY_EARLIER < later;
			});
			if (overtaking === undefined) return [];
			const [first, second] = [overtaking, older].map(({ recording }) => recording.number);
			return [`gives out recording ${first} before recording ${second}, which began earlier`];
		});
	}

	#leftOut(poll: Poll): Truth[] {
		const due = [...this.#truths.values()].filter((truth) => this.#isDue(truth, poll));
		return due.filter((truth) => !this.#gaveOut(poll, truth));
	}

	/** Whether a poll has to give a recording out, whatever the polls before it did and did not see. */
	#isDue(truth: Truth, poll: Poll): boolean {
		const { event, includeExisting } = this.#schedule.trigger;
		const isStarted = event === 'recordingStarted';
		const before = lineage(poll.parent);
		const root = lineage(poll).at(-1)!;
		const now = truth.at(poll.from);
		if (!truth.isStill(poll.from, poll.to) || !this.#isOfChannel(truth, now.view)) return false;
		if (isStarted ? now.view.recorded.length === 0 : !truth.hasEnded(now)) return false;
		if (!isStarted && truth.mayWait(now)) return false;
		if (!includeExisting && before.length === 0) return false;
		// What came last before the activation was over then, even if that could not be seen yet.
		if (!isStarted && !includeExisting && now.view.lastChange! <= root.to) return false;
		if (isStarted && !includeExisting && now.view.firstChange! <= root.to) return false;
		if (this.#isOutOfDays(truth, poll, root)) return false;
		if (this.#mayBeHidden(truth, poll.from, poll.to)) return false;
		return !before.some((each) => this.#mayHaveSettled(truth, each, root));
	}

	/** Whether a poll may have taken a recording for one that it need not look at again. */
	#mayHaveSettled(truth: Truth, poll: Poll, root: Poll): boolean {
		if (this.#gaveOut(poll, truth)) return true;
		const { event, includeExisting } = this.#schedule.trigger;
		const moments = truth.moments(poll.from, poll.to);
		const wasListed = moments.some(({ view }) => view.names > 0);
		// A name like a session's that nothing of Agora's is behind, also one that is deleted meanwhile.
		if (wasListed && moments.some(({ view }) => !view.isAgoras)) return true;
		if (moments.some(({ view }) => view.isAgoras && !this.#isOfChannel(truth, view))) return true;
		if (event === 'recordingStarted') return !includeExisting && poll === root && wasListed;
		if (moments.some(isAbandoned)) return true;
		return moments
			.filter((moment) => truth.hasEnded(moment))
			.some(({ view }) => !includeExisting && (poll === root || view.lastChange! <= root.to));
	}

	/** Folders of days are looked into for three days, and at the activation for as many back. */
	#isOutOfDays(truth: Truth, poll: Poll, root: Poll): boolean {
		const { day } = truth.recording;
		if (day === null) return false;
		const appeared = truth.thereSince(poll.from)! + this.#ahead;
		if (appeared > day + 3 * DAY) return true;
		const activated = Math.max(root.machine, root.from + this.#ahead);
		return !this.#schedule.trigger.includeExisting && day < startOfDay(activated - 3 * DAY);
	}

	/**
	 * Whether a recording may lie in what is leapt over: beside folders of days, with a sid that begins as they do,
	 * and no other recording beside it that shows that there are such.
	 */
	#mayBeHidden({ recording: { sid, folder, day } }: Truth, from: number, to: number): boolean {
		if (day !== null || !sid.startsWith('20')) return false;
		return ![...this.#truths.values()].some(
			(other) =>
				other.recording.folder === folder &&
				!other.recording.sid.startsWith('20') &&
				!other.wasGone(from, to),
		);
	}

	/** The session record knows the exact name; without one the name in the files decides. */
	#isOfChannel({ recording: { plan } }: Truth, { record }: View): boolean {
		const { cname } = this.#schedule.trigger;
		if (cname === null) return true;
		return record !== null ? plan.channel === cname : inNames(plan.channel) === inNames(cname);
	}

	/**
	 * Eight bytes for each session that is there and each that was given out last, fourteen for one that waits,
	 * the name of the one that was read last, and little more.
	 */
	#sizeOf(poll: Poll): string[] {
		const { stored, from, to } = poll;
		const { state } = JSON.parse(stored) as { state: Record<string, unknown> };
		const { seen, starts, open, given, lastRead } = state as Record<
			'seen' | 'starts' | 'given' | 'lastRead',
			string
		> & { open: string[] };
		const isOfRecording = (id: string) => this.#truths.has(id.slice(id.lastIndexOf('/') + 1));
		const bytesOf = (text: string) => Buffer.from(text, 'base64').length;
		const present = [...this.#truths.values()].filter((truth) =>
			truth.moments(from, to).some(({ view }) => view.names > 0),
		);
		const running = present.filter(({ recording: { day } }) => day !== null);
		const growing = { seen: '', starts: '', open: [], given: '', lastRead: '' };
		const rest = JSON.stringify({ ...state, ...growing }).length;
		const last = lineage(poll).find(({ news }) => (news ?? []).length > 0);
		const fits =
			bytesOf(seen) / 8 + bytesOf(starts) / 14 <= present.length &&
			open.length <= running.length &&
			open.every(isOfRecording) &&
			(lastRead === '' || isOfRecording(lastRead)) &&
			bytesOf(given) / 8 <= (last?.news!.length ?? 0) &&
			rest < 220;
		return fits ? [] : [`remembers too much, with ${present.length} sessions present: ${stored}`];
	}
}

/** Whether n8n was started right after a poll, so that what that one gave out may come once more. */
export function isTakenBack(earlier: Poll, poll: Poll): boolean {
	return lineage(poll).some(({ takesBack }) => takesBack === earlier);
}

/** Whether a poll did not even learn which sessions there are before its time was up. */
function isOutOfTime({ isCut, error }: Poll): boolean {
	return isCut && /took longer than n8n allows$/.test(error?.message ?? '');
}

/** Whether only the session record is there, for three days. */
function isAbandoned({ view: { lastChange, record }, at }: Moment): boolean {
	return lastChange === null && record !== null && at - record >= 3 * DAY;
}

/**
 * What has rested for an hour by the end of a poll is not listed a second time: what comes just then may be
 * missing.
 */
function rested(moments: Moment[], end: number): Moment[] {
	return moments
		.filter(({ view }) => view.lastChange !== null && end - view.lastChange >= HOUR)
		.map(({ view }) => ({ view, at: end }));
}

export const QUIET_AFTER = 2 * HOUR;

function inNames(cname: string): string {
	return cname.replace(/[_.]/g, '-');
}

function startOfDay(time: number): number {
	return time - (time % DAY);
}
