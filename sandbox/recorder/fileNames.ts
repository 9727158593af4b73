import type { Mode } from '../agora/schema/requests.ts';

export type TrackType = 'audio' | 'video' | 'audio_and_video';

/** The codec of a user's video. Browsers may send VP8, which Agora doesn't write to HLS or MP4. */
export type Codec = 'h264' | 'vp8';

export interface TrackInfo {
	/** After a failover, prefixed with `bak<n>_`. */
	sid: string;
	/** The channel name as it appears in file names, see `channelInFileName`. */
	channel: string;
	mode: Mode;
	/** Used in individual and raw mode, where every user has separate files. */
	uid: string;
	type: TrackType;
	/** The default is `h264`. */
	codec?: Codec;
	/** Whether it is recorded in the standard stream mode of individual recordings (Agora: `streamMode`). */
	standard?: boolean;
}

/** The names of the files of one track. Source: Agora, cloud recording, manage recorded files. */
export interface FileNames {
	playlist: string;
	/** Standard stream mode: the master playlist of audio and video, and the DASH manifest. */
	combined: { playlist: string; manifest: string };
	/**
	 * Names of a slice: several where audio and video are separate streams (DASH).
	 *
	 * @param utc when the slice begins, milliseconds since 1970
	 * @param index from 0
	 */
	slices(utc: number, index: number): string[];
	/** @param index from 0 */
	mp4(index: number): string;
	/** Raw mode only; Agora does not document this name. */
	mp3: string;
	screenshot(utc: number): string;
}

export function fileNames(track: TrackInfo): FileNames {
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
				slices: (utc) => [`${session}_${timestamp(utc)}.ts`],
				mp4: (index) => `${session}_${index}.mp4`,
				mp3: `${session}_0.mp3`,
				screenshot: (utc) => `${session}_${timestamp(utc)}.jpg`,
			};
		case 'individual': {
			const ending = codec === 'vp8' && (type === 'video' || standard) ? 'webm' : 'ts';
			return {
				playlist: `${user}_${type}.m3u8`,
				combined,
				slices: (utc) => [`${user}_${type}_${timestamp(utc)}.${ending}`],
				mp4: (index) => `${user}_${index}.mp4`,
				mp3: `${user}_0.mp3`,
				screenshot: (utc) => `${user}_video_${timestamp(utc)}.jpg`,
			};
		}
		case 'raw':
			return {
				playlist: `${user}_${codec}.${codec === 'vp8' ? 'mpd' : 'm3u8'}`,
				combined,
				slices: (utc, index) =>
					codec === 'vp8'
						? DASH_STREAMS.map((_, stream) => `${user}_${stream}_${index}_${codec}.webm`)
						: [`${user}_${timestamp(utc)}_${codec}.ts`],
				mp4: (index) => `${user}_${index}_${codec}.mp4`,
				mp3: `${user}_0_mp3.mp3`,
				screenshot: (utc) => `${user}_${timestamp(utc)}.jpg`,
			};
	}
}

/** The streams of a raw recording in DASH, in the order of the numbers in their file names. */
export const DASH_STREAMS = ['video', 'audio'] as const;

/**
 * A channel name as it appears in file names: special characters are replaced with `-`.
 *
 * @param keepsUnderscores whether to keep underscores, as individual recordings do
 */
export function channelInFileName(cname: string, keepsUnderscores: boolean): string {
	return cname.replace(/[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g, (character) =>
		character === '_' && keepsUnderscores ? '_' : '-',
	);
}

/** `yyyyMMddHHmmssSSS` in UTC. */
export function timestamp(utc: number): string {
	return new Date(utc).toISOString().replace(/\D/g, '');
}
