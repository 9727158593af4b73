import type { Poll } from './polls.ts';
import type { Schedule } from './schedule.ts';
import type { Truth, View } from './truth.ts';
import { DAY, MINUTE, type PlannedRecording } from './writes.ts';

/** For so long a recording may be silent and then go on. */
export const MOST_SILENT = 30 * DAY;

/** For so long the trigger may believe that a folder has no MP4 files. */
const MP4_CHECK = 31 * MINUTE;

/** What the trigger looks at, and what it cannot see by its rules. */
export class Sight {
	readonly #schedule: Schedule;
	readonly #truths: Truth[];
	readonly #ahead: number;

	constructor(schedule: Schedule, truths: Truth[]) {
		this.#schedule = schedule;
		this.#truths = truths;
		this.#ahead = schedule.bucket.ahead * MINUTE;
	}

	/** The session record knows the exact name; without one the name in the files decides. */
	isOfChannel({ recording: { plan } }: Truth, { record }: View): boolean {
		const { cname } = this.#schedule.trigger;
		if (cname === null) return true;
		return record !== null ? plan.channel === cname : inNames(plan.channel) === inNames(cname);
	}

	/**
	 * Whether a recording may lie in what is leapt over: beside folders of days, with a sid that begins as they do,
	 * and no other recording beside it that shows that there are such.
	 */
	mayBeHidden({ recording: { sid, folder, day } }: Truth, from: number, to: number): boolean {
		if (day !== null || !sid.startsWith('20')) return false;
		return !this.#truths.some(
			(other) =>
				other.recording.folder === folder &&
				!other.recording.sid.startsWith('20') &&
				!other.wasGone(from, to),
		);
	}

	/**
	 * Whether a poll must wait for an MP4 because all the others of the folder have had one for a while, one of today or
	 * beside the folders of days among them.
	 */
	mustWaitForMp4(truth: Truth, { from, to }: Poll): boolean {
		if (!truth.isStill(from, to) || !truth.mayWait(truth.at(to))) return false;
		if (!truth.at(to).view.recorded.some(({ is }) => is === 'playlist')) return false;
		const others = this.#truths
			.filter((each) => each !== truth && isInSameFolder(each.recording, truth.recording))
			.map((each) => ({ each, moments: each.moments(from - MP4_CHECK, to) }))
			.filter(({ moments }) => moments.some(({ view }) => view.names > 0));
		const isListed = ({ recording: { day } }: Truth) =>
			day === null || day >= startOfDay(to + this.#ahead);
		return (
			others.some(({ each }) => isListed(each) && !this.mayBeHidden(each, from, to)) &&
			others.every(({ moments }) =>
				moments.every(({ view }) => view.recorded.some(({ is }) => is === 'video')),
			)
		);
	}

	/**
	 * Whether a recording lies in the folder of a day that was too old when it appeared: folders are scanned for
	 * three days after their end, at the activation thirty days back, and all of them for existing recordings.
	 */
	isOutOfDays(truth: Truth, poll: Poll, root: Poll): boolean {
		const { day } = truth.recording;
		const since = truth.thereSince(poll.from);
		if (day === null || since === null) return false;
		const { includeExisting } = this.#schedule.trigger;
		const activated = Math.max(root.machine, root.from + this.#ahead);
		const isListedAtFirst = includeExisting || day >= startOfDay(activated - MOST_SILENT);
		if (since <= root.from) return !isListedAtFirst;
		if (since + this.#ahead >= day + 4 * DAY) return true;
		return !includeExisting && day < startOfDay(activated - 3 * DAY);
	}
}

/** Recordings of all days have the same formats. */
function isInSameFolder(a: PlannedRecording, b: PlannedRecording): boolean {
	const [one, other] = [a, b].map(({ folder }) => folder.replace(/\d{8}\/$/, ''));
	return one === other;
}

function inNames(cname: string): string {
	return cname.replace(/[_.]/g, '-');
}

function startOfDay(time: number): number {
	return time - (time % DAY);
}
