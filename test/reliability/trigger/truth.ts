import type { Mp4Files } from '../../../nodes/Agora/trigger/detectNew.ts';
import { DAY, HOUR, MINUTE, SECOND, type PlannedRecording, type Write } from './uploads.ts';

/** What the bucket contains of a recording between two of its changes. Times are true ones, Unix milliseconds. */
export interface View {
	/** Number of its keys, session record and other tools' files included. */
	keys: number;
	/** Whether any of them is Agora's or Start's. */
	isAgoras: boolean;
	recorded: Write[];
	/** When the first and the last recorded file arrived; null while there is none. */
	firstChange: number | null;
	lastChange: number | null;
	/** When the session record was written; null while there is none. */
	recordSince: number | null;
	/** What Stop wrote into it. */
	stop: Write['stop'];
	/** When the first of the other tools' files arrived; null while there is none. */
	otherSince: number | null;
}

/** The status with which the trigger emits a recording. */
export type Ending = 'completed' | 'interrupted';

/** A view at a time. */
export interface Moment {
	view: View;
	at: number;
}

/** After a stop that Agora answered like this, files may arrive for three days. */
const DELAYED = ['backuped', 'stranded', 'unknown'];
const MAX_DELAY = 3 * DAY;

/** What is true of one recording at any time, whatever a poll has seen. */
export class Truth {
	readonly recording: PlannedRecording;
	readonly #mp4: Mp4Files;
	readonly #views = new Map<number, View>();

	constructor(recording: PlannedRecording, mp4: Mp4Files) {
		this.recording = recording;
		this.#mp4 = mp4;
	}

	/** @returns all that a poll may have seen: each view between two times, when it began and when it ended */
	moments(from: number, to: number): Moment[] {
		const { writes } = this.recording;
		const first = this.#countUntil(from);
		const moments: Moment[] = [{ view: this.#view(first), at: from }];
		for (let n = first; n < writes.length && writes[n]!.at <= to; n++) {
			const { at } = writes[n]!;
			moments.push({ view: this.#view(n), at }, { view: this.#view(n + 1), at });
		}
		moments.push({ view: this.#view(this.#countUntil(to)), at: to });
		return moments;
	}

	at(time: number): Moment {
		return { view: this.#view(this.#countUntil(time)), at: time };
	}

	isUnchanged(from: number, to: number): boolean {
		return this.#countUntil(from) === this.#countUntil(to);
	}

	/** Whether there was a moment without any of its keys. */
	wasAbsent(from: number, to: number): boolean {
		return this.moments(from, to).some(({ view }) => view.keys === 0);
	}

	/** @returns since when it has been present without a break, null if it is not */
	presentSince(time: number): number | null {
		let since: number | null = null;
		for (let n = 1; n <= this.#countUntil(time); n++) {
			if (this.#view(n).keys === 0) since = null;
			else since ??= this.recording.writes[n - 1]!.at;
		}
		return since;
	}

	#countUntil(time: number): number {
		const { writes } = this.recording;
		let count = 0;
		while (count < writes.length && writes[count]!.at <= time) count++;
		return count;
	}

	#view(count: number): View {
		const cached = this.#views.get(count);
		if (cached !== undefined) return cached;
		const latest = new Map(this.recording.writes.slice(0, count).map((each) => [each.key, each]));
		const present = [...latest.values()].filter(({ body }) => body !== null);
		const recorded = present.filter(({ type }) => type !== 'other' && type !== 'session record');
		const record = present.find(({ type }) => type === 'session record');
		const times = recorded.map(({ at }) => at);
		const view: View = {
			keys: present.length,
			isAgoras: present.some(({ type }) => type !== 'other'),
			recorded,
			firstChange: times.length === 0 ? null : Math.min(...times),
			lastChange: times.length === 0 ? null : Math.max(...times),
			recordSince: record?.at ?? null,
			stop: record?.stop ?? null,
			otherSince: present.find(({ type }) => type === 'other')?.at ?? null,
		};
		this.#views.set(count, view);
		return view;
	}

	/**
	 * How a recording has ended, null while it has not.
	 *
	 * - It is completed when every track of the last recorder has a finished playlist and, if an MP4 is wanted, the MP4 of
	 *   each is present and not older than its playlist, or ten minutes have passed. An MP4 is wanted by the session
	 *   record; without one by the trigger's option, or because there already is one.
	 * - Without any playlist it is completed after six quiet minutes, or 70 if there are only screenshots.
	 * - With an unfinished playlist it is interrupted after a quiet hour.
	 * - If Stop wrote the end, it is completed with an unfinished playlist after ten quiet minutes, and without any
	 *   playlist at once; but not for three days if Agora said that files may still be on their way.
	 * - While a playlist cannot be read, its ending is unknown.
	 */
	endingOf(moment: Moment): Ending | null {
		const { recorded, lastChange, stop, recordSince } = moment.view;
		if (lastChange === null || this.isUnreadable(moment)) return null;
		const quiet = moment.at - lastChange;
		const playlists = recorded.filter(({ type }) => type === 'playlist');
		const isUploading =
			stop !== null && DELAYED.includes(stop.status) && moment.at - stop.at < MAX_DELAY;
		if (playlists.length === 0) {
			if (stop !== null) return isUploading ? null : 'completed';
			const isShots = recorded.every(({ type }) => type === 'screenshot');
			return quiet >= (isShots ? 70 : 6) * MINUTE ? 'completed' : null;
		}
		const last = Math.max(...playlists.map(({ recorder }) => recorder));
		const tracks = Map.groupBy(
			playlists.filter(({ recorder }) => recorder === last),
			({ user }) => user,
		);
		if (![...tracks.values()].every((track) => track.some(({ ended }) => ended))) {
			if (isUploading) return null;
			if (stop !== null && quiet >= 10 * MINUTE) return 'completed';
			return quiet >= HOUR ? 'interrupted' : null;
		}
		const mp4s = recorded.filter(({ type }) => type === 'mp4');
		const hasMp4 = playlists.every((playlist) =>
			mp4s.some((mp4) => mp4.user === playlist.user && mp4.at >= playlist.at - SECOND),
		);
		const waits = this.#wantsMp4(recordSince, mp4s) && !hasMp4 && quiet < 10 * MINUTE;
		return waits ? null : 'completed';
	}

	isUnreadable({ view: { recorded } }: Moment): boolean {
		return recorded.some(({ broken }) => broken);
	}

	#wantsMp4(recordSince: number | null, mp4s: Write[]): boolean {
		if (recordSince !== null) return this.recording.plan.kind.endsWith('MP4');
		return this.#mp4 === 'detect' ? mp4s.length > 0 : this.#mp4 === 'expect';
	}

	/** Whether the trigger may wait for an MP4 because other recordings of the folder have one. */
	mayWaitForMp4({ view: { recordSince, recorded, lastChange }, at }: Moment): boolean {
		const hasMp4 = recorded.some(({ type }) => type === 'mp4');
		const isDetected = this.#mp4 === 'detect' && recordSince === null;
		return isDetected && !hasMp4 && at - lastChange! < 10 * MINUTE;
	}

	/** @returns when it began by the names of its segments or screenshots; null if there is none */
	startOf({ recorded }: View): number | null {
		const times = recorded.map(({ recordedAt }) => recordedAt).filter((time) => time !== null);
		return times.length === 0 ? null : Math.min(...times);
	}
}
