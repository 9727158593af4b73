import type { Mp4Files } from '../../../nodes/Agora/trigger/detectNew.ts';
import type { PlannedRecording, Write } from './writes.ts';
import { HOUR, MINUTE, SECOND } from './writes.ts';

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
	/** When the session record came, true time; null while there is none. */
	record: number | null;
}

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
		const view: View = {
			names: there.length,
			isAgoras: there.some(({ is }) => is !== 'foreign'),
			recorded,
			firstChange: recorded.length === 0 ? null : Math.min(...recorded.map(({ at }) => at)),
			lastChange: recorded.length === 0 ? null : Math.max(...recorded.map(({ at }) => at)),
			record: there.find(({ is }) => is === 'session record')?.at ?? null,
		};
		this.#views.set(count, view);
		return view;
	}

	/**
	 * Whether the recording has ended and its files are all there, or nobody will end it any more. The rules:
	 * every track of the last recorder has a finished playlist, and the MP4 of each is there, not older than its
	 * playlist, or ten minutes have passed, where the session record says that MP4 is wanted, or without one the
	 * trigger's option, or an MP4 that is there; without any playlist six minutes of rest (70 where there are only
	 * screenshots); after an hour of rest in any case.
	 */
	hasEnded({ view, at }: Moment): boolean {
		const { recorded, lastChange, record } = view;
		if (lastChange === null) return false;
		const rest = at - lastChange;
		const playlists = recorded.filter(({ is }) => is === 'playlist');
		if (playlists.length === 0) {
			const isShots = recorded.every(({ is }) => is === 'screenshot');
			return rest >= (isShots ? 70 : 6) * MINUTE;
		}
		if (rest >= HOUR) return true;
		const last = Math.max(...playlists.map(({ recorder }) => recorder));
		const current = Map.groupBy(
			playlists.filter(({ recorder }) => recorder === last),
			({ user }) => user,
		);
		if (![...current.values()].every((track) => track.some(({ ended }) => ended))) return false;
		const films = recorded.filter(({ is }) => is === 'film');
		const hasFilms = playlists.every((playlist) =>
			films.some((film) => film.user === playlist.user && film.at >= playlist.at - SECOND),
		);
		return !this.#wantsFilm(record, films) || hasFilms || rest >= 10 * MINUTE;
	}

	#wantsFilm(record: number | null, films: Write[]): boolean {
		if (record !== null) return this.recording.plan.kind.endsWith('MP4');
		return this.#mp4 === 'detect' ? films.length > 0 : this.#mp4 === 'expect';
	}

	/** Whether the trigger may wait for an MP4 because other recordings of the folder have one. */
	mayWait({ view: { record, recorded, lastChange }, at }: Moment): boolean {
		const hasFilm = recorded.some(({ is }) => is === 'film');
		return this.#mp4 === 'detect' && record === null && !hasFilm && at - lastChange! < 10 * MINUTE;
	}

	/** @returns when it began, as its slices' or screenshots' names say; null where none is there */
	startOf({ recorded }: View): number | null {
		const stamps = recorded.map(({ recordedAt }) => recordedAt).filter((time) => time !== null);
		return stamps.length === 0 ? null : Math.min(...stamps);
	}
}
