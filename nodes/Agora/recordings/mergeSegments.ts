import { Fault } from '../http/errors';
import { byName, extensionOf, type Download } from './download';
import { readName } from './fileName';
import type { LoadedPlaylist } from './playlist';
import { groupBy, type RecordedObject } from './sessionFiles';

/** A playlist whose slices are keys of the bucket. */
export interface TrackPlaylist {
	playlist: LoadedPlaylist;
	/** In the order in which they play; none where the playlist is refused. */
	slices: SliceKeys[];
	/** Why nothing that the playlist names is read; null where it is usable. */
	refusal: Fault | null;
}

interface SliceKeys {
	key: string;
	/** Header that must precede the slice; null for none. */
	init: string | null;
}

/** A file made of a track's slices. */
export interface TrackFile {
	/** The playlist that names its first slice. */
	object: RecordedObject;
	extension: string;
	/** Keys to concatenate, all of them listed. */
	keys: string[];
	/** Keys that the playlist names and the listing lacks. */
	missing: string[];
	/** Position among the slices that are separate files, where there are several; null for a merged file. */
	part: Download['part'];
	/** Why the file is not what one would expect; null for a complete merged file. */
	note: string | null;
}

/** Whether a key is in the bucket. */
type IsListed = (key: string) => boolean;

/** @returns keys of all slices and headers that playlists name, whether they may be read or not */
export function namedKeys(playlists: LoadedPlaylist[], isListed: IsListed): Set<string> {
	return new Set(
		playlists.flatMap((playlist) =>
			namesIn(playlist).map((name) => keyOf(playlist, name, isListed)),
		),
	);
}

/**
 * Turns the names in playlists into keys. A DASH manifest is not parsed: its slices are those of its track that no
 * playlist names, in the order of their numbers.
 *
 * @param playlists no master playlists
 * @param segments slices that are in the bucket
 * @param named see `namedKeys`
 * @returns one for each playlist, in the same order; with a refusal where a playlist names a file that is not part of
 *   its recording
 */
export function resolvePlaylists(
	playlists: LoadedPlaylist[],
	segments: RecordedObject[],
	named: Set<string>,
	isListed: IsListed,
): TrackPlaylist[] {
	const claimed = new Set(named);
	return playlists.map((playlist) => {
		if (isManifest(playlist)) {
			const slices = segments
				.filter((segment) => !claimed.has(segment.key) && belongsTo(playlist, segment))
				.sort(byName)
				.map(({ key }) => ({ key, init: null }));
			for (const { key } of slices) claimed.add(key);
			return { playlist, slices, refusal: null };
		}
		const toKey = (uri: string) => keyOf(playlist, uri, isListed);
		const outside = namesIn(playlist).find((uri) => !isInside(playlist, toKey(uri)));
		if (outside !== undefined) return { playlist, slices: [], refusal: refusal(playlist, outside) };
		const slices = playlist.slices.map(({ uri, init }) => ({
			key: toKey(uri),
			init: init === null ? null : toKey(init),
		}));
		return { playlist, slices, refusal: null };
	});
}

function namesIn({ slices }: LoadedPlaylist): string[] {
	return slices.flatMap(({ uri, init }) => (init === null ? [uri] : [uri, init]));
}

function isManifest({ object }: LoadedPlaylist): boolean {
	return object.key.toLowerCase().endsWith('.mpd');
}

function belongsTo({ object }: LoadedPlaylist, { name }: RecordedObject): boolean {
	const { takeover, uid, track } = object.name;
	return name.takeover === takeover && name.uid === uid && name.track.startsWith(track);
}

/** Names may be percent-encoded, or contain a percent sign themselves. */
function keyOf({ object }: LoadedPlaylist, name: string, isListed: IsListed): string {
	const literal = `${object.name.folder}${name}`;
	if (!name.includes('%') || isListed(literal)) return literal;
	try {
		return `${object.name.folder}${decodeURIComponent(name)}`;
	} catch {
		return literal;
	}
}

/**
 * Anyone with write access to the bucket can replace a playlist, so it may only name files of the same recording in
 * the same folder.
 */
function isInside({ object }: LoadedPlaylist, key: string): boolean {
	const name = key.slice(object.name.folder.length);
	return !/[/\\:?#]/.test(name) && readName(key)?.sid === object.name.sid;
}

function refusal({ object }: LoadedPlaylist, uri: string): Fault {
	return new Fault(`The playlist "${object.filename}" names a file outside its recording`, {
		description: `It names "${uri.slice(0, 200)}". Agora doesn't write such names, so something else changed the playlist.`,
	});
}

/**
 * Merges the slices of one track. A file that plays has one kind of slices and one header, so a track whose slices
 * change in that becomes several files. Slices that do not play when merged (WebM, encrypted ones, byte ranges, those
 * of a DASH manifest) become a file each, preceded by their header if they have one.
 *
 * @param track usable playlists of one track, of all recorders
 * @returns files, in the order in which they play, and all that is missing; no file where no slice is in the bucket
 */
export function mergeTrack(
	track: TrackPlaylist[],
	isListed: IsListed,
): { files: TrackFile[]; missing: string[]; named: number } {
	const runs = runsOf(bestVersions(track));
	const total = runs.reduce(
		(sum, { keys, reason }) => sum + (reason === null ? 0 : keys.length),
		0,
	);
	const files: TrackFile[] = [];
	let number = 0;
	/** Of runs before the first file. */
	let unassigned: string[] = [];
	for (const run of runs) {
		const added: TrackFile[] =
			run.reason === null ? merged(run, isListed) : separate(run, isListed, number, total);
		if (run.reason !== null) number += run.keys.length;
		// A run of which nothing is left is missing from the file next to it.
		const [owner = files.at(-1)] = added;
		for (const key of keysOf(run)) if (!isListed(key)) unassigned.push(key);
		for (const file of added) files.push(file);
		if (owner === undefined) continue;
		for (const key of unassigned) owner.missing.push(key);
		unassigned = [];
	}
	const named = runs.reduce((sum, run) => sum + keysOf(run).length, 0);
	return { files, missing: [...unassigned, ...files.flatMap(({ missing }) => missing)], named };
}

/** Each recorder's playlist: of a re-uploaded one (Agora: re-upload) the version that holds most. */
function bestVersions(track: TrackPlaylist[]): TrackPlaylist[] {
	const byRecorder = groupBy(track, ({ playlist }) => playlist.object.name.takeover);
	return [...byRecorder.entries()]
		.sort(([a], [b]) => a - b)
		.map(([, versions]) =>
			versions.reduce((best, each) => (each.slices.length > best.slices.length ? each : best)),
		);
}

interface Run {
	playlist: LoadedPlaylist;
	/** Keys of its slices, in order. Separate slices include their headers. */
	keys: string[];
	/** Of the merged file. */
	extension: string;
	/** Header of the merged file. */
	init: string | null;
	/** Why the slices cannot be merged; null where they can. */
	reason: string | null;
}

function keysOf({ init, keys, reason }: Run): string[] {
	return init === null || reason !== null ? keys : [init, ...keys];
}

function runsOf(playlists: TrackPlaylist[]): Run[] {
	const runs: Run[] = [];
	for (const { playlist, slices } of playlists) {
		for (const { key, init } of slices) {
			const reason = notMergeable(playlist, key, init);
			const extension = init === null ? extensionOf(key) : 'mp4';
			let run = runs.at(-1);
			const continues =
				run?.reason === reason &&
				(reason !== null || (run.extension === extension && run.init === init));
			if (run === undefined || !continues) {
				run = { playlist, keys: [], extension, init: null, reason };
				runs.push(run);
			}
			if (reason === null) {
				run.keys.push(key);
			} else {
				if (init !== null && init !== run.init) run.keys.push(init);
				// Byte ranges name the same object again.
				if (run.keys.at(-1) !== key) run.keys.push(key);
			}
			run.init = init;
		}
	}
	return runs;
}

/** @returns why a slice does not play when merged with others; null where it does */
function notMergeable(playlist: LoadedPlaylist, key: string, init: string | null): string | null {
	if (isManifest(playlist)) return 'Segments of a DASH manifest';
	if (!playlist.plain) return 'Segments that are encrypted or byte ranges';
	const extension = extensionOf(key);
	const mergeable = init === null ? ['ts', 'aac', 'mp3'] : ['m4s', 'mp4', 'm4a'];
	if (mergeable.includes(extension)) return null;
	return extension === 'webm' ? 'WebM segments' : `Segments of type ".${extension}"`;
}

function merged(run: Run, isListed: IsListed): TrackFile[] {
	const { playlist, init } = run;
	const keys = run.keys.filter(isListed);
	if (keys.length === 0) return [];
	const file = { object: playlist.object, missing: [], part: null };
	if (init === null) return [{ ...file, keys, extension: run.extension, note: null }];
	if (isListed(init)) return [{ ...file, keys: [init, ...keys], extension: 'mp4', note: null }];
	const note = `The header "${init.slice(playlist.object.name.folder.length)}" is not in the bucket. Without it in front, this file doesn't play.`;
	return [{ ...file, keys, extension: extensionOf(keys[0]!), note }];
}

/**
 * @param before how many separate slices precede the run in its track
 * @param total how many its track has
 */
function separate(
	{ playlist, keys, reason }: Run,
	isListed: IsListed,
	before: number,
	total: number,
): TrackFile[] {
	return keys.flatMap((key, i): TrackFile[] => {
		if (!isListed(key)) return [];
		const file = { object: playlist.object, keys: [key], extension: extensionOf(key), missing: [] };
		const why = `${reason} can't be merged into one playable file.`;
		if (total === 1) return [{ ...file, part: null, note: playlist.plain ? null : why }];
		const part = { number: before + i + 1, total };
		const note = `Segment ${part.number} of ${total}. ${why}`;
		return [{ ...file, part, note }];
	});
}
