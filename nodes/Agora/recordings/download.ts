import type { ObjectToRead } from '../storage/concatObjects';
import { safeFileName } from './fileName';
import { groupBy, startOf, type RecordedObject, type SessionFiles } from './sessionFiles';

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
	/** Position among the segments of its track that are separate files; null for any other file. */
	part: { number: number; total: number } | null;
	/** What the user should know about it; null for an ordinary file. */
	note: string | null;
}

/** By file name extension (IANA: media types). */
const MIME_TYPES = new Map(
	Object.entries({
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
	}),
);

/** @returns the media type of a file, by its extension in lower case */
export function mimeTypeOf(extension: string): string {
	return MIME_TYPES.get(extension) ?? 'application/octet-stream';
}

/** @returns the extension of a key or name, in lower case and without the dot */
export function extensionOf(key: string): string {
	return key.slice(key.lastIndexOf('.') + 1).toLowerCase();
}

/** @returns the download of one object under its own name */
export function downloadOf({ filename, key, size, name }: RecordedObject): Download {
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

/**
 * @param ending with the dot, and a number before it where there are several
 * @returns `<channel>[_<user>_<track>]_<start, UTC><ending>`
 */
export function displayFileName(
	session: SessionFiles,
	{ name }: RecordedObject,
	ending: string,
): string {
	const track = name.track
		.replace('__uid_s_', '_')
		.replace(/__uid_e_?/, '_')
		.replace(/_$/, '');
	const start = new Date(startOf(session)).toISOString().replace(/\.\d+|[-:]/g, '');
	return safeFileName(track, `_${start}${ending}`);
}

/** Orders files by recorder, then by name, with numbers in names as numbers: `_10` after `_9`. */
export function byRecorderAndName(a: RecordedObject, b: RecordedObject): number {
	return a.name.takeover - b.name.takeover || byName(a, b);
}

/** Orders files by key, with numbers in it as numbers. */
export function byName(a: RecordedObject, b: RecordedObject): number {
	return a.key.localeCompare(b.key, 'en', { numeric: true });
}

/** Adds a number to the name of each file that shares it with another one. */
export function withDistinctNames(downloads: Download[]): Download[] {
	const sameName = groupBy(downloads, ({ filename }) => filename);
	return downloads.map((download) => {
		const { filename } = download;
		const group = sameName.get(filename)!;
		if (group.length === 1) return download;
		const number = group.indexOf(download) + 1;
		return { ...download, filename: filename.replace(/\.\w+$/, `_${number}$&`) };
	});
}
