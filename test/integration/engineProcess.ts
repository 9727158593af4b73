/**
 * Runs the Agora node once in a separate process, with files on disk. Shows whether the process survives, and how much
 * memory it uses.
 */
import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import { answerJob, runChild } from './childProcess.ts';
import { Engine, type CredentialStore } from './engine.ts';

export interface Job {
	credentials: CredentialStore;
	parameters: IDataObject;
	/** Input items; one empty item when left out. */
	items?: IDataObject[];
}

export interface Report {
	status: string;
	/** The error's message, null for none. */
	error: string | null;
	json: IDataObject[];
	/** SHA-256 of each item's file in the field `data`, hexadecimal. */
	sha256: string[];
	/** Largest resident set while the node ran, in bytes. */
	peakBytes: number;
}

/**
 * @param nodeOptions command line options of Node
 * @returns how the process ended, and what it reported before: null for nothing
 */
export async function runInProcess(job: Job, nodeOptions: string[] = []) {
	return await runChild<Job, Report>(import.meta.filename, job, { nodeOptions });
}

const SAMPLE_MS = 20;

async function run({ credentials, parameters, items: input }: Job): Promise<Report> {
	const engine = await Engine.start(credentials, { filesOnDisk: true });
	let peakBytes = 0;
	const sample = () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss()));
	const sampling = setInterval(sample, SAMPLE_MS);
	const { status, error, items, json } = await engine.run(parameters, { items: input });
	clearInterval(sampling);
	sample();
	const sha256: string[] = [];
	for (const { binary } of items) {
		if (binary === undefined) continue;
		const hash = createHash('sha256');
		for await (const chunk of await engine.openFile(binary.data!)) hash.update(chunk as Buffer);
		sha256.push(hash.digest('hex'));
	}
	engine.removeFiles();
	return { status, error: error?.message ?? null, json, sha256, peakBytes };
}

answerJob(import.meta.filename, run);
