import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { eventually } from './agoraClient.ts';
import { s3Client } from './s3Client.ts';

export interface HlsPlaylist {
	ended: boolean;
	slices: string[];
	/** When each slice begins, from the timestamp in its name, milliseconds since 1970. */
	startedAt: number[];
	/** Duration of each slice. */
	seconds: number[];
	discontinuities: number;
}

/** Reads the files of recordings. The default folder is the one in agoraClient's requests. */
export function recordingBucket(sandbox: Sandbox, folder = 'sandbox/tests/') {
	const s3 = s3Client(sandbox);

	/** Names of a session's files, without `<sid>_`. */
	async function names(sid: string): Promise<string[]> {
		const prefix = `${folder}${sid}_`;
		return (await s3.listObjects({ prefix })).keys.map((key) => key.slice(prefix.length));
	}

	const file = async (sid: string, name: string) => s3.get(`${folder}${sid}_${name}`);

	async function text(sid: string, name: string): Promise<string> {
		const { status, text: content } = await file(sid, name);
		if (status !== 200) throw new Error(`${name}: the bucket responded with ${status}`);
		return content;
	}

	const playlist = async (sid: string, name: string) => readHls(await text(sid, name));

	/** Resolves with all names once the session has a file of that name. */
	const untilFile = (sid: string, name: string) =>
		eventually(
			() => names(sid),
			(present) => present.includes(name),
		);

	/** Resolves with all names once no file has been added for that many milliseconds. */
	async function untilSettled(sid: string, milliseconds: number): Promise<string[]> {
		for (let before = await names(sid); ;) {
			await wait(milliseconds);
			const present = await names(sid);
			if (present.length === before.length) return present;
			before = present;
		}
	}

	/** Resolves when the session has ended; late MP4s may be uploaded afterwards. */
	const untilEnded = (sid: string) =>
		eventually(
			async () => sandbox.control.sessions().find((session) => session.sid === sid)!,
			({ live }) => !live,
		);

	const isLive = (sid: string) =>
		sandbox.control.sessions().find((session) => session.sid === sid)!.live;

	return { names, file, text, playlist, untilFile, untilSettled, untilEnded, isLive };
}

function readHls(text: string): HlsPlaylist {
	if (!text.startsWith('#EXTM3U\n')) throw new Error(`not a playlist: ${text}`);
	const lines = text.split('\n');
	const slices = lines.filter((line) => line !== '' && !line.startsWith('#'));
	return {
		ended: lines.includes('#EXT-X-ENDLIST'),
		slices,
		startedAt: slices.map(parseTimestamp),
		seconds: [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, seconds]) => Number(seconds)),
		discontinuities: lines.filter((line) => line === '#EXT-X-DISCONTINUITY').length,
	};
}

/** Parses the `yyyyMMddHHmmssSSS` in a file name; milliseconds since 1970, NaN if there is none. */
function parseTimestamp(name: string): number {
	const digits = /_(\d{17})[._]/.exec(name)?.[1] ?? '';
	return Date.parse(
		digits.replace(/(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})/, '$1-$2-$3T$4:$5:$6.$7Z'),
	);
}

/** Seconds from the start of the first slice (or `start`) to the start of each slice. */
export const offsets = ({ startedAt }: HlsPlaylist, start = startedAt[0]!) =>
	startedAt.map((time) => Math.round((time - start) / 1000));

/** Duration in seconds in the header of an MP4 (`mvhd`). */
export function mp4Seconds(mp4: Buffer): number {
	const mvhd = mp4.indexOf('mvhd') + 4;
	return mp4.readUInt32BE(mvhd + 16) / mp4.readUInt32BE(mvhd + 12);
}

/** Resolves after that many milliseconds, to check that nothing happens meanwhile. */
export const wait = (milliseconds: number) =>
	new Promise((resolve) => setTimeout(resolve, milliseconds));
