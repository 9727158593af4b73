import { createHash, randomUUID } from 'node:crypto';

/** Objects by their keys. */
export type Objects = Record<string, string | Buffer>;

/** A recording as Agora's recorder uploads it. */
export interface MadeRecording {
	sid: string;
	/** Its channel as in its file names. */
	channel: string;
	objects: Objects;
	/** The keys of its slices, in the order of the playlist. */
	slices: string[];
}

interface RecordingOptions {
	/** With a trailing slash. */
	folder: string;
	channel: string;
	/** Unix milliseconds. */
	startedAt: number;
	sid?: string;
	/** Contents of the slices; two of one byte by default. */
	slices?: Array<string | Buffer>;
	mp4?: Buffer;
	/** The user of an individual recording; a composite recording by default. */
	uid?: string;
}

/** The duration of each slice in the playlist. */
export const SLICE_SECONDS = 15;

export const newSid = (): string => createHash('md5').update(randomUUID()).digest('hex');

/** A completed recording: playlist, slices and optionally an MP4 file. */
export function recording(options: RecordingOptions): MadeRecording {
	const { folder, channel, startedAt, sid = newSid(), slices = ['a', 'b'], mp4, uid } = options;
	const session = `${folder}${sid}_${channel}`;
	const track = uid === undefined ? session : `${session}__uid_s_${uid}__uid_e_video`;
	const keys = slices.map((_, index) => `${track}_${stamp(startedAt, index)}.ts`);
	const playlist = [
		'#EXTM3U',
		'#EXT-X-VERSION:3',
		'#EXT-X-MEDIA-SEQUENCE:0',
		`#EXT-X-TARGETDURATION:${SLICE_SECONDS}`,
		// Agora omits the comma of the HLS standard.
		...keys.flatMap((key) => [`#EXTINF:${SLICE_SECONDS}`, key.slice(folder.length)]),
		'#EXT-X-ENDLIST',
		'',
	].join('\n');
	return {
		sid,
		channel,
		slices: keys,
		objects: {
			...Object.fromEntries(keys.map((key, index) => [key, slices[index]!])),
			[`${track}.m3u8`]: playlist,
			...(mp4 === undefined ? {} : { [`${track}_0.mp4`]: mp4 }),
		},
	};
}

/** A recording of a single screenshot, the smallest possible session. */
export function screenshot(folder: string, channel: string, startedAt: number): MadeRecording {
	const sid = newSid();
	const key = `${folder}${sid}_${channel}_${stamp(startedAt, 0)}.jpg`;
	return { sid, channel, slices: [], objects: { [key]: 'x' } };
}

export const objectsOf = (recordings: MadeRecording[]): Objects =>
	Object.assign({}, ...recordings.map(({ objects }) => objects)) as Objects;

const stamp = (startedAt: number, slice: number) =>
	new Date(startedAt + slice * SLICE_SECONDS * 1000).toISOString().replace(/\D/g, '');
