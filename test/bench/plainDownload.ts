/** The yardstick of downloads: undici's answer, piped into a file. */
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import { answerJob } from '../integration/childProcess.ts';
import { measure, type Use } from './measure.ts';

export interface DownloadJob {
	/** A small file. */
	warmUp: string;
	address: string;
	/** As many must arrive. */
	bytes: number;
}

async function run({ warmUp, address, bytes }: DownloadJob): Promise<Use> {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-bench-'));
	const file = join(folder, 'film.mp4');
	const save = async (url: string) => {
		const { body } = await request(url);
		await pipeline(body, createWriteStream(file));
	};
	try {
		await save(warmUp);
		const { use } = await measure(async () => await save(address));
		if (statSync(file).size !== bytes) throw new Error(`${statSync(file).size} bytes arrived`);
		return use;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

answerJob(import.meta.filename, run);
