import { ListedObject, ownCopy } from '../storage/listing';
import type { StoredObject } from '../storage/types';
import type { Day } from './day';
import { isSameChannel, readName, type RecordedName } from './fileName';

/** A session that is in the bucket, before its files are listed. */
export interface SessionRef {
	/** '' or with a trailing slash. */
	folder: string;
	sid: string;
	/** The day whose folder it is in, null for any other folder. */
	day: Day | null;
	/** One for each of its recorders. */
	prefixes: KeyPrefix[];
}

/** Prefix of all keys that one recorder wrote; the bucket folds them into it. */
export interface KeyPrefix {
	/** `<folder>[bak<n>_]<sid>_` */
	prefix: string;
	/** Prefixes with consecutive indexes are next to each other in the bucket. */
	index: number;
	/** Whether its files were folded into one entry, so they are not listed yet. */
	isFolded: boolean;
}

/** @returns `<folder><sid>`, the ID of a session within a bucket */
export function idOf({ folder, sid }: Pick<SessionRef, 'folder' | 'sid'>): string {
	return `${folder}${sid}`;
}

/** @returns the key prefixes of a session, one for each of its recorders */
export function prefixesOf({ prefixes }: SessionRef): string[] {
	return prefixes.map(({ prefix }) => prefix);
}

/** `[bak<n>_]<sid>_` after the folder, folded or with the rest of a name. */
const SESSION_NAME = /(?:bak\d+_)?([0-9a-f]{32})_/iy;

export interface SessionKey {
	/** `<folder>[bak<n>_]<sid>_` */
	prefix: string;
	folder: string;
	sid: string;
}

/** @returns the session of a key or folded entry; null where it is not a session's */
export function sessionKeyOf(name: string): SessionKey | null {
	const nameStart = name.lastIndexOf('/') + 1;
	SESSION_NAME.lastIndex = nameStart;
	const match = SESSION_NAME.exec(name);
	if (match === null) return null;
	return {
		prefix: name.slice(0, SESSION_NAME.lastIndex),
		folder: name.slice(0, nameStart),
		sid: match[1]!,
	};
}

/** An object of a recording. Its name is parsed on demand, because most names are never needed. */
export class RecordedObject extends ListedObject {
	get name(): RecordedName {
		return readName(this.key)!;
	}

	/** Its name without the folder. */
	get filename(): string {
		return this.key.slice(this.name.folder.length);
	}
}

/** What a listing says about one session: small, however many segments it has. */
export class SessionFiles {
	readonly sid: string;
	/** '' or with a trailing slash. */
	readonly folder: string;
	/** The channel as file names contain it, from the file whose name is most reliable. */
	channel: string;
	/** Everything but segments and the session record, including files of other tools. */
	readonly allFiles: RecordedObject[] = [];
	/** Segments, kept only where requested. */
	readonly segments: RecordedObject[] = [];
	segmentCount = 0;
	/** Start of the earliest segment or screenshot, Unix milliseconds, where names contain it. */
	firstSegment: number | null = null;
	/** The session record, where there is one. */
	record: RecordedObject | null = null;
	private authority = -1;
	private readonly segmentTotals: Totals = { bytes: 0, firstChange: null, lastChange: null };

	constructor({ sid, folder, channel }: RecordedName) {
		this.sid = sid;
		this.folder = folder;
		this.channel = channel;
	}

	/** Agora's files but for segments. */
	get files(): RecordedObject[] {
		return this.allFiles.filter((file) => this.isRecorded(file));
	}

	/** Files that other tools put next to the recording: they don't affect its status. */
	get otherFiles(): RecordedObject[] {
		return this.allFiles.filter((file) => !this.isRecorded(file));
	}

	/** Whether there is a recorded file or a session record, not only files of other tools. */
	get isSession(): boolean {
		return this.record !== null || this.segmentCount > 0 || this.files.length > 0;
	}

	/** Bytes of all recorded files, segments included. */
	get sizeBytes(): number {
		return this.totals().bytes;
	}

	/** Unix milliseconds of the first and the last change of a recorded file; null while there is none. */
	get firstChange(): number | null {
		return this.totals().firstChange;
	}

	get lastChange(): number | null {
		return this.totals().lastChange;
	}

	/** @param keepSegments whether a segment is kept, or only counted */
	add(object: RecordedObject, name: RecordedName, keepSegments: boolean): void {
		const { kind, channel, startedAt } = name;
		// Unlike thumbnails of other tools, Agora's screenshots have the time in their names.
		const authority = kind === 'image' && startedAt !== null ? SCREENSHOT : AUTHORITY[kind];
		if (authority > this.authority) {
			this.channel = channel;
			this.authority = authority;
		}
		if (kind === 'sessionRecord') {
			this.record = object;
			return;
		}
		if (startedAt !== null) this.firstSegment = Math.min(this.firstSegment ?? startedAt, startedAt);
		if (kind !== 'segment') this.allFiles.push(object);
		else {
			this.count(object);
			if (keepSegments) this.segments.push(object);
		}
	}

	/** Adds a segment whose name contains nothing new. */
	count(segment: StoredObject): void {
		addUp(this.segmentTotals, segment);
		this.segmentCount++;
	}

	/** Whether a file is Agora's: names of other tools' files also begin with the sid, but not with its channel after it. */
	private isRecorded({ name }: RecordedObject): boolean {
		if (name.kind === 'other') return false;
		return name.kind === 'playlist' || isSameChannel(name.channel, this.channel);
	}

	private totals(): Totals {
		const totals = { ...this.segmentTotals };
		for (const file of this.files) addUp(totals, file);
		return totals;
	}
}

interface Totals {
	bytes: number;
	firstChange: number | null;
	lastChange: number | null;
}

function addUp(totals: Totals, { size, lastModified: changed }: StoredObject): void {
	totals.bytes += size;
	totals.firstChange = Math.min(totals.firstChange ?? changed, changed);
	totals.lastChange = Math.max(totals.lastChange ?? changed, changed);
}

/**
 * How reliable a kind of file is for the channel name; the highest wins. Other tools write files whose names begin with
 * the sid and continue with anything, such as the `<sid>_0_merge_av.mp4` of Agora's format converter. A segment's name
 * ends with its time, so numbers at the end of a channel name are not lost.
 */
const AUTHORITY: Record<RecordedName['kind'], number> = {
	segment: 6,
	playlist: 5,
	sessionRecord: 4,
	video: 2,
	audio: 2,
	image: 1,
	other: 0,
};
const SCREENSHOT = 3;

/**
 * Groups listed objects by session.
 *
 * @param sessions the sessions found so far, by `idOf`; new ones are added
 * @param objects a page of a listing
 * @param keepSegments whether segments are kept one by one or only counted
 * @returns how many objects were not Agora's
 */
export function collectSessions(
	sessions: Map<string, SessionFiles>,
	objects: StoredObject[],
	keepSegments: boolean,
): number {
	let unrecognized = 0;
	let last: LastSegment | null = null;
	for (const object of objects) {
		if (last !== null && follows(object.key, last)) {
			last.session.count(object);
			last.key = object.key;
			continue;
		}
		const key = ownCopy(object.key);
		const name = readName(key);
		if (name === null) {
			unrecognized++;
			continue;
		}
		const id = `${name.folder}${name.sid}`;
		let session = sessions.get(id);
		if (session === undefined) sessions.set(id, (session = new SessionFiles(name)));
		const recorded = new RecordedObject(key, object.size, object.lastModified);
		session.add(recorded, name, keepSegments);
		last = keepSegments ? null : lastSegmentOf(key, session);
	}
	return unrecognized;
}

/** The previous object, if it was a segment with the time at the end of its name. */
interface LastSegment {
	session: SessionFiles;
	key: string;
	/** The key up to the time. */
	beginning: string;
}

const STAMPED = /\d{17}\.ts$/;
const STAMP_LENGTH = '20261123101530000.ts'.length;

function lastSegmentOf(key: string, session: SessionFiles): LastSegment | null {
	return STAMPED.test(key) ? { session, key, beginning: key.slice(0, -STAMP_LENGTH) } : null;
}

/**
 * Whether an object is the next segment after the last one, as nearly every object is. Only the time in its name is
 * different, so the name need not be parsed.
 */
function follows(key: string, last: LastSegment): boolean {
	return (
		key.length === last.key.length &&
		key > last.key &&
		key.startsWith(last.beginning) &&
		STAMPED.test(key)
	);
}

/**
 * @returns when the recording began, Unix milliseconds: the time of its first segment, otherwise of its session record,
 *   which Start writes, otherwise of its first file
 */
export function startOf(session: SessionFiles): number {
	const { firstSegment, record, firstChange, otherFiles } = session;
	const first = firstSegment ?? record?.lastModified ?? firstChange ?? otherFiles[0]?.lastModified;
	return first ?? NaN;
}

/** `Map.groupBy`, which Node has from version 21 on. */
export function groupBy<Value, Key>(values: Iterable<Value>, keyOf: (value: Value) => Key) {
	const groups = new Map<Key, Value[]>();
	for (const value of values) {
		const key = keyOf(value);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [value]);
		else group.push(value);
	}
	return groups;
}
