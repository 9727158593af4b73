import { mapConcurrent } from '../http/concurrency';
import { Fault, withAdvice } from '../http/errors';
import type { Bucket } from '../storage/types';
import {
	byRecorderAndName,
	displayFileName,
	downloadOf,
	extensionOf,
	mimeTypeOf,
	withDistinctNames,
	type Download,
} from './download';
import type { LoadedSession } from './loadSession';
import {
	mergeTrack,
	namedKeys,
	resolvePlaylists,
	type TrackFile,
	type TrackPlaylist,
} from './mergeSegments';
import { groupBy, RecordedObject, type SessionFiles } from './sessionFiles';
import { isLastMp4 } from './status';

/** All that a recording consists of, and what is missing. */
export interface WholeRecording {
	/** In the order of users and tracks. */
	downloads: Download[];
	/** Keys of segments and headers that are needed, and not in the bucket. */
	missing: string[];
	/** How many segments and headers are needed. */
	needed: number;
	/** Playlists of whose track nothing can be downloaded. */
	skipped: Array<{ filename: string; fault: Fault }>;
}

/** How many missing files an error lists. */
const MAX_LISTED = 3;
/** Only a few files arrive between listing them and reading the playlist. */
const MAX_LATE_FILES = 8;

/**
 * Plans the download of a recording as a whole, without downloading anything.
 *
 * @param loaded with its segments listed one by one; those that have arrived since are added
 * @param allowIncomplete whether parts may be missing
 * @returns at least one download
 * @throws Fault when there is nothing to download, when a part of the recording is or may be missing, or when the
 *   bucket refuses
 */
export async function planWholeRecording(
	bucket: Bucket,
	loaded: LoadedSession,
	allowIncomplete: boolean,
): Promise<WholeRecording> {
	const first = wholeRecording(loaded);
	const whole = (await addLateFiles(bucket, loaded.session, first))
		? wholeRecording(loaded)
		: first;
	const fault = allowIncomplete ? null : incomplete(loaded, whole);
	const isEmpty = whole.downloads.length === 0;
	if (fault !== null && !isEmpty) {
		throw withAdvice(fault, 'To download what is available, turn on Options > Allow Incomplete.');
	}
	if (isEmpty) throw fault ?? nothingToPlay(loaded, whole);
	return whole;
}

/**
 * Looks up a few files that seem to be missing: a recorder may upload a segment and name it in the playlist after the
 * listing and before the playlist is read.
 *
 * @param session gets the files that were found
 * @returns whether there were any
 */
async function addLateFiles(bucket: Bucket, session: SessionFiles, { missing }: WholeRecording) {
	if (missing.length > MAX_LATE_FILES) return false;
	const found = await mapConcurrent(missing, MAX_LATE_FILES, async (key) => {
		const { objects } = await bucket.list({ prefix: key, maxKeys: 1 });
		return objects.find((object) => object.key === key);
	});
	const late = found.filter((object) => object !== undefined);
	for (const { key, size, lastModified } of late) {
		const object = new RecordedObject(key, size, lastModified);
		session.add(object, object.name, true);
	}
	return late.length > 0;
}

function incomplete({ session, status, unreadable }: LoadedSession, whole: WholeRecording) {
	const [first] = unreadable;
	if (first !== undefined) {
		const message = `The playlist "${first.filename}" of recording ${session.sid} cannot be read`;
		return new Fault(message, { description: first.reason });
	}
	if (status === 'interrupted') {
		return new Fault(`Recording ${session.sid} was interrupted`, {
			description: 'Its recorder stopped unexpectedly, so the end may be missing.',
		});
	}
	if (status === 'recording') {
		return new Fault(`Recording ${session.sid} is not complete yet`, {
			description:
				'It is still running, or its files are still being uploaded. Use the Agora Trigger to wait until all files are uploaded.',
		});
	}
	return missingFiles(session, whole) ?? whole.skipped[0]?.fault ?? null;
}

function missingFiles({ sid }: SessionFiles, { missing, needed }: WholeRecording) {
	if (missing.length === 0) return null;
	const listed = missing.slice(0, MAX_LISTED);
	const names = listed.map((key) => `"${key.slice(key.lastIndexOf('/') + 1)}"`).join(', ');
	const others = missing.length - listed.length;
	const list = others === 0 ? names : `${names} and ${others} more`;
	const count =
		missing.length === needed
			? 'all of its segments'
			: `${missing.length} of its ${needed} segments`;
	const message = `Recording ${sid} is missing ${count}`;
	return new Fault(message, {
		description: `Missing: ${list}. They were deleted or moved, or are not uploaded yet.`,
		httpCode: '404',
	});
}

function nothingToPlay(
	{ session, playlists, unreadable }: LoadedSession,
	whole: WholeRecording,
): Fault {
	const [first] = unreadable;
	if (first !== undefined) {
		const message = `The playlist "${first.filename}" could not be read`;
		return new Fault(message, { description: first.reason });
	}
	const fault = missingFiles(session, whole) ?? whole.skipped[0]?.fault;
	if (fault !== undefined) return fault;
	const images = session.files.some(({ name }) => name.kind === 'image');
	const why =
		playlists.length === 0
			? 'It has no playlist and no MP4 file.'
			: 'Its playlists list no segments.';
	const description = images
		? 'It has screenshots only. Use their download_url from Get, or set What to Download to Single File.'
		: session.segmentCount === 0
			? why
			: `${why} To download a segment, set What to Download to Single File and File to By Name.`;
	const message = `Recording ${session.sid} has nothing to play`;
	return new Fault(message, { description, httpCode: '404' });
}

/** All objects of a recording by key, as the listing shows them. */
type ListedObjects = Map<string, RecordedObject>;

/**
 * Everything that makes up a recording. For each user, and for all where they are mixed: the MP4 files, if every
 * recorder that wrote a playlist also wrote one; otherwise the segments of each track, merged in the order of its
 * playlist, or one file each where they cannot be merged. Segments of a recorder that took over follow those of the
 * recorder it replaced. Audio files are included alongside the video.
 *
 * @param loaded with its segments listed one by one
 */
export function wholeRecording(loaded: LoadedSession): WholeRecording {
	const { session, playlists } = loaded;
	// The name of a header (`…_init.mp4`) looks like that of a file from another tool.
	const all = [...session.allFiles, ...session.segments];
	const listed: ListedObjects = new Map(all.map((file) => [file.key, file]));
	const isListed = (key: string) => listed.has(key);
	const named = namedKeys(playlists, isListed);
	const finished = session.files
		.filter(({ key, name }) => ['video', 'audio'].includes(name.kind) && !named.has(key))
		.sort(byRecorderAndName);
	const tracks = resolvePlaylists(playlists, session.segments, named, isListed);
	const objects = [...finished, ...playlists.map(({ object }) => object)];
	const users = new Set(objects.map(({ name }) => name.uid));
	const { downloads, ...rest } = combine(
		[...users].map((uid) => {
			const files = finished.filter(({ name }) => name.uid === uid);
			const ownTracks = tracks.filter(({ playlist }) => playlist.object.name.uid === uid);
			return isCovered(ownTracks, files, isListed)
				? { ...NOTHING, downloads: files.map((file) => finishedFile(session, file)) }
				: mergedTracks(session, ownTracks, files, listed);
		}),
	);
	return { ...rest, downloads: withDistinctNames(downloads) };
}

const NOTHING: WholeRecording = { downloads: [], missing: [], needed: 0, skipped: [] };

function combine(parts: WholeRecording[]): WholeRecording {
	return {
		downloads: parts.flatMap(({ downloads }) => downloads),
		missing: parts.flatMap(({ missing }) => missing),
		needed: parts.reduce((sum, { needed }) => sum + needed, 0),
		skipped: parts.flatMap(({ skipped }) => skipped),
	};
}

/**
 * Whether the MP4 files contain all of a user's tracks. A recorder that failed leaves a playlist and no MP4; of a long
 * recording, the MP4 files written before its end are only a part. Where the segments are gone, the MP4 files are all
 * there is.
 */
function isCovered(
	tracks: TrackPlaylist[],
	files: RecordedObject[],
	isListed: (key: string) => boolean,
): boolean {
	const videos = files.filter(({ name }) => name.kind === 'video');
	return tracks.every(({ playlist, segments }) => {
		const { takeover } = playlist.object.name;
		const own = videos.filter(({ name }) => name.takeover === takeover);
		if (own.some((video) => isLastMp4(video, playlist))) return true;
		if (own.length === 0 || segments.length === 0) return false;
		return !segments.some(({ key }) => isListed(key));
	});
}

const OVERLAPS = 'This MP4 file overlaps the segments, and may contain what is missing from them.';

/** @param files finished MP4 and audio files of the same user */
function mergedTracks(
	session: SessionFiles,
	tracks: TrackPlaylist[],
	files: RecordedObject[],
	listed: ListedObjects,
): WholeRecording {
	const byTrack = groupBy(tracks, ({ playlist }) => playlist.object.name.track);
	const merged = combine([...byTrack.values()].map((track) => mergedTrack(session, track, listed)));
	const isIncomplete = merged.missing.length + merged.skipped.length > 0;
	const others = files.flatMap((file): Download[] => {
		if (file.name.kind === 'audio') return [finishedFile(session, file)];
		return isIncomplete ? [{ ...finishedFile(session, file), note: OVERLAPS }] : [];
	});
	return { ...merged, downloads: [...merged.downloads, ...others] };
}

/** @param playlists all of one track */
function mergedTrack(
	session: SessionFiles,
	playlists: TrackPlaylist[],
	listed: ListedObjects,
): WholeRecording {
	const usable = playlists.filter(({ refusal }) => refusal === null);
	const recorders = new Set(usable.map(({ playlist }) => playlist.object.name.takeover));
	const skipped = playlists.flatMap(({ playlist: { object }, refusal }) =>
		refusal === null || recorders.has(object.name.takeover)
			? []
			: [{ filename: object.filename, fault: refusal }],
	);
	const { files, missing, named } = mergeTrack(usable, (key) => listed.has(key));
	const downloads = files.map((file) => trackDownload(session, file, listed));
	const isEmpty = named === 0 && usable.every(({ playlist }) => playlist.durationSeconds === 0);
	const [first] = usable;
	if (first !== undefined && files.length === 0 && !isEmpty) {
		const { filename } = first.playlist.object;
		const fault = new Fault(`None of the segments of "${filename}" are in the bucket`, {
			description: 'They were deleted or moved, or are not uploaded yet.',
			httpCode: '404',
		});
		skipped.push({ filename, fault });
	}
	return { downloads, missing, needed: named, skipped };
}

function trackDownload(
	session: SessionFiles,
	{ object, extension, keys, missing, part, note }: TrackFile,
	listed: ListedObjects,
): Download {
	const digits = Math.max(3, String(part?.total).length);
	const number = part === null ? '' : `_${String(part.number).padStart(digits, '0')}`;
	const lacks = missing.length === 0 ? null : missingNote(missing.length);
	return {
		filename: displayFileName(session, object, `${number}.${extension}`),
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

function finishedFile(session: SessionFiles, object: RecordedObject): Download {
	const filename = displayFileName(session, object, `.${extensionOf(object.key)}`);
	return { ...downloadOf(object), filename };
}
