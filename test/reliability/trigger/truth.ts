import type { Mp4Files } from '../../../nodes/Agora/trigger/detectNew.ts';
import type { PlannedRecording, Write } from './writes.ts';
import { DAY, HOUR, MINUTE, SECOND } from './writes.ts';

/** What of a recording is in the bucket between two of its changes. */
export interface View {
	/** How much of it there is: whole names, session record and other people's files included. */
	names: number;
	/** Whether anything of Agora's or of Start's is among it. */
	isAgoras: boolean;
	/** Files that were recorded. */
	recorded: Write[];
	/** When the first and the last of those came, true time; null while there is none. */
	firstChange: number | null;
	lastChange: number | null;
	/** When the session record was written, true time; null while there is none. */
	record: number | null;
	/** What Stop noted in it. */
	stop: Write['stop'];
	/** When the first of the other tools' files came, true time; null while there is none. */
	foreign: number | null;
}

/** What the trigger emits a recording as. */
export type Ending = 'completed' | 'interrupted';

/** After a stop that Agora answered so, files may arrive for three days. */
const DELAYED = ['backuped', 'stranded', 'unknown'];
const MOST_DELAYED = 3 * DAY;

/** A view at a time. */
export interface Moment {
	view: View;
	at: number;
}

/** What is true of one recording at any time, whatever anyone has seen of it. */
export class Truth {
	readonly recording: PlannedRecording;
	readonly #views = new Map<number, View>();

	readonly #mp4: Mp4Files;

	/** @param mp4 the trigger's option */
	constructor(recording: PlannedRecording, mp4: Mp4Files) {
		this.recording = recording;
		this.#mp4 = mp4;
	}

	/** @returns all that a poll may have seen: the views from one time to another, each when it began and ended */
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

	isStill(from: number, to: number): boolean {
		return this.#countUntil(from) === this.#countUntil(to);
	}

	/** Whether there was a moment without any of its names. */
	wasGone(from: number, to: number): boolean {
		return this.moments(from, to).some(({ view }) => view.names === 0);
	}

	/** @returns since when it has been there without a break, null when it is not */
	thereSince(time: number): number | null {
		let since: number | null = null;
		for (let n = 1; n <= this.#countUntil(time); n++) {
			if (this.#view(n).names === 0) since = null;
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
		const known = this.#views.get(count);
		if (known !== undefined) return known;
		const last = new Map(this.recording.writes.slice(0, count).map((each) => [each.key, each]));
		const there = [...last.values()].filter(({ body }) => body !== null);
		const recorded = there.filter(({ is }) => is !== 'foreign' && is !== 'session record');
		const record = there.find(({ is }) => is === 'session record');
		const view: View = {
			names: there.length,
			isAgoras: there.some(({ is }) => is !== 'foreign'),
			recorded,
			firstChange: recorded.length === 0 ? null : Math.min(...recorded.map(({ at }) => at)),
			lastChange: recorded.length === 0 ? null : Math.max(...recorded.map(({ at }) => at)),
			record: record?.at ?? null,
			stop: record?.stop ?? null,
			foreign: there.find(({ is }) => is === 'foreign')?.at ?? null,
		};
		this.#views.set(count, view);
		return view;
	}

	/**
	 * How a recording has ended, null while it has not. It is complete when every track of the last recorder has a
	 * finished playlist, and the MP4 of each is there, not older than its playlist, or ten minutes have passed, where
	 * the session record says that MP4 is wanted, or without one the trigger's option, or an MP4 that is there; without
	 * any playlist after six minutes of rest (70 where there are only screenshots). With an unfinished playlist it is
	 * interrupted after an hour of rest. Where Stop noted the end, it is complete with an unfinished playlist after ten
	 * minutes of rest, and without any at once, but for three days not if its files may still be on their way. While a
	 * playlist cannot be read, nobody knows.
	 */
	endingOf({ view, at }: Moment): Ending | null {
		const { recorded, lastChange, stop } = view;
		if (lastChange === null) return null;
		const rest = at - lastChange;
		if (this.isUnreadable({ view, at })) return null;
		const playlists = recorded.filter(({ is }) => is === 'playlist');
		const isUploading =
			stop !== null && DELAYED.includes(stop.status) && at - stop.at < MOST_DELAYED;
		if (playlists.length === 0) {
			if (stop !== null) return isUploading ? null : 'completed';
			const isShots = recorded.every(({ is }) => is === 'screenshot');
			return rest >= (isShots ? 70 : 6) * MINUTE ? 'completed' : null;
		}
		const last = Math.max(...playlists.map(({ recorder }) => recorder));
		const current = Map.groupBy(
			playlists.filter(({ recorder }) => recorder === last),
			({ user }) => user,
		);
		if (![...current.values()].every((track) => track.some(({ ended }) => ended))) {
			if (isUploading) return null;
			if (stop !== null && rest >= 10 * MINUTE) return 'completed';
			return rest >= HOUR ? 'interrupted' : null;
		}
		const videos = recorded.filter(({ is }) => is === 'video');
		const hasMp4 = playlists.every((playlist) =>
			videos.some((video) => video.user === playlist.user && video.at >= playlist.at - SECOND),
		);
		const waits = this.#wantsMp4(view.record, videos) && !hasMp4 && rest < 10 * MINUTE;
		return waits ? null : 'completed';
	}

	/** Whether a playlist cannot be read. */
	isUnreadable({ view: { recorded } }: Moment): boolean {
		return recorded.some(({ broken }) => broken);
	}

	#wantsMp4(record: number | null, videos: Write[]): boolean {
		if (record !== null) return this.recording.plan.kind.endsWith('MP4');
		return this.#mp4 === 'detect' ? videos.length > 0 : this.#mp4 === 'expect';
	}

	/** Whether the trigger may wait for an MP4 because other recordings of the folder have one. */
	mayWait({ view: { record, recorded, lastChange }, at }: Moment): boolean {
		const hasMp4 = recorded.some(({ is }) => is === 'video');
		return this.#mp4 === 'detect' && record === null && !hasMp4 && at - lastChange! < 10 * MINUTE;
	}

	/** @returns when it began, as its slices' or screenshots' names say; null where none is there */
	startOf({ recorded }: View): number | null {
		const stamps = recorded.map(({ recordedAt }) => recordedAt).filter((time) => time !== null);
		return stamps.length === 0 ? null : Math.min(...stamps);
	}
}
