import { mp4, transportStream } from '../../../sandbox/recorder/clip.ts';
import { fileNames, channelInFileName } from '../../../sandbox/recorder/fileNames.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { s3Client } from '../../integration/sandbox/s3Client.ts';

export interface FinishedRecording {
	sid: string;
	/** The bytes of its MP4, which no other recording has. */
	film: Buffer;
}

const SLICES = 2;
const SLICE_MS = 2000;
const UID = '1001';

/**
 * Writes a recording as Agora and Start leave one behind: slices, MP4, session record, and the closed playlist
 * last.
 *
 * @param n its number; another number, another sid
 * @param folder with a slash at the end
 */
export async function writeRecording(
	sandbox: Sandbox,
	n: number,
	folder: string,
): Promise<FinishedRecording> {
	const sid = `ace0${n.toString(16).padStart(28, '0')}`;
	const cname = `lesson ${n}`;
	const start = Date.now() - 60_000 + n;
	const channel = channelInFileName(cname, false);
	const names = fileNames({ sid, channel, mode: 'mix', uid: UID, type: 'audio_and_video' });
	const slices = Array.from({ length: SLICES }, (_, i) => names.slices(start + i * SLICE_MS, i));
	const film = Buffer.concat([mp4(SLICES), freeBox(sid)]);
	const record = {
		sid,
		resourceId: `resource-${n}`,
		cname,
		uid: UID,
		mode: 'mix',
		appId: sandbox.agoraAccount.appId,
		startedAt: new Date(start).toISOString(),
		avFileType: ['hls', 'mp4'],
	};
	const files: Array<[name: string, content: Buffer | string]> = [
		...slices.map(([name], i): [string, Buffer] => [name!, transportStream([i])]),
		[names.mp4(0), film],
		[names.playlist.replace('.m3u8', '.session.json'), JSON.stringify(record)],
		[names.playlist, playlist(slices.flat())],
	];
	const { put } = s3Client(sandbox);
	for (const [name, content] of files) {
		const { status } = await put(`${folder}${name}`, content);
		if (status !== 200) throw new Error(`${name}: the bucket said ${status}`);
	}
	return { sid, film };
}

/** A box that players pass over (ISO/IEC 14496-12): it makes each film its own. */
function freeBox(text: string): Buffer {
	const box = Buffer.from(`....free${text}`);
	box.writeUInt32BE(box.length);
	return box;
}

function playlist(slices: string[]): string {
	const lines = slices.flatMap((name) => [`#EXTINF:${SLICE_MS / 1000}.000000`, name]);
	return ['#EXTM3U', '#EXT-X-VERSION:3', ...lines, '#EXT-X-ENDLIST', ''].join('\n');
}
