import type { Mode } from '../agora/recordingRequest.ts';

export type TrackType = 'audio' | 'video' | 'audio_and_video';

/** Codec part of the names of raw recordings. */
const RAW_CODEC = 'h264';

/**
 * The names Agora gives the files of one track (Agora: cloud recording, manage recorded files).
 * `uid` and `type` count in individual and raw mode, where every user has files of their own.
 */
export interface FileNames {
	playlist: string;
	/** @param utc milliseconds since 1970, when the slice begins */
	slice(utc: number): string;
	mp4: string;
	/** Raw mode only; Agora does not document this name. */
	mp3: string;
	screenshot(utc: number): string;
}

export function fileNames(
	sid: string,
	cname: string,
	mode: Mode,
	uid: string,
	type: TrackType,
): FileNames {
	const session = `${sid}_${nameable(cname)}`;
	const user = `${session}__uid_s_${uid}__uid_e`;
	switch (mode) {
		case 'mix':
		case 'web':
			return {
				playlist: `${session}.m3u8`,
				slice: (utc) => `${session}_${stamp(utc)}.ts`,
				mp4: `${session}_0.mp4`,
				mp3: `${session}_0.mp3`,
				screenshot: (utc) => `${session}_${stamp(utc)}.jpg`,
			};
		case 'individual':
			return {
				playlist: `${user}_${type}.m3u8`,
				slice: (utc) => `${user}_${type}_${stamp(utc)}.ts`,
				mp4: `${user}_${type}_0.mp4`,
				mp3: `${user}_${type}_0.mp3`,
				screenshot: (utc) => `${user}_video_${stamp(utc)}.jpg`,
			};
		case 'raw':
			return {
				playlist: `${user}_${RAW_CODEC}.m3u8`,
				slice: (utc) => `${user}_${stamp(utc)}_${RAW_CODEC}.ts`,
				mp4: `${user}_0_${RAW_CODEC}.mp4`,
				mp3: `${user}_0_mp3.mp3`,
				screenshot: (utc) => `${user}_${stamp(utc)}.jpg`,
			};
	}
}

/** A channel name as file names hold it: what they cannot hold, underscores too, becomes `-`. */
export function nameable(cname: string): string {
	return cname.replace(/[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g, '-');
}

/** `yyyyMMddHHmmssSSS` in UTC. */
export function stamp(utc: number): string {
	return new Date(utc).toISOString().replace(/\D/g, '');
}
