import { Fault } from '../http/errors';
import { byName, extensionOf, type Download } from './download';
import { readName } from './fileName';
import type { LoadedPlaylist } from './playlist';
import { groupBy, type RecordedObject } from './sessionFiles';

/** A playlist whose segments are keys of the bucket. */
export interface TrackPlaylist {
	playlist: LoadedPlaylist;
	/** In playback order; empty where the playlist is not used. */
	segments: SegmentKeys[];
	/** Why the playlist is not used; null where it is. */
	refusal: Fault | null;
}

interface SegmentKeys {
	key: string;
	/** Header that must precede the segment; null for none. */
	init: string | null;
}

/** A file made of the segments of a track. */
export interface TrackFile {
	/** The playlist that names its first segment. */
	object: RecordedObject;
	extension: string;
	/** Keys to concatenate; all of them are in the bucket. */
	keys: string[];
	/** Keys that the playlist names and that are not in the bucket. */
	missing: string[];
	/** See `Download`. */
	part: Download['part'];
	/** Why the file is only a segment, or does not play; null for a merged file that plays. */
	note: string | null;
}

/** Whether a key is in the bucket. */
type IsListed = (key: string) => boolean;

/** @returns keys of all segments and headers that playlists name, including those outside the recording */
export function namedKeys(playlists: LoadedPlaylist[], isListed: IsListed): Set<string> {
	return new Set(
		playlists.flatMap((playlist) =>
			namesIn(playlist).map((name) => keyOf(playlist, name, isListed)),
		),
	);
}

/**
 * Turns the names in playlists into keys. A DASH manifest is not parsed: its segments are those of its track that no
 * playlist names, in the order of their numbers.
 *
 * @param playlists no master playlists
 * @param present segments that are in the bucket
 * @param named see `namedKeys`
 * @returns one for each playlist, in the same order; with a refusal where a playlist names a file outside its recording
 */
export function resolvePlaylists(
	playlists: LoadedPlaylist[],
	present: RecordedObject[],
	named: Set<string>,
	isListed: IsListed,
): TrackPlaylist[] {
	const claimed = new Set(named);
	return playlists.map((playlist) => {
		if (isManifest(playlist)) {
			const segments = present
				.filter((segment) => !claimed.has(segment.key) && belongsTo(playlist, segment))
				.sort(byName)
				.map(({ key }) => ({ key, init: null }));
			for (const { key } of segments) claimed.add(key);
			return { playlist, segments, refusal: null };
		}
		const toKey = (uri: string) => keyOf(playlist, uri, isListed);
		const outside = namesIn(playlist).find((uri) => !isInside(playlist, toKey(uri)));
		if (outside !== undefined)
			return { playlist, segments: [], refusal: refusal(playlist, outside) };
		const segments = playlist.segments.map(({ uri, init }) => ({
			key: toKey(uri),
			init: init === null ? null : toKey(init),
		}));
		return { playlist, segments, refusal: null };
	});
}

function namesIn({ segments }: LoadedPlaylist): string[] {
	return segments.flatMap(({ uri, init }) => (init === null ? [uri] : [uri, init]));
}

function isManifest({ object }: LoadedPlaylist): boolean {
	return object.key.toLowerCase().endsWith('.mpd');
}

function belongsTo({ object }: LoadedPlaylist, { name }: RecordedObject): boolean {
	const { takeover, uid, track } = object.name;
	return name.takeover === takeover && name.uid === uid && name.track.startsWith(track);
}

/** A name may be percent-encoded, or contain a literal percent sign. */
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
 * Merges the segments of one track. A playable file has segments of one type and one header, so a track becomes several
 * files where these change. Segments that do not play when merged (WebM, encrypted ones, byte ranges, those of a DASH
 * manifest) become a file each, preceded by their header if they have one.
 *
 * @param track usable playlists of one track, of all recorders
 * @returns files in playback order, keys that are missing, and how many are named; no file where no segment is in the
 *   bucket
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
	/** Missing keys of runs before the first file. */
	let unassigned: string[] = [];
	for (const run of runs) {
		const added: TrackFile[] =
			run.reason === null ? merged(run, isListed) : separate(run, isListed, number, total);
		if (run.reason !== null) number += run.keys.length;
		// Keys of a run that makes no file are missing from the file next to it.
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

/** @returns one playlist for each recorder: of a re-uploaded one (Agora: re-upload) the version with most segments */
function bestVersions(track: TrackPlaylist[]): TrackPlaylist[] {
	const byRecorder = groupBy(track, ({ playlist }) => playlist.object.name.takeover);
	return [...byRecorder.entries()]
		.sort(([a], [b]) => a - b)
		.map(([, versions]) =>
			versions.reduce((best, each) => (each.segments.length > best.segments.length ? each : best)),
		);
}

/** Consecutive segments that make one merged file, or that are all separate files for the same reason. */
interface Run {
	playlist: LoadedPlaylist;
	/** Keys of its segments, in order. Separate segments include their headers. */
	keys: string[];
	/** Extension of the merged file. */
	extension: string;
	/** Header of the merged file. */
	init: string | null;
	/** Why the segments cannot be merged; null where they can. */
	reason: string | null;
}

function keysOf({ init, keys, reason }: Run): string[] {
	return init === null || reason !== null ? keys : [init, ...keys];
}

function runsOf(playlists: TrackPlaylist[]): Run[] {
	const runs: Run[] = [];
	for (const { playlist, segments } of playlists) {
		for (const { key, init } of segments) {
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

/** @returns why a segment does not play when merged with others; null if it does */
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
 * @param before how many separate segments precede the run in its track
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
