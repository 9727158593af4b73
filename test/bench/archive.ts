import type { SortedKeys } from '../storage/stubs/objectStore.ts';
import { firstIndex } from '../storage/stubs/objectStore.ts';

interface ArchiveShape {
	/** Folder of all recordings, with a trailing slash. The default is PREFIX. */
	prefix?: string;
	sessions: number;
	/** Over how many days they are spread, until now. The default is 100 sessions a day. */
	days?: number;
	/** Whether each day has its own folder, as with Partition by Date; the newest is yesterday's. */
	isPartitioned?: boolean;
	/** Size of each session's MP4 file; null for sessions of slices only. */
	mp4Bytes: number | null;
	/** Slices of each session. */
	slices: number;
}

export interface ArchivedObject {
	key: string;
	size: number;
	/** Unix milliseconds. */
	lastModified: number;
}

/** The folder of all recordings. */
export const PREFIX = 'recordings/';
/** A playlist, a session record, an MP4 file and 237 slices. */
export const FILES_PER_SESSION = 240;

const MP4_BYTES = 90_000_000;
const SLICE_MS = 15_000;
const SLICE_BYTES = 750_000;
const DAY_MS = 86_400_000;
const SESSIONS_PER_DAY = 100;
/** In day folders, lessons begin in the morning (UTC) and within this time. */
const FIRST_LESSON_MS = 7 * 3_600_000;
const SCHOOL_DAY_MS = 8 * 3_600_000;
/** The newest session ended this long ago, so no recording can still be running. */
const IDLE_MS = 3 * 3_600_000;

/**
 * The name of the bucket with an archive; its dot makes n8n's AWS S3 node use path-style URLs.
 *
 * @param content `sessions`: so many sessions in one folder; `mp4`: one session with an MP4 file of so many bytes;
 *   `slices`: one session with so many slices and no MP4 file
 */
export function bucketName(content: 'sessions' | 'mp4' | 'slices', number: number): string {
	return `${content}.${number}`;
}

/** @param now Unix milliseconds, from which the times of the archive are counted back */
export function archiveIn(bucket: string, now: number): Archive {
	const [content, value] = bucket.split('.');
	const number = Number(value);
	if (content === 'slices')
		return new Archive({ sessions: 1, mp4Bytes: null, slices: number }, now);
	const slices = FILES_PER_SESSION - 3;
	return content === 'mp4'
		? new Archive({ sessions: 1, mp4Bytes: number, slices }, now)
		: new Archive({ sessions: number, mp4Bytes: MP4_BYTES, slices }, now);
}

interface Session {
	/** Folder, sid and channel. */
	stem: string;
	sid: string;
	cname: string;
	/** Unix milliseconds. */
	start: number;
}

/** A bucket of recordings that are not stored: each object is computed from its index. */
export class Archive implements SortedKeys {
	/** How many objects there are. */
	readonly length: number;
	private readonly shape: Required<ArchiveShape>;
	/** The index of the sessions, which Start writes. Listings do not contain it. */
	private readonly indexFolder: string;
	private readonly now: number;
	private readonly stride: number;
	/** Index of the first slice among the files of a session. */
	private readonly firstSlice: number;
	private readonly filesPerSession: number;
	private readonly sessionMs: number;
	/** Size of every playlist and of every session record. */
	private readonly textBytes: number[];
	/** Computed once, because a listing with a delimiter visits each of them many times. */
	private readonly sessions: Session[] = [];

	constructor(shape: ArchiveShape, now: number) {
		const days = shape.sessions / SESSIONS_PER_DAY;
		this.shape = { prefix: PREFIX, days, isPartitioned: false, ...shape };
		this.indexFolder = `${this.shape.prefix}_sessions/by-sid/`;
		this.now = Math.floor(now / 1000) * 1000;
		this.firstSlice = shape.mp4Bytes === null ? 2 : 3;
		this.filesPerSession = this.firstSlice + shape.slices;
		this.sessionMs = shape.slices * SLICE_MS;
		this.length = shape.sessions * this.filesPerSession;
		this.stride = strideFor(shape.sessions);
		this.textBytes = [0, 1].map((file) => this.textOf(this.session(0), file).length);
	}

	/** @returns the key at an index, in the order of the keys */
	at(index: number): string | undefined {
		if (index >= this.length) return undefined;
		const { stem, start } = this.session(Math.floor(index / this.filesPerSession));
		return stem + this.ending(index % this.filesPerSession, start);
	}

	objectAt(index: number): ArchivedObject {
		const { stem, start } = this.session(Math.floor(index / this.filesPerSession));
		const file = index % this.filesPerSession;
		const key = stem + this.ending(file, start);
		if (file >= this.firstSlice) {
			const lastModified = start + (file - this.firstSlice + 1) * SLICE_MS;
			return { key, size: SLICE_BYTES + ((index * 7919) % 50_000), lastModified };
		}
		const lastModified = file === 1 ? start - 5000 : start + this.sessionMs + 1000;
		const size = file === 2 ? this.shape.mp4Bytes! : this.textBytes[file]!;
		return { key, size, lastModified };
	}

	/** @returns an object as text, or its size where it is video; null when there is none */
	read(key: string): string | number | null {
		const { indexFolder } = this;
		if (key.startsWith(indexFolder)) return this.indexEntry(key.slice(indexFolder.length));
		const index = firstIndex(this, (each) => each >= key);
		if (this.at(index) !== key) return null;
		const file = index % this.filesPerSession;
		if (file >= 2) return this.objectAt(index).size;
		return this.textOf(this.session(Math.floor(index / this.filesPerSession)), file);
	}

	/** @returns the sid of a session by its index */
	sidOf(session: number): string {
		return this.session(session).sid;
	}

	private indexEntry(name: string): string | null {
		for (let index = 0; index < this.shape.sessions; index++) {
			const session = this.session(index);
			if (`${session.sid}.json` !== name) continue;
			const folder = this.shape.prefix;
			return JSON.stringify({ ...(JSON.parse(this.recordOf(session)) as object), folder });
		}
		return null;
	}

	private session(index: number): Session {
		return (this.sessions[index] ??= this.shape.isPartitioned
			? this.sessionOfDay(index)
			: this.sessionOfFolder(index));
	}

	private sessionOfFolder(index: number): Session {
		const { prefix, sessions, days } = this.shape;
		const age = sessions - 1 - ((index * this.stride) % sessions);
		const start = this.now - IDLE_MS - this.sessionMs - (age * days * DAY_MS) / sessions;
		return makeSession(index, (index + 0.5) / sessions, prefix, Math.floor(start));
	}

	private sessionOfDay(index: number): Session {
		const { prefix, sessions, days } = this.shape;
		const day = Math.floor((index * days) / sessions);
		const [first, next] = [day, day + 1].map((each) => Math.ceil((each * sessions) / days));
		const midnight = (Math.floor(this.now / DAY_MS) - days + day) * DAY_MS;
		const start = midnight + FIRST_LESSON_MS + (hash(index, 6) % SCHOOL_DAY_MS);
		const folder = `${prefix}${compactTime(midnight).slice(0, 8)}/`;
		return makeSession(index, (index - first! + 0.5) / (next! - first!), folder, start);
	}

	/** @returns the end of a file's name; the files are in the order of their names */
	private ending(file: number, start: number): string {
		if (file === 0) return '.m3u8';
		if (file === 1) return '.session.json';
		return file < this.firstSlice ? '_0.mp4' : this.sliceEnding(file, start);
	}

	private sliceEnding(file: number, start: number): string {
		return `_${compactTime(start + (file - this.firstSlice) * SLICE_MS)}000.ts`;
	}

	private textOf(session: Session, file: number): string {
		return file === 0 ? this.playlistOf(session) : this.recordOf(session);
	}

	private playlistOf({ sid, cname, start }: Session): string {
		const lines = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:16'];
		for (let file = this.firstSlice; file < this.filesPerSession; file++) {
			lines.push('#EXTINF:15.000000', `${sid}_${cname}${this.sliceEnding(file, start)}`);
		}
		return [...lines, '#EXT-X-ENDLIST', ''].join('\n');
	}

	private recordOf({ sid, cname, start }: Session): string {
		return JSON.stringify({
			sid,
			resourceId: `resource-of-${sid}`,
			cname,
			uid: '527841',
			mode: 'mix',
			appId: '0123456789abcdef0123456789abcdef',
			startedAt: new Date(start).toISOString(),
			avFileType: this.shape.mp4Bytes === null ? ['hls'] : ['hls', 'mp4'],
		});
	}
}

/**
 * @param place in its folder, from 0 to 1, so that the sids of evenly distributed sessions are in the order of the indexes
 * @param start Unix milliseconds
 */
function makeSession(index: number, place: number, folder: string, start: number): Session {
	const head = Math.floor(place * 2 ** 32);
	const sid = [head, hash(index, 2), hash(index, 3), hash(index, 4)].map(hex8).join('');
	const cname = `class-${String(hash(index, 5) % 1000).padStart(3, '0')}`;
	return { stem: `${folder}${sid}_${cname}`, sid, cname, start };
}

/** @returns a step that visits every number below `count` once, so that sids are not in the order of the starts */
function strideFor(count: number): number {
	let stride = Math.floor(count * 0.618) || 1;
	while (divisor(stride, count) !== 1) stride++;
	return stride;
}

function divisor(a: number, b: number): number {
	return b === 0 ? a : divisor(b, a % b);
}

/** @returns 32 pseudorandom bits (last step of MurmurHash3) */
function hash(value: number, salt: number): number {
	let bits = Math.imul(value + 1, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b);
	bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
	bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
	return (bits ^ (bits >>> 16)) >>> 0;
}

const hex8 = (value: number) => value.toString(16).padStart(8, '0');

const DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));
let lastDay = NaN;
let lastDate = '';

/** @returns `yyyyMMddHHmmss`, faster than with Date, which would take longer than the rest of a listing */
function compactTime(ms: number): string {
	const day = Math.floor(ms / DAY_MS);
	if (day !== lastDay) {
		lastDay = day;
		lastDate = new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
	}
	const seconds = Math.floor((ms - day * DAY_MS) / 1000);
	return `${lastDate}${DIGITS[Math.floor(seconds / 3600)]}${DIGITS[Math.floor(seconds / 60) % 60]}${DIGITS[seconds % 60]}`;
}
