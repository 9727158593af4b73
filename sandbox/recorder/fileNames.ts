import type { Mode } from '../agora/schema/requests.ts';

export type TrackType = 'audio' | 'video' | 'audio_and_video';

/** What a user's video is encoded with: browsers may send VP8, which Agora does not put into HLS or MP4. */
export type Codec = 'h264' | 'vp8';

export interface NamedTrack {
	/** With `bak<n>_` before it after a failover. */
	sid: string;
	/** As file names hold it. */
	channel: string;
	mode: Mode;
	/** Counts in individual and raw mode, where every user has separate files. */
	uid: string;
	type: TrackType;
	/** The default is `h264`. */
	codec?: Codec;
	/** Standard stream mode of individual recordings, see `streamMode` of Agora. */
	standard?: boolean;
}

/** The names Agora gives the files of one track (Agora: cloud recording, manage recorded files). */
export interface FileNames {
	playlist: string;
	/** Standard stream mode: the playlist that lists those of audio and video, and the same for DASH. */
	combined: { playlist: string; manifest: string };
	/**
	 * More than one where audio and video are separate streams (DASH).
	 *
	 * @param utc milliseconds since 1970, when the slice begins
	 * @param index counted from 0
	 */
	slices(utc: number, index: number): string[];
	/** @param index counted from 0 */
	mp4(index: number): string;
	/** Raw mode only; Agora does not document this name. */
	mp3: string;
	screenshot(utc: number): string;
}

export function fileNames(track: NamedTrack): FileNames {
	const { sid, channel, mode, uid, type, codec = 'h264', standard = false } = track;
	const session = `${sid}_${channel}`;
	const user = `${session}__uid_s_${uid}__uid_e`;
	const combined = { playlist: `${user}_av.m3u8`, manifest: `${user}_av.mpd` };
	switch (mode) {
		case 'mix':
		case 'web':
			return {
				playlist: `${session}.m3u8`,
				combined,
				slices: (utc) => [`${session}_${stamp(utc)}.ts`],
				mp4: (index) => `${session}_${index}.mp4`,
				mp3: `${session}_0.mp3`,
				screenshot: (utc) => `${session}_${stamp(utc)}.jpg`,
			};
		case 'individual': {
			const ending = codec === 'vp8' && (type === 'video' || standard) ? 'webm' : 'ts';
			return {
				playlist: `${user}_${type}.m3u8`,
				combined,
				slices: (utc) => [`${user}_${type}_${stamp(utc)}.${ending}`],
				mp4: (index) => `${user}_${index}.mp4`,
				mp3: `${user}_0.mp3`,
				screenshot: (utc) => `${user}_video_${stamp(utc)}.jpg`,
			};
		}
		case 'raw':
			return {
				playlist: `${user}_${codec}.${codec === 'vp8' ? 'mpd' : 'm3u8'}`,
				combined,
				slices: (utc, index) =>
					codec === 'vp8'
						? DASH_STREAMS.map((_, stream) => `${user}_${stream}_${index}_${codec}.webm`)
						: [`${user}_${stamp(utc)}_${codec}.ts`],
				mp4: (index) => `${user}_${index}_${codec}.mp4`,
				mp3: `${user}_0_mp3.mp3`,
				screenshot: (utc) => `${user}_${stamp(utc)}.jpg`,
			};
	}
}

/** The streams of a raw recording in DASH, by the number that file names have. */
export const DASH_STREAMS = ['video', 'audio'] as const;

/**
 * A channel name as file names hold it: what they cannot hold becomes `-`.
 *
 * @param keepsUnderscores as individual recordings do
 */
export function nameable(cname: string, keepsUnderscores: boolean): string {
	return cname.replace(/[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g, (character) =>
		character === '_' && keepsUnderscores ? '_' : '-',
	);
}

/** `yyyyMMddHHmmssSSS` in UTC. */
export function stamp(utc: number): string {
	return new Date(utc).toISOString().replace(/\D/g, '');
}
