import { ListedObject, ownCopy } from '../storage/listing';
import type { StoredObject } from '../storage/types';
import type { Day } from './day';
import { isSameChannel, readName, type RecordedName } from './fileName';

/** A session that is known to be in the bucket, before any of its files were listed. */
export interface SessionRef {
	/** '' or with a trailing slash. */
	folder: string;
	sid: string;
	/** The day whose folder it is in, null for any other folder. */
	day: Day | null;
	/** What the keys of each of its recorders begin with. */
	prefixes: KeyPrefix[];
}

/** `<folder>[bak<n>_]<sid>_`, to which the bucket folds everything that one recorder wrote. */
export interface KeyPrefix {
	prefix: string;
	/** Prefixes with consecutive indexes are next to each other in the bucket. */
	index: number;
	/** Whether its files were folded into one entry, so that they are not listed yet. */
	isFolded: boolean;
}

/** @returns `<folder><sid>`, the ID of a session within a bucket */
export function idOf({ folder, sid }: Pick<SessionRef, 'folder' | 'sid'>): string {
	return `${folder}${sid}`;
}

/** @returns what the keys of a session begin with, one for each of its recorders */
export function prefixesOf({ prefixes }: SessionRef): string[] {
	return prefixes.map(({ prefix }) => prefix);
}

/** `<folder>[bak<n>_]<sid>_`, folded or with the rest of a name. */
const SESSION_KEY = /^((.*\/)?(?:bak\d+_)?([0-9a-f]{32})_)[^/]*$/i;

export interface SessionKey {
	/** `<folder>[bak<n>_]<sid>_` */
	prefix: string;
	folder: string;
	sid: string;
}

/** @returns null for a name that is not a session's */
export function sessionKeyOf(name: string): SessionKey | null {
	const match = SESSION_KEY.exec(name);
	return match && { prefix: match[1]!, folder: match[2] ?? '', sid: match[3]! };
}

/** An object that is Agora's. Its name is parsed on demand, as most never are. */
export class RecordedObject extends ListedObject {
	get name(): RecordedName {
		return readName(this.key)!;
	}

	/** Its name without the folder. */
	get filename(): string {
		return this.key.slice(this.name.folder.length);
	}
}

/** What a listing says about one session: small, however many slices it has. */
export class SessionFiles {
	readonly sid: string;
	/** '' or with a trailing slash. */
	readonly folder: string;
	/** The channel as file names have it, of the file whose name is most reliable. */
	channel: string;
	/** Everything but slices and the session record, whoever wrote it. */
	readonly allFiles: RecordedObject[] = [];
	/** Slices, kept only where requested. */
	readonly segments: RecordedObject[] = [];
	segmentCount = 0;
	/** Start of the earliest slice or screenshot, Unix milliseconds, where names contain it. */
	firstSlice: number | null = null;
	/** The session record, where there is one. */
	record: RecordedObject | null = null;
	private authority = -1;
	private readonly slices: Totals = { bytes: 0, firstChange: null, lastChange: null };

	constructor({ sid, folder, channel }: RecordedName) {
		this.sid = sid;
		this.folder = folder;
		this.channel = channel;
	}

	/** Agora's files but for slices. */
	get files(): RecordedObject[] {
		return this.allFiles.filter((file) => this.isRecorded(file));
	}

	/** What other tools put beside the recording: it says nothing about the recording's state. */
	get otherFiles(): RecordedObject[] {
		return this.allFiles.filter((file) => !this.isRecorded(file));
	}

	/** Whether there is anything of Agora's or Start's, not only files of other tools. */
	get isSession(): boolean {
		return this.record !== null || this.segmentCount > 0 || this.files.length > 0;
	}

	/** Bytes of all recorded files, slices included. */
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

	add(object: RecordedObject, name: RecordedName, keepSegments: boolean): void {
		const { kind, channel, startedAt } = name;
		// Only Agora's screenshots have the time in their names, which tells them from other tools' thumbnails.
		const authority = kind === 'image' && startedAt !== null ? SCREENSHOT : AUTHORITY[kind];
		if (authority > this.authority) {
			this.channel = channel;
			this.authority = authority;
		}
		if (kind === 'sessionRecord') {
			this.record = object;
			return;
		}
		if (startedAt !== null) this.firstSlice = Math.min(this.firstSlice ?? startedAt, startedAt);
		if (kind !== 'segment') this.allFiles.push(object);
		else {
			this.count(object);
			if (keepSegments) this.segments.push(object);
		}
	}

	/** Adds a slice whose name contains nothing new. */
	count(slice: StoredObject): void {
		addUp(this.slices, slice);
		this.segmentCount++;
	}

	/** Names of other files begin with the sid and continue in their own way, which is no channel of this session. */
	private isRecorded({ name }: RecordedObject): boolean {
		if (name.kind === 'other') return false;
		return name.kind === 'playlist' || isSameChannel(name.channel, this.channel);
	}

	private totals(): Totals {
		const totals = { ...this.slices };
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
 * Which file's name is right about the channel: other tools put files beside a recording whose names begin with its
 * sid and continue with anything, such as the `<sid>_0_merge_av.mp4` of Agora's format converter. A slice's name ends
 * with its time, so that a channel with numbers at its end is not taken for one without.
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
 * @param sessions the sessions found so far, by folder and sid; new ones are added
 * @param objects a page of a listing
 * @param keepSegments whether slices are kept one by one or only counted
 * @returns how many objects were not Agora's
 */
export function collectSessions(
	sessions: Map<string, SessionFiles>,
	objects: StoredObject[],
	keepSegments: boolean,
): number {
	let unrecognized = 0;
	let last: Slice | null = null;
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
		last = keepSegments ? null : sliceOf(key, session);
	}
	return unrecognized;
}

/** The last object, if it was a slice with the time at the end of its name. */
interface Slice {
	session: SessionFiles;
	key: string;
	/** All but the time and what follows it. */
	stem: string;
}

const STAMPED = /\d{17}\.ts$/;
const STAMP_LENGTH = '20261123101530000.ts'.length;

function sliceOf(key: string, session: SessionFiles): Slice | null {
	return STAMPED.test(key) ? { session, key, stem: key.slice(0, -STAMP_LENGTH) } : null;
}

/**
 * Whether an object is the next slice after the last one, as nearly every object is: its name contains nothing new
 * but a later time, and need not be parsed.
 */
function follows(key: string, last: Slice): boolean {
	return (
		key.length === last.key.length &&
		key > last.key &&
		key.startsWith(last.stem) &&
		STAMPED.test(key)
	);
}

/**
 * @returns when the recording began, Unix milliseconds: its first slice, else when its session record was written,
 *   which is at the start, else its first file
 */
export function startOf(session: SessionFiles): number {
	const { firstSlice, record, firstChange, otherFiles } = session;
	const first = firstSlice ?? record?.lastModified ?? firstChange ?? otherFiles[0]?.lastModified;
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
