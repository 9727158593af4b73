import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface VideoInfo {
	/** `audio` or `video` for each stream, sorted. */
	streams: string[];
	/** Of each stream, sorted, such as `aac` and `h264`. */
	codecs: string[];
	seconds: number;
}

/** Whether ffprobe (Debian package ffmpeg) is installed. */
export const hasFfprobe = spawnSync('ffprobe', ['-version']).status === 0;

/**
 * Reads a video as a player does.
 *
 * @throws Error with the message of ffprobe when it finds anything wrong
 */
export function probeVideo(content: Buffer): VideoInfo {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-video-'));
	try {
		const file = join(folder, 'video');
		writeFileSync(file, content);
		const shown = ['-show_entries', 'format=duration:stream=codec_type,codec_name', '-of', 'json'];
		const { stdout, stderr } = spawnSync('ffprobe', ['-v', 'error', ...shown, file], {
			encoding: 'utf8',
		});
		if (stderr !== '') throw new Error(`ffprobe: ${stderr}`);
		const { streams, format } = JSON.parse(stdout) as {
			streams: Array<{ codec_type: string; codec_name: string }>;
			format: { duration: string };
		};
		return {
			streams: streams.map(({ codec_type }) => codec_type).sort(),
			codecs: streams.map(({ codec_name }) => codec_name).sort(),
			seconds: Number(format.duration),
		};
	} finally {
		rmSync(folder, { recursive: true });
	}
}
