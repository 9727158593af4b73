import { Archive } from '../bench/archive.ts';

/** How the recordings of half of the channels are stored. */
export interface Layout {
	name: 'days' | 'flat';
	/** Of the channels. */
	prefix: string;
	folder: string;
}

/** The File Name Prefix of the workflow that records. */
export const ROOT = 'school';
/** Agora's `fileNamePrefix` of a layout, without the day. */
export const foldersOf = ({ name }: Layout) => [ROOT, name];

export const LAYOUTS: Layout[] = [
	{ name: 'days', prefix: 'class-days-', folder: `${ROOT}/days/` },
	{ name: 'flat', prefix: 'class-flat-', folder: `${ROOT}/flat/` },
];

/** The bucket of the recordings, and the one that the workflow copies their MP4 files to. */
export const RECORDINGS = 'recordings';
export const COPIES = 'archive';
export const REGION = 'us-east-1';
export const SECRET_KEY = 'this-secret-opens-a-school-only';

/** Access keys by who uses them, so that their requests can be told apart. */
export const KEYS = {
	record: 'SCHOOLRECORDS',
	copy: 'SCHOOLCOPIES',
	days: 'SCHOOLPOLLSDAYS',
	flat: 'SCHOOLPOLLSFLAT',
};

/** What the bucket counts. */
export interface Counts {
	/** By access key, then by kind. */
	requests: Record<string, Partial<Record<string, number>>>;
	/** When each object of the second bucket was written, Unix milliseconds. */
	copies: Record<string, number>;
}

const YEARS = 5;
/** Twenty minutes, with a playlist, a session record and an MP4 file. */
const SLICES = 80;
const MP4_BYTES = 60_000_000;

/** @returns five years of recordings, the newest of yesterday or of three hours ago */
export function archiveOf({ name, folder }: Layout, recordings: number, now: number): Archive {
	const shape = { prefix: folder, sessions: recordings, mp4Bytes: MP4_BYTES, slices: SLICES };
	return new Archive(
		{ ...shape, days: Math.round(YEARS * 365.25), isPartitioned: name === 'days' },
		now,
	);
}
