import { Fault } from '../http/errors';
import type { ObjectToRead } from '../storage/concatObjects';
import { isLastMp4 } from './status';
import { groupBy } from './groupBy';
import {
	extensionOf,
	mergeTrack,
	namedKeys,
	resolvePlaylists,
	type TrackFile,
	type TrackPlaylist,
} from './mergeSlices';
import type { ReadSession } from './readSession';
import type { RecordedFile } from './recording';
import { safeFileName } from './safeFileName';
import { startOf, type RecordedObject } from './sessionFiles';

/** A file to output: one object of the bucket, or several that are merged byte for byte. */
export interface Download {
	/** Valid on every file system. */
	filename: string;
	mimeType: string;
	/** The user whose track it is, null where all are mixed. */
	uid: string | null;
	objects: ObjectToRead[];
	/** Names of files that belong to it and are not in the bucket. */
	missing: string[];
	/** Position among the slices of its track that are separate files; null for any other file. */
	part: TrackFile['part'];
	/** What the user should know about it; null for an ordinary file. */
	note: string | null;
}

/** By file name extension (IANA: media types). */
const MIME_TYPES: Record<string, string> = {
	aac: 'audio/aac',
	jpeg: 'image/jpeg',
	jpg: 'image/jpeg',
	m3u8: 'application/vnd.apple.mpegurl',
	m4a: 'audio/mp4',
	m4s: 'video/mp4',
	mp3: 'audio/mpeg',
	mp4: 'video/mp4',
	mpd: 'application/dash+xml',
	png: 'image/png',
	ts: 'video/mp2t',
	webm: 'video/webm',
};

/** All that a recording consists of, and what is not there. */
export interface WholeRecording {
	/** In the order of users and tracks. */
	downloads: Download[];
	/** Keys of slices and headers that are needed, and not in the bucket. */
	missing: string[];
	/** How many slices and headers are needed. */
	needed: number;
	/** Playlists of whose track nothing can be downloaded. */
	skipped: Array<{ filename: string; fault: Fault }>;
}

/**
 * What makes up a recording as a whole. Of each user, and of all where they are mixed: the MP4 files, if every
 * recorder that wrote a playlist also wrote one; else each track's slices, merged in the order of its playlist,
 * a replacing recorder's after those of the one it replaced, or one file each where they cannot be merged. Audio files
 * beside the video are added.
 *
 * @param read with its slices listed one by one
 */
export function wholeRecording(read: ReadSession): WholeRecording {
	const { session, playlists } = read;
	// A header (`…_init.mp4`) counts as a file of another tool by its name.
	const all = [...session.allFiles, ...session.segments];
	const listed = new Map(all.map((file) => [file.key, file]));
	const isListed = (key: string) => listed.has(key);
	const named = namedKeys(playlists, isListed);
	const finished = session.files
		.filter(({ key, name }) => isMedia(name.kind) && !named.has(key))
		.sort(inOrder);
	const tracks = resolvePlaylists(playlists, session.segments, named, isListed);
	const objects = [...finished, ...playlists.map(({ object }) => object)];
	const users = new Set(objects.map(({ name }) => name.uid));
	const whole: WholeRecording = { downloads: [], missing: [], needed: 0, skipped: [] };
	for (const uid of users) {
		const files = finished.filter(({ name }) => name.uid === uid);
		const ownTracks = tracks.filter(({ playlist }) => playlist.object.name.uid === uid);
		if (isCovered(ownTracks, files, isListed)) {
			whole.downloads.push(...files.map((file) => oneObject(read, file)));
			continue;
		}
		const known = whole.missing.length + whole.skipped.length;
		for (const track of groupBy(ownTracks, ({ playlist }) => playlist.object.name.track).values()) {
			addTrack(whole, read, track, listed);
		}
		const lacks = whole.missing.length + whole.skipped.length > known;
		for (const file of files) {
			if (file.name.kind === 'audio') whole.downloads.push(oneObject(read, file));
			else if (lacks) whole.downloads.push({ ...oneObject(read, file), note: OVERLAPS });
		}
	}
	return { ...whole, downloads: withDistinctNames(whole.downloads) };
}

const OVERLAPS = 'This MP4 file overlaps the segments, and may contain what is missing from them.';

function isMedia(kind: string): boolean {
	return kind === 'video' || kind === 'audio';
}

/**
 * Whether the MP4 files are all of a user's tracks. A recorder that broke leaves a playlist and no MP4; of a long
 * recording, the MP4s that were written before its end are a part only. Where somebody moved the MP4s alone, there is
 * nothing else to take.
 */
function isCovered(
	tracks: TrackPlaylist[],
	files: RecordedObject[],
	isListed: (key: string) => boolean,
): boolean {
	const videos = files.filter(({ name }) => name.kind === 'video');
	return tracks.every(({ playlist, slices }) => {
		const { takeover } = playlist.object.name;
		const own = videos.filter(({ name }) => name.takeover === takeover);
		if (own.some((video) => isLastMp4(video, playlist))) return true;
		if (own.length === 0 || slices.length === 0) return false;
		return !slices.some(({ key }) => isListed(key));
	});
}

/** Recorders one after the other, numbers in names as numbers: `_10` after `_9`. */
function inOrder(a: RecordedObject, b: RecordedObject): number {
	return a.name.takeover - b.name.takeover || a.key.localeCompare(b.key, 'en', { numeric: true });
}

/** @param playlists all of one track */
function addTrack(
	whole: WholeRecording,
	read: ReadSession,
	playlists: TrackPlaylist[],
	listed: Map<string, RecordedObject>,
): void {
	const usable = playlists.filter(({ refusal }) => refusal === null);
	const replaced = new Set(usable.map(({ playlist }) => playlist.object.name.takeover));
	for (const { playlist, refusal } of playlists) {
		if (refusal === null || replaced.has(playlist.object.name.takeover)) continue;
		whole.skipped.push({ filename: playlist.object.filename, fault: refusal });
	}
	const { files, missing, named } = mergeTrack(usable, (key) => listed.has(key));
	whole.needed += named;
	whole.missing = [...whole.missing, ...missing];
	for (const file of files) whole.downloads.push(trackDownload(read, file, listed));
	const isEmpty = named === 0 && usable.every(({ playlist }) => playlist.durationSeconds === 0);
	if (files.length > 0 || usable.length === 0 || isEmpty) return;
	const filename = usable[0]!.playlist.object.filename;
	const fault = new Fault(`None of the segments of "${filename}" are in the bucket`, {
		description: 'They were deleted or moved, or are not uploaded yet.',
		httpCode: '404',
	});
	whole.skipped.push({ filename, fault });
}

function trackDownload(
	read: ReadSession,
	{ object, extension, keys, missing, part, note }: TrackFile,
	listed: Map<string, RecordedObject>,
): Download {
	const digits = Math.max(3, String(part?.total).length);
	const number = part === null ? '' : `_${String(part.number).padStart(digits, '0')}`;
	const lacks = missing.length === 0 ? null : missingNote(missing.length);
	return {
		filename: displayFileName(read, object, `${number}.${extension}`),
		mimeType: mimeTypeOf(extension),
		uid: object.name.uid,
		objects: keys.map((key) => ({ key, size: listed.get(key)!.size })),
		missing: missing.map((key) => key.slice(object.name.folder.length)),
		part,
		note: [note, lacks].filter((each) => each !== null).join(' ') || null,
	};
}

function missingNote(count: number): string {
	const files = count === 1 ? '1 file of this track is' : `${count} files of this track are`;
	return `${files} missing from the bucket and listed in file.missing_files.`;
}

function oneObject(read: ReadSession, object: RecordedObject): Download {
	const filename = displayFileName(read, object, `.${extensionOf(object.key)}`);
	return { ...asItIs(object), filename };
}

function asItIs(object: RecordedObject): Download {
	const { filename, key, size, name } = object;
	const dot = filename.lastIndexOf('.');
	return {
		filename: safeFileName(filename.slice(0, dot), filename.slice(dot)),
		mimeType: mimeTypeOf(extensionOf(key)),
		uid: name.uid,
		objects: [{ key, size }],
		missing: [],
		part: null,
		note: null,
	};
}

function mimeTypeOf(extension: string): string {
	return MIME_TYPES[extension] ?? 'application/octet-stream';
}

/** `<channel>[_<user>_<track>]_<start, UTC><ending>` */
function displayFileName({ session }: ReadSession, { name }: RecordedObject, ending: string) {
	const track = name.track
		.replace('__uid_s_', '_')
		.replace(/__uid_e_?/, '_')
		.replace(/_$/, '');
	const start = new Date(startOf(session)).toISOString().replace(/\.\d+|[-:]/g, '');
	return safeFileName(track, `_${start}${ending}`);
}

/** Numbers those that would have the same name. */
function withDistinctNames(downloads: Download[]): Download[] {
	const alike = groupBy(downloads, ({ filename }) => filename);
	return downloads.map((download) => {
		const { filename } = download;
		const group = alike.get(filename)!;
		if (group.length === 1) return download;
		const number = group.indexOf(download) + 1;
		return { ...download, filename: filename.replace(/\.\w+$/, `_${number}$&`) };
	});
}

type FirstFileKind = Exclude<RecordedFile['kind'], 'segment' | 'other'>;

/**
 * The first file of a kind: of the first recorder, and with the lowest number.
 *
 * @throws Fault when there is none
 */
export function firstFile(read: ReadSession, kind: FirstFileKind): Download {
	const { session } = read;
	const first = session.files.filter(({ name }) => name.kind === kind).sort(inOrder)[0];
	if (first !== undefined) return asItIs(first);
	const kinds = [...new Set(session.allFiles.map(({ name }) => name.kind))].sort();
	const has = [...kinds, ...(session.segmentCount > 0 ? ['segment'] : [])].join(', ');
	const isPlayable = kind === 'video' || kind === 'audio';
	const canMerge = isPlayable && session.segmentCount > 0 && !kinds.includes('video');
	const advice =
		canMerge && wholeRecording(read).downloads.length > 0
			? ' To download its segments, set Scope to Whole Recording.'
			: '';
	throw new Fault(`Recording ${session.sid} has no ${kind} file`, {
		description: `${has === '' ? 'It has no files.' : `Its files are of type ${has}.`}${advice}`,
		httpCode: '404',
	});
}

/**
 * @param filename a filename or key from `file_list`; the sid in it in any case
 * @throws Fault when the recording has no such file
 */
export function namedFile({ session }: ReadSession, filename: string): Download {
	const objects = [...session.allFiles, ...session.segments];
	const find = (normalize: (name: string) => string) =>
		objects.find((object) =>
			[object.key, object.filename].some((name) => normalize(name) === normalize(filename)),
		);
	const found = find((name) => name) ?? find(withLowerCaseSids);
	if (found !== undefined) return asItIs(found);
	throw new Fault(`Recording ${session.sid} has no file "${filename.slice(0, 200)}"`, {
		description:
			'Use a filename or key from file_list. Get lists segments too if Include Segments is on.',
		httpCode: '404',
	});
}

function withLowerCaseSids(name: string): string {
	return name.replace(/[\da-f]{32}/gi, (sid) => sid.toLowerCase());
}
