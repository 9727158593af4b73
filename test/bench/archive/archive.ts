/**
 * A bucket full of recordings that nobody stores: every key, size and time is computed from its number, and
 * the numbers follow the order of the keys.
 */

export interface ArchiveShape {
	sessions: number;
	/** In folders by day, a hundred sessions a day and the newest day today; otherwise all in one folder. */
	dated: boolean;
	/** Size of each session's MP4 file; null for sessions of slices only. */
	mp4Bytes: number | null;
	/** Slices of a session; so many that it has `FILES_PER_SESSION` files when left out. */
	slices?: number;
}

export interface ArchivedObject {
	key: string;
	size: number;
	/** Unix milliseconds. */
	changed: number;
}

/** What stands before every key. */
export const PREFIX = 'recordings/';
/** Where Start notes the sessions. Listings leave it out: folded, it would be one entry more. */
const NOTED = `${PREFIX}_sessions/by-sid/`;
/** A playlist, a session record, an MP4 file, and slices. */
export const FILES_PER_SESSION = 240;

const SLICE_MS = 15_000;
const SLICE_BYTES = 750_000;
const DAY_MS = 86_400_000;
const SESSIONS_PER_DAY = 100;
/** Everything has rested for so long that nothing can still be running. */
const REST_MS = 3 * 3_600_000;

interface Session {
	/** Folder, sid and channel. */
	stem: string;
	sid: string;
	cname: string;
	/** Unix milliseconds. */
	start: number;
}

export class Archive {
	/** How many objects there are. */
	readonly size: number;
	private readonly shape: ArchiveShape;
	private readonly now: number;
	private readonly stride: number;
	/** Number of the first slice among the files of a session. */
	private readonly firstSlice: number;
	private readonly filesPerSession: number;
	private readonly sessionMs: number;
	/** Of a playlist and of a session record; names and numbers in them are always of one length. */
	private readonly textBytes: number[];
	private last: { index: number; session: Session } | null = null;

	/** @param now Unix milliseconds: the newest recordings ended hours before */
	constructor(shape: ArchiveShape, now: number) {
		this.shape = shape;
		this.now = Math.floor(now / 1000) * 1000;
		this.firstSlice = shape.mp4Bytes === null ? 2 : 3;
		const slices = shape.slices ?? FILES_PER_SESSION - this.firstSlice;
		this.filesPerSession = this.firstSlice + slices;
		this.sessionMs = slices * SLICE_MS;
		this.size = shape.sessions * this.filesPerSession;
		this.stride = strideFor(this.perFolder);
		this.textBytes = [0, 1].map((file) => this.textOf(this.session(0), file).length);
	}

	/** @param n from 0; keys come in their order */
	keyAt(n: number): string {
		const { stem, start } = this.session(Math.floor(n / this.filesPerSession));
		return stem + this.ending(n % this.filesPerSession, start);
	}

	objectAt(n: number): ArchivedObject {
		const { stem, start } = this.session(Math.floor(n / this.filesPerSession));
		const file = n % this.filesPerSession;
		const key = stem + this.ending(file, start);
		if (file >= this.firstSlice) {
			const changed = start + (file - this.firstSlice + 1) * SLICE_MS;
			return { key, size: SLICE_BYTES + ((n * 7919) % 50_000), changed };
		}
		const changed = file === 1 ? start - 5000 : start + this.sessionMs + 1000;
		const size = file === 2 ? this.shape.mp4Bytes! : this.textBytes[file]!;
		return { key, size, changed };
	}

	/** @returns the number of the first object whose key is not below `text`; `size` when all are */
	firstFrom(text: string, low = 0): number {
		// The next one is mostly near: steps that double find the stretch, halving finds the place.
		let step = 1;
		let high = low;
		while (high < this.size && this.keyAt(high) < text) {
			low = high + 1;
			high += step;
			step *= 2;
		}
		high = Math.min(high, this.size);
		while (low < high) {
			const middle = Math.floor((low + high) / 2);
			if (this.keyAt(middle) < text) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** @returns an object's text, or how many bytes it has when it is video; null when there is none */
	read(key: string): string | number | null {
		if (key.startsWith(NOTED)) return this.note(key.slice(NOTED.length));
		const n = this.firstFrom(key);
		const file = n % this.filesPerSession;
		if (n === this.size || this.keyAt(n) !== key) return null;
		if (file >= 2) return this.objectAt(n).size;
		return this.textOf(this.session(Math.floor(n / this.filesPerSession)), file);
	}

	/** The sid of a session by its number. */
	sidOf(index: number): string {
		return this.session(index).sid;
	}

	/** What Start notes of a session, so that its sid is enough to find it. */
	private note(name: string): string | null {
		for (let index = 0; index < this.shape.sessions; index++) {
			const session = this.session(index);
			if (`${session.sid}.json` !== name) continue;
			const folder = session.stem.slice(0, session.stem.lastIndexOf('/') + 1);
			return JSON.stringify({ ...(JSON.parse(this.recordOf(session)) as object), folder });
		}
		return null;
	}

	private get perFolder(): number {
		return this.shape.dated ? SESSIONS_PER_DAY : this.shape.sessions;
	}

	private session(index: number): Session {
		if (this.last?.index !== index) this.last = { index, session: this.makeSession(index) };
		return this.last.session;
	}

	private makeSession(index: number): Session {
		const { sessions, dated } = this.shape;
		const count = this.perFolder;
		const newest = this.now - REST_MS - this.sessionMs;
		const day = dated ? Math.floor(index / SESSIONS_PER_DAY) : 0;
		const place = index - day * SESSIONS_PER_DAY * Number(dated);
		const turn = (place * this.stride) % count;
		const gap = DAY_MS / SESSIONS_PER_DAY;
		let folder = PREFIX;
		let start = newest - (count - 1 - turn) * gap;
		if (dated) {
			const days = Math.ceil(sessions / SESSIONS_PER_DAY);
			const midnight = this.now - (this.now % DAY_MS) - (days - 1 - day) * DAY_MS;
			folder += `${new Date(midnight).toISOString().slice(0, 10).replaceAll('-', '')}/`;
			// Today's lie before now, also early in the day.
			start = Math.min(midnight + turn * gap, newest - (count - 1 - turn) * 1000);
		}
		// Evenly spread, so that the order is known, and no two alike.
		const head = Math.floor(((place + mixed(day, 1) / 2 ** 32) * 2 ** 32) / count);
		const sid = [head, mixed(index, 2), mixed(index, 3), mixed(index, 4)].map(hex8).join('');
		const cname = `class-${String(mixed(index, 5) % 1000).padStart(3, '0')}`;
		return { stem: `${folder}${sid}_${cname}`, sid, cname, start };
	}

	/** What a name ends with; the order of the endings is the order of the keys. */
	private ending(file: number, start: number): string {
		if (file === 0) return '.m3u8';
		if (file === 1) return '.session.json';
		return file < this.firstSlice ? '_0.mp4' : this.sliceEnding(file, start);
	}

	private sliceEnding(file: number, start: number): string {
		const at = start + (file - this.firstSlice) * SLICE_MS;
		const { compactDate, hour, minute, second } = momentOf(at);
		return `_${compactDate}${hour}${minute}${second}000.ts`;
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

/** Steps of so many reach every number below `count` once, in an order that tells nothing. */
function strideFor(count: number): number {
	let stride = Math.floor(count * 0.618) || 1;
	while (divisor(stride, count) !== 1) stride++;
	return stride;
}

function divisor(a: number, b: number): number {
	return b === 0 ? a : divisor(b, a % b);
}

/** 32 bits that look random, always the same for the same numbers (MurmurHash3's last step). */
function mixed(n: number, salt: number): number {
	let bits = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b);
	bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
	bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
	return (bits ^ (bits >>> 16)) >>> 0;
}

const hex8 = (n: number) => n.toString(16).padStart(8, '0');

/** As S3 writes a time; the archive's are all of whole seconds. */
export function isoTime(ms: number): string {
	const { date, hour, minute, second } = momentOf(ms);
	return `${date}T${hour}:${minute}:${second}.000Z`;
}

const DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
let lastDay = NaN;
let date = '';
let compactDate = '';

/** Node's own takes longer than all the rest of a listing. */
function momentOf(ms: number) {
	const day = Math.floor(ms / DAY_MS);
	if (day !== lastDay) {
		lastDay = day;
		date = new Date(day * DAY_MS).toISOString().slice(0, 10);
		compactDate = date.replaceAll('-', '');
	}
	const seconds = Math.floor((ms - day * DAY_MS) / 1000);
	return {
		date,
		compactDate,
		hour: DIGITS[Math.floor(seconds / 3600)]!,
		minute: DIGITS[Math.floor(seconds / 60) % 60]!,
		second: DIGITS[seconds % 60]!,
	};
}
