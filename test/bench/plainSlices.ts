/**
 * The yardstick of downloads from a distance: undici's answers, several requests in flight, written into one file. n8n's
 * engine is loaded here as well: the larger a heap is, the more V8 leaves in it before it clears up.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { answerJob } from '../integration/childProcess.ts';
import { Engine } from '../integration/engine.ts';
import { measure, type Use } from './measure.ts';

export interface SlicesJob {
	/** Of a few slices. */
	warmUp: string[];
	/** Of the slices, in order. */
	addresses: string[];
	/** As many must arrive. */
	bytes: number;
	requestsAtOnce: number;
}

async function run({ warmUp, addresses, bytes, requestsAtOnce }: SlicesJob): Promise<Use> {
	const engine = await Engine.start({}, { filesOnDisk: true });
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-bench-'));
	const file = join(folder, 'video.ts');
	const fetchSlice = async (url: string) => {
		const { body } = await request(url);
		const chunks: Buffer[] = [];
		for await (const chunk of body) chunks.push(chunk as Buffer);
		return chunks;
	};
	const save = async (urls: string[]) => {
		const output = await open(file, 'w');
		const requested: Array<Promise<Buffer[]>> = [];
		for (let next = 0; next < urls.length || requested.length > 0;) {
			while (requested.length < requestsAtOnce && next < urls.length) {
				requested.push(fetchSlice(urls[next++]!));
			}
			for (const chunk of await requested.shift()!) await output.write(chunk);
		}
		await output.close();
	};
	try {
		await save(warmUp);
		const { use } = await measure(async () => await save(addresses));
		if (statSync(file).size !== bytes) throw new Error(`${statSync(file).size} bytes arrived`);
		return use;
	} finally {
		rmSync(folder, { recursive: true });
		engine.removeFiles();
	}
}

answerJob(import.meta.filename, run);
