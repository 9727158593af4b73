import { ListedObject, ownCopy } from '../storage/listing';
import type { StoredObject } from '../storage/types';
import { readName, type RecordedName } from './fileName';

/** An object that is Agora's. Its name is parsed on demand, as most never are. */
export class RecordedObject extends ListedObject {
	get name(): RecordedName {
		return readName(this.key)!;
	}
}

/** What a listing says about one session: small, however many slices it has. */
export interface SessionFiles {
	sid: string;
	folder: string;
	/** The channel as file names have it: of a playlist or a slice, else of what says most about it. */
	channel: string;
	/** How much the file that `channel` is from says about it, see `AUTHORITY`. */
	channelAuthority: number;
	/** Everything but slices and the session record. */
	files: RecordedObject[];
	/** Slices, kept only where asked for. */
	segments: RecordedObject[];
	segmentCount: number;
	sizeBytes: number;
	/** Start of the earliest slice, Unix milliseconds, where names say so. */
	firstSlice: number | null;
	/** Unix milliseconds of the first and the last change of a recorded file; null while there is none. */
	firstChange: number | null;
	lastChange: number | null;
	/** The session record, where there is one. */
	record: RecordedObject | null;
}

/**
 * Groups listed objects by session.
 *
 * @param sessions the sessions found so far, by folder and sid; new ones are added
 * @param objects a page of a listing
 * @param keepSegments whether slices are kept one by one or only counted
 * @returns how many objects were not Agora's
 */
export function collect(
	sessions: Map<string, SessionFiles>,
	objects: StoredObject[],
	keepSegments: boolean,
): number {
	let unrecognized = 0;
	let last: Slice | null = null;
	for (const object of objects) {
		if (last !== null && follows(object.key, last)) {
			count(last.session, object);
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
		if (session === undefined) sessions.set(id, (session = emptySession(name)));
		const recorded = new RecordedObject(key, object.size, object.lastModified);
		add(session, recorded, name, keepSegments);
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
 * Which file's name is right about the channel: other tools put files beside a recording whose names begin with its
 * sid and go on with anything, such as the `<sid>_0_merge_av.mp4` of Agora's format converter.
 */
const AUTHORITY: Record<RecordedName['kind'], number> = {
	playlist: 4,
	segment: 4,
	sessionRecord: 3,
	video: 2,
	audio: 2,
	image: 1,
};

function emptySession({ sid, folder, channel }: RecordedName): SessionFiles {
	return {
		sid,
		folder,
		channel,
		channelAuthority: 0,
		files: [],
		segments: [],
		segmentCount: 0,
		sizeBytes: 0,
		firstSlice: null,
		firstChange: null,
		lastChange: null,
		record: null,
	};
}

function add(
	session: SessionFiles,
	object: RecordedObject,
	{ kind, channel, startedAt }: RecordedName,
	keepSegments: boolean,
): void {
	if (AUTHORITY[kind] > session.channelAuthority) {
		session.channel = channel;
		session.channelAuthority = AUTHORITY[kind];
	}
	if (kind === 'sessionRecord') {
		session.record = object;
		return;
	}
	if (startedAt !== null) session.firstSlice = Math.min(session.firstSlice ?? startedAt, startedAt);
	if (kind === 'segment') {
		count(session, object);
		if (keepSegments) session.segments.push(object);
	} else {
		addUp(session, object);
		session.files.push(object);
	}
}

function count(session: SessionFiles, slice: StoredObject): void {
	addUp(session, slice);
	session.segmentCount++;
}

function addUp(session: SessionFiles, { size, lastModified: changed }: StoredObject): void {
	session.sizeBytes += size;
	session.firstChange = Math.min(session.firstChange ?? changed, changed);
	session.lastChange = Math.max(session.lastChange ?? changed, changed);
}

/**
 * @returns when the recording began, Unix milliseconds: its first slice, else when its session record was
 *   written, which is at the start, else its first file
 */
export function startOf({ firstSlice, firstChange, record }: SessionFiles): number {
	return firstSlice ?? (record === null ? firstChange! : record.lastModified);
}
