/** Loading the package in a process that has loaded n8n's engine. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';
import { answerJob } from '../integration/childProcess.ts';
import { Engine } from '../integration/engine.ts';

export interface LoadingJob {
	/** n8n's own loader, or only Node's `require`. */
	by: 'loader' | 'require';
}

/** @returns milliseconds */
async function run({ by }: LoadingJob): Promise<number> {
	const started = performance.now();
	if (by === 'require') requireAll();
	else await Engine.start({});
	const ms = performance.now() - started;
	(await Engine.start({})).removeFiles();
	return ms;
}

function requireAll(): void {
	const load = createRequire(import.meta.url);
	const { n8n } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[]; credentials: string[] };
	};
	for (const file of [...n8n.nodes, ...n8n.credentials]) load(join(repository, file));
}

answerJob(import.meta.filename, run);
