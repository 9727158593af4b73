import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Film {
	/** `audio` and `video`, once for each stream. */
	streams: string[];
	seconds: number;
}

/** Whether ffprobe, of the package ffmpeg, is installed on this machine. */
export const ffprobeIsHere = spawnSync('ffprobe', ['-version']).status === 0;

/**
 * What a player makes of a file.
 *
 * @throws Error with ffprobe's complaint when it finds anything wrong
 */
export function probe(content: Buffer): Film {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-film-'));
	try {
		const file = join(folder, 'film');
		writeFileSync(file, content);
		const shown = ['-show_entries', 'format=duration:stream=codec_type', '-of', 'json'];
		const { stdout, stderr } = spawnSync('ffprobe', ['-v', 'error', ...shown, file], {
			encoding: 'utf8',
		});
		if (stderr !== '') throw new Error(`ffprobe: ${stderr}`);
		const { streams, format } = JSON.parse(stdout) as {
			streams: Array<{ codec_type: string }>;
			format: { duration: string };
		};
		return {
			streams: streams.map(({ codec_type }) => codec_type).sort(),
			seconds: Number(format.duration),
		};
	} finally {
		rmSync(folder, { recursive: true });
	}
}
