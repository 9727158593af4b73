/** Loading a package in a process that has loaded n8n's engine. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Core from 'n8n-core';
import { repository } from '../../sandbox/n8n/paths.ts';
import { answerJob } from '../integration/childProcess.ts';
import { Engine } from '../integration/engine.ts';
import { writeEmptyPackage } from './emptyPackage.ts';

export interface LoadingJob {
	/** This package, or one in which there is nothing. */
	what: 'ours' | 'empty';
	/** n8n's own loader, or only Node's `require`, or that for what the first run loads besides. */
	by: 'loader' | 'require' | 'firstRun';
}

const load = createRequire(import.meta.url);
const { PackageDirectoryLoader } = load('n8n-core') as typeof Core;

/** @returns milliseconds */
async function run({ what, by }: LoadingJob): Promise<number> {
	const empty = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-bench-'));
	writeEmptyPackage(empty);
	const folder = what === 'ours' ? repository : empty;
	if (by === 'firstRun') requireAll(folder);
	const started = performance.now();
	if (by === 'loader') await new PackageDirectoryLoader(folder).loadAll();
	else if (by === 'require') requireAll(folder);
	else load(join(folder, 'dist/nodes/Agora/runtime.js'));
	const ms = performance.now() - started;
	(await Engine.start({})).removeFiles();
	rmSync(empty, { recursive: true });
	return ms;
}

function requireAll(folder: string): void {
	const { n8n } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[]; credentials: string[] };
	};
	for (const file of [...n8n.nodes, ...n8n.credentials]) load(join(folder, file));
}

answerJob(import.meta.filename, run);
