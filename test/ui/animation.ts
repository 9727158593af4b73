import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const WIDTH = 880;
/** GitHub shows pictures up to 10 MB; a small one is there at once. */
export const MAX_BYTES = 2_000_000;

/** Screenshots that become an animated GIF. */
export class Animation {
	readonly #folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-animation-'));
	readonly #frames: string[] = [];

	/** Adds what the page shows now. */
	async take(page: Page, seconds: number): Promise<void> {
		const file = `${this.#frames.length}.png`;
		writeFileSync(join(this.#folder, file), await page.screenshot());
		this.#frames.push(`file '${file}'`, `duration ${seconds}`);
	}

	/** Writes the GIF with ffmpeg, and removes the screenshots. */
	save(path: string): void {
		const list = join(this.#folder, 'frames.txt');
		// ffmpeg ignores the duration of the last frame unless the frame is repeated.
		const last = this.#frames.at(-2)!;
		writeFileSync(list, `${[...this.#frames, last].join('\n')}\n`);
		const colors = 'split[a][b];[a]palettegen=max_colors=128[p];[b][p]paletteuse=dither=none';
		const filter = `scale=${WIDTH}:-1:flags=lanczos,${colors}`;
		const input = ['-f', 'concat', '-safe', '0', '-i', list];
		execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, '-vf', filter, '-loop', '0', path]);
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
