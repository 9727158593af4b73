import type { Poll } from './poller.ts';
import type { Scenario } from './scenario.ts';
import type { Truth, View } from './truth.ts';
import { DAY, MINUTE, type PlannedRecording } from './uploads.ts';

/** A recording may be silent for so long and then continue. */
export const MAX_SILENCE = 30 * DAY;

/** For so long the trigger may believe that a folder has no MP4 files. */
const MP4_CHECK = 31 * MINUTE;

/** Which recordings the trigger looks at by its rules. */
export class Visibility {
	readonly #scenario: Scenario;
	readonly #truths: Truth[];
	readonly #ahead: number;

	constructor(scenario: Scenario, truths: Truth[]) {
		this.#scenario = scenario;
		this.#truths = truths;
		this.#ahead = scenario.bucket.ahead * MINUTE;
	}

	/** The session record has the exact name; without one the name in the files decides. */
	isOfChannel({ recording: { plan } }: Truth, { recordSince }: View): boolean {
		const { cname } = this.#scenario.trigger;
		if (cname === null) return true;
		if (recordSince !== null) return plan.channel === cname;
		return inFileNames(plan.channel) === inFileNames(cname);
	}

	/**
	 * Whether a recording may be skipped with folders of days: its sid begins as they do, and no other recording beside
	 * it shows that there are recordings outside these folders.
	 */
	mayBeSkipped({ recording: { sid, folder, day } }: Truth, from: number, to: number): boolean {
		if (day !== null || !sid.startsWith('20')) return false;
		return !this.#truths.some(
			(other) =>
				other.recording.folder === folder &&
				!other.recording.sid.startsWith('20') &&
				!other.wasAbsent(from, to),
		);
	}

	/**
	 * Whether a poll must wait for an MP4, because all other recordings of the folder have had one for a while, among
	 * them one of today or outside the folders of days.
	 */
	mustWaitForMp4(truth: Truth, { from, to }: Poll): boolean {
		if (!truth.isUnchanged(from, to) || !truth.mayWaitForMp4(truth.at(to))) return false;
		if (!truth.at(to).view.recorded.some(({ type }) => type === 'playlist')) return false;
		const others = this.#truths
			.filter((each) => each !== truth && isInSameFolder(each.recording, truth.recording))
			.map((each) => ({ each, moments: each.moments(from - MP4_CHECK, to) }))
			.filter(({ moments }) => moments.some(({ view }) => view.keys > 0));
		const isListed = ({ recording: { day } }: Truth) =>
			day === null || day >= startOfDay(to + this.#ahead);
		return (
			others.some(({ each }) => isListed(each) && !this.mayBeSkipped(each, from, to)) &&
			others.every(({ moments }) =>
				moments.every(({ view }) => view.recorded.some(({ type }) => type === 'mp4')),
			)
		);
	}

	/**
	 * Whether the folder of a recording's day was too old when the recording appeared. Folders are scanned for three days
	 * after their end; at the activation thirty days back, and all of them for existing recordings.
	 */
	isOutsideDays(truth: Truth, poll: Poll, root: Poll): boolean {
		const { day } = truth.recording;
		const since = truth.presentSince(poll.from);
		if (day === null || since === null) return false;
		const { includeExisting } = this.#scenario.trigger;
		const activated = Math.max(root.machine, root.from + this.#ahead);
		const isListedAtFirst = includeExisting || day >= startOfDay(activated - MAX_SILENCE);
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

function inFileNames(cname: string): string {
	return cname.replace(/[_.]/g, '-');
}

function startOfDay(time: number): number {
	return time - (time % DAY);
}
