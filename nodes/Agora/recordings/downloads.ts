import { Fault } from '../http/fault';
import type { ObjectToRead } from '../storage/concatObjects';
import { isLastMp4, type ReadPlaylist } from './status';
import { diskName } from './diskName';
import { readName } from './fileName';
import { groupBy } from './groupBy';
import type { Slice } from './playlist';
import type { ReadSession, RecordedFile } from './recording';
import { startOf, type RecordedObject } from './sessionFiles';

/** A file to give out: one object of the bucket, or several that are joined byte for byte. */
export interface Download {
	/** Fit for every file system. */
	filename: string;
	mimeType: string;
	/** The user whose track it is, null where all are mixed. */
	uid: string | null;
	objects: ObjectToRead[];
}

/** What a name's ending says (IANA: media types). */
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

/**
 * What makes up a recording as a whole. Of each user, and of all where they are mixed: the MP4 files, if every
 * recorder that wrote a playlist also wrote one; else each track's slices, joined in the order of its playlist,
 * a replacing recorder's after those of the one it replaced. Audio files beside the video are added.
 *
 * A file that plays has one kind of slices and one header, so a track whose slices change in that becomes
 * several files.
 *
 * @param read with its slices listed one by one
 * @returns at least one
 * @throws Fault when there is nothing to play, or slices are of a kind that cannot be joined (WebM)
 */
export function wholeRecording(read: ReadSession): Download[] {
	const { session, playlists } = read;
	const ownedBy = new Set(playlists.flatMap(({ slices }) => slices.flatMap(namesIn)));
	const finished = session.files
		.filter(({ key, name }) => isMedia(name.kind) && !ownedBy.has(key.slice(name.folder.length)))
		.sort(inOrder);
	const objects = [...finished, ...playlists.map(({ object }) => object)];
	const users = new Set(objects.map(({ name }) => name.uid));
	const downloads = [...users].flatMap((uid) => {
		const files = finished.filter(({ name }) => name.uid === uid);
		const tracks = playlists.filter(({ object }) => object.name.uid === uid);
		if (isCovered(read, tracks, files)) return files.map((file) => oneObject(read, file));
		const audio = files.filter(({ name }) => name.kind === 'audio');
		return [...joinTracks(read, tracks), ...audio.map((file) => oneObject(read, file))];
	});
	if (downloads.length === 0) throw nothingToPlay(read);
	return withDistinctNames(downloads);
}

function namesIn({ uri, init }: Slice): string[] {
	return init === null ? [uri] : [uri, init];
}

function isMedia(kind: string): boolean {
	return kind === 'video' || kind === 'audio';
}

/**
 * Whether the MP4 files are all of a user's tracks. A recorder that broke leaves a playlist and no MP4; of a long
 * recording, the MP4s that were written before its end are a part only. Where somebody moved the MP4s alone, there is
 * nothing else to take.
 */
function isCovered({ session }: ReadSession, tracks: ReadPlaylist[], files: RecordedObject[]) {
	const videos = files.filter(({ name }) => name.kind === 'video');
	const listed = new Set(session.segments.map(({ key }) => key));
	return tracks.every((track) => {
		const { takeover } = track.object.name;
		const own = videos.filter(({ name }) => name.takeover === takeover);
		if (own.some((video) => isLastMp4(video, track))) return true;
		return own.length > 0 && !track.slices.every(({ uri }) => listed.has(keyIn(track, uri)));
	});
}

/** Recorders one after the other, numbers in names as numbers: `_10` after `_9`. */
function inOrder(a: RecordedObject, b: RecordedObject): number {
	return a.name.takeover - b.name.takeover || a.key.localeCompare(b.key, 'en', { numeric: true });
}

function joinTracks(read: ReadSession, playlists: ReadPlaylist[]): Download[] {
	const sizes = new Map(
		[...read.session.files, ...read.session.segments].map(({ key, size }) => [key, size]),
	);
	return [...groupBy(playlists, ({ object }) => object.name.track).values()].flatMap((track) =>
		runsOf(bestVersions(track)).map((run) => joinRun(read, run, sizes)),
	);
}

/** Each recorder's playlist: of a re-uploaded one (Agora: re-upload) the version that holds most. */
function bestVersions(track: ReadPlaylist[]): ReadPlaylist[] {
	const byRecorder = groupBy(track, ({ object }) => object.name.takeover);
	return [...byRecorder.entries()]
		.sort(([a], [b]) => a - b)
		.map(([, versions]) =>
			versions.reduce((best, each) => (each.slices.length > best.slices.length ? each : best)),
		);
}

interface Run {
	playlist: ReadPlaylist;
	/** Keys of its slices, in order. */
	keys: string[];
	extension: string;
	/** Key of the header before them. */
	init: string | null;
}

/** Slices that make one playable file. */
function runsOf(playlists: ReadPlaylist[]): Run[] {
	const runs: Run[] = [];
	for (const playlist of playlists) {
		if (!playlist.plain || isManifest(playlist)) throw notJoinable(playlist);
		for (const { uri, init } of playlist.slices) {
			const key = keyIn(playlist, uri);
			const header = init === null ? null : keyIn(playlist, init);
			const extension = joinedExtension(key, header);
			if (extension === null) throw notJoinable(playlist);
			const last = runs.at(-1);
			if (last?.extension === extension && last.init === header) last.keys.push(key);
			else runs.push({ playlist, keys: [key], extension, init: header });
		}
	}
	return runs;
}

function isManifest({ object }: ReadPlaylist): boolean {
	return object.key.toLowerCase().endsWith('.mpd');
}

/** What joined slices are; null for those that do not play when joined. */
function joinedExtension(key: string, init: string | null): string | null {
	const extension = extensionOf(key);
	if (init !== null) return ['m4s', 'mp4', 'm4a'].includes(extension) ? 'mp4' : null;
	return ['ts', 'aac', 'mp3'].includes(extension) ? extension : null;
}

/**
 * A playlist is a text that somebody can replace: it may name what lies beside it and belongs to the same
 * recording, nothing else.
 */
function keyIn({ object }: ReadPlaylist, uri: string): string {
	const name = uri.includes('%') ? decoded(uri) : uri;
	const key = `${object.name.folder}${name}`;
	const inside = !/[/\\:?#]/.test(name) && readName(key)?.sid === object.name.sid;
	if (inside) return key;
	throw new Fault(`The playlist “${nameOf(object)}” names a file outside its recording`, {
		description: `It names ‘${uri.slice(0, 200)}’. Agora does not write this: something else has changed the playlist.`,
	});
}

function decoded(uri: string): string {
	try {
		return decodeURIComponent(uri);
	} catch {
		return uri;
	}
}

function joinRun(
	read: ReadSession,
	{ playlist, keys, extension, init }: Run,
	sizes: Map<string, number>,
): Download {
	const all = init === null ? keys : [init, ...keys];
	return {
		filename: friendlyName(read, playlist.object, extension),
		mimeType: MIME_TYPES[extension]!,
		uid: playlist.object.name.uid,
		objects: all.map((key) => ({ key, size: sizes.get(key) ?? null })),
	};
}

function oneObject(read: ReadSession, object: RecordedObject): Download {
	const file = asItIs(object);
	return { ...file, filename: friendlyName(read, object, extensionOf(object.key)) };
}

function asItIs(object: RecordedObject): Download {
	const { key, size, name } = object;
	const file = nameOf(object);
	const dot = file.lastIndexOf('.');
	return {
		filename: diskName(file.slice(0, dot), file.slice(dot)),
		mimeType: MIME_TYPES[extensionOf(key)] ?? 'application/octet-stream',
		uid: name.uid,
		objects: [{ key, size }],
	};
}

/** `<channel>[_<user>_<track>]_<start, UTC>.<extension>` */
function friendlyName(
	{ session }: ReadSession,
	{ name }: RecordedObject,
	extension: string,
): string {
	const track = name.track
		.replace('__uid_s_', '_')
		.replace(/__uid_e_?/, '_')
		.replace(/_$/, '');
	const start = new Date(startOf(session)).toISOString().replace(/\.\d+|[-:]/g, '');
	return diskName(track, `_${start}.${extension}`);
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

/**
 * The first file of a kind.
 *
 * @throws Fault when there is none
 */
export function firstFile(
	{ session }: ReadSession,
	kind: Exclude<RecordedFile['kind'], 'segment' | 'other'>,
): Download {
	const first = session.files.filter(({ name }) => name.kind === kind).sort(inOrder)[0];
	if (first !== undefined) return asItIs(first);
	const kinds = [...new Set(session.allFiles.map(({ name }) => name.kind))].sort();
	throw new Fault(`Recording ${session.sid} has no ${kind} file`, {
		description: `It has ${kinds.length === 0 ? 'slices only' : `files of the kind ${kinds.join(', ')}`}. Whole Recording joins slices into a video.`,
		httpCode: '404',
	});
}

/**
 * @param filename as `file_list` has it, or the whole key
 * @throws Fault when the recording has no such file
 */
export function namedFile({ session }: ReadSession, filename: string): Download {
	const found = [...session.allFiles, ...session.segments].find(
		(object) => object.key === filename || nameOf(object) === filename,
	);
	if (found !== undefined) return asItIs(found);
	throw new Fault(`Recording ${session.sid} has no file ‘${filename.slice(0, 200)}’`, {
		description:
			'Take a filename from file_list, as Get gives it out; slices are listed with Include Segments.',
		httpCode: '404',
	});
}

function notJoinable({ object }: ReadPlaylist): Fault {
	return new Fault(`The slices that “${nameOf(object)}” names cannot be joined into one file`, {
		description:
			'Joined are MPEG-TS, fragmented MP4, AAC and MP3, not WebM. Choose Single File for the files one by one, or take their links from Get with Include Segments.',
	});
}

function nothingToPlay({ session, playlists, unreadable }: ReadSession): Fault {
	const [first] = unreadable;
	if (first !== undefined) {
		return new Fault(`The playlist "${first.filename}" could not be read`, {
			description: first.reason,
		});
	}
	const images = session.files.some(({ name }) => name.kind === 'image');
	return new Fault(`Recording ${session.sid} has nothing to play`, {
		description: images
			? 'It holds screenshots. Choose Single File, or take their links from Get.'
			: playlists.length === 0
				? 'It has no playlist and no MP4 file.'
				: 'Its playlist names no slices.',
		httpCode: '404',
	});
}

function extensionOf(key: string): string {
	return key.slice(key.lastIndexOf('.') + 1).toLowerCase();
}

function nameOf({ key, name }: RecordedObject): string {
	return key.slice(name.folder.length);
}
