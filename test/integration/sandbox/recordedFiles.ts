import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { eventually } from './agoraClient.ts';
import { s3Client } from './s3Client.ts';

export interface HlsPlaylist {
	ended: boolean;
	slices: string[];
	/** When each slice begins, as the stamp in its name has it, Unix milliseconds. */
	startedAt: number[];
	/** Of each slice. */
	seconds: number[];
	discontinuities: number;
}

/** Reads what the sandbox records, in the folder that agoraClient's requests name. */
export function recordedFiles(sandbox: Sandbox, folder = 'sandbox/tests/') {
	const s3 = s3Client(sandbox);

	/** Names of a session's files by what follows `<sid>_`. */
	async function names(sid: string): Promise<string[]> {
		const prefix = `${folder}${sid}_`;
		return (await s3.listObjects({ prefix })).keys.map((key) => key.slice(prefix.length));
	}

	const file = async (sid: string, name: string) => s3.get(`${folder}${sid}_${name}`);

	async function text(sid: string, name: string): Promise<string> {
		const { status, text: content } = await file(sid, name);
		if (status !== 200) throw new Error(`${name}: the bucket answered ${status}`);
		return content;
	}

	const playlist = async (sid: string, name: string) => readHls(await text(sid, name));

	/** Resolves once the session has a file of that name, with all names at that moment. */
	const once = (sid: string, name: string) =>
		eventually(
			() => names(sid),
			(present) => present.includes(name),
		);

	/** Resolves once no file has come for so many milliseconds, with all names at that moment. */
	async function settled(sid: string, milliseconds: number): Promise<string[]> {
		for (let before = await names(sid); ;) {
			await pause(milliseconds);
			const present = await names(sid);
			if (present.length === before.length) return present;
			before = present;
		}
	}

	/** Resolves when the session is over; late MP4s may still come. */
	const over = (sid: string) =>
		eventually(
			async () => sandbox.control.sessions().find((session) => session.sid === sid)!,
			({ live }) => !live,
		);

	const isLive = (sid: string) =>
		sandbox.control.sessions().find((session) => session.sid === sid)!.live;

	return { names, file, text, playlist, once, settled, over, isLive };
}

function readHls(text: string): HlsPlaylist {
	if (!text.startsWith('#EXTM3U\n')) throw new Error(`no playlist: ${text}`);
	const lines = text.split('\n');
	const slices = lines.filter((line) => line !== '' && !line.startsWith('#'));
	return {
		ended: lines.includes('#EXT-X-ENDLIST'),
		slices,
		startedAt: slices.map(stampOf),
		seconds: [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, seconds]) => Number(seconds)),
		discontinuities: lines.filter((line) => line === '#EXT-X-DISCONTINUITY').length,
	};
}

/** `yyyyMMddHHmmssSSS` as Unix milliseconds; NaN without one. */
function stampOf(name: string): number {
	const digits = /_(\d{17})[._]/.exec(name)?.[1] ?? '';
	return Date.parse(
		digits.replace(/(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})/, '$1-$2-$3T$4:$5:$6.$7Z'),
	);
}

/** Seconds between each start and the first one. */
export const offsets = ({ startedAt }: HlsPlaylist, start = startedAt[0]!) =>
	startedAt.map((time) => Math.round((time - start) / 1000));

/** Duration in seconds as an MP4's own header (`mvhd`) tells it. */
export function mp4Seconds(mp4: Buffer): number {
	const mvhd = mp4.indexOf('mvhd') + 4;
	return mp4.readUInt32BE(mvhd + 16) / mp4.readUInt32BE(mvhd + 12);
}

/** Resolves after so many milliseconds, so that a test can see that nothing happens meanwhile. */
export const pause = (milliseconds: number) =>
	new Promise((resolve) => setTimeout(resolve, milliseconds));
