import { randomBytes } from 'node:crypto';
import { mp4, transportStream } from '../../../sandbox/recorder/clip.ts';
import { fileNames } from '../../../sandbox/recorder/fileNames.ts';
import { playlist } from '../../../sandbox/recorder/playlist.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { s3Client } from '../../integration/sandbox/s3Client.ts';

/** The File Name Prefix of the credential, with a slash at the end. */
export const FOLDER = 'demo/';

const CHANNEL = 'class-7b';
const SEGMENTS = 2;
const SEGMENT_SECONDS = 2;

export interface WrittenRecording {
	sid: string;
	/** Differs from that of any other recording; null without MP4 file. */
	video: Buffer | null;
	/** Writes the finished playlist: all files are uploaded then. */
	complete(): Promise<void>;
}

/** Writes a running recording into the bucket as Agora and Start do; with `hasMp4`, its MP4 file as well. */
export async function writeRecording(
	sandbox: Sandbox,
	{ hasMp4 = false } = {},
): Promise<WrittenRecording> {
	const sid = randomBytes(16).toString('hex');
	const start = Date.now();
	const names = fileNames({ sid, channel: CHANNEL, mode: 'mix', uid: '', type: 'audio_and_video' });
	const segments = Array.from({ length: SEGMENTS }, (_, i) => {
		const utc = start + i * SEGMENT_SECONDS * 1000;
		return {
			names: names.slices(utc, i),
			utc,
			seconds: SEGMENT_SECONDS,
			discontinuous: false,
			afterGap: i === 0,
		};
	});
	const video = hasMp4 ? Buffer.concat([mp4(SEGMENTS), freeBox(sid)]) : null;
	const record = {
		sid,
		resourceId: 'resource',
		cname: CHANNEL,
		uid: '527841',
		mode: 'mix',
		appId: sandbox.agoraAccount.appId,
		startedAt: new Date(start).toISOString(),
		avFileType: hasMp4 ? ['hls', 'mp4'] : ['hls'],
	};
	const put = async (name: string, content: Buffer | string) => {
		const { status } = await s3Client(sandbox).put(`${FOLDER}${name}`, content);
		if (status !== 200) throw new Error(`${name}: the bucket responded with ${status}`);
	};
	const putPlaylist = async (ended: boolean) => {
		const text = playlist(segments, 'audio_and_video', { ended, correctExtinf: false });
		await put(names.playlist, text);
	};
	await put(`${sid}_${CHANNEL}.session.json`, JSON.stringify(record));
	for (const [i, segment] of segments.entries()) await put(segment.names[0]!, transportStream([i]));
	await putPlaylist(false);
	if (video !== null) await put(names.mp4(0), video);
	return { sid, video, complete: async () => await putPlaylist(true) };
}

/** An MP4 box that players ignore (ISO/IEC 14496-12). */
function freeBox(text: string): Buffer {
	const box = Buffer.from(`....free${text}`);
	box.writeUInt32BE(box.length);
	return box;
}
