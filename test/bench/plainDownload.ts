/** The baseline of downloads: undici's responses, written into one file. */
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import { answerJob } from '../integration/childProcess.ts';
import { Engine } from '../integration/engine.ts';
import { measure, type Usage } from './measure.ts';

export interface PlainDownloadJob {
	/** Small files. */
	warmUp: string[];
	/** The parts of the file, in order. A single one is streamed, several are buffered. */
	urls: string[];
	/** Expected size of the file. */
	bytes: number;
	requestsAtOnce: number;
	/** Also loads n8n's engine: the larger a heap is, the later V8 collects garbage. */
	loadsEngine: boolean;
}

async function run(job: PlainDownloadJob): Promise<Usage> {
	const engine = job.loadsEngine ? await Engine.start({}, { filesOnDisk: true }) : null;
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-bench-'));
	const file = join(folder, 'video');
	const save = async (urls: string[]) =>
		await (urls.length === 1
			? pipeline((await request(urls[0]!)).body, createWriteStream(file))
			: saveParts(urls, file, job.requestsAtOnce));
	try {
		await save(job.warmUp);
		const { usage } = await measure(async () => await save(job.urls));
		const { size } = statSync(file);
		if (size !== job.bytes) throw new Error(`downloaded ${size} bytes instead of ${job.bytes}`);
		return usage;
	} finally {
		rmSync(folder, { recursive: true });
		engine?.removeFiles();
	}
}

async function saveParts(urls: string[], file: string, requestsAtOnce: number): Promise<void> {
	const fetchPart = async (url: string) => {
		const { body } = await request(url);
		const chunks: Buffer[] = [];
		for await (const chunk of body) chunks.push(chunk as Buffer);
		return chunks;
	};
	const output = await open(file, 'w');
	const requested: Array<Promise<Buffer[]>> = [];
	for (let next = 0; next < urls.length || requested.length > 0;) {
		while (requested.length < requestsAtOnce && next < urls.length) {
			requested.push(fetchPart(urls[next++]!));
		}
		for (const chunk of await requested.shift()!) await output.write(chunk);
	}
	await output.close();
}

answerJob(import.meta.filename, run);
