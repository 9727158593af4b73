/** Measures loading a package in a process that has loaded n8n's engine. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Core from 'n8n-core';
import { repository } from '../../sandbox/n8n/paths.ts';
import { answerJob } from '../integration/childProcess.ts';
import { Engine } from '../integration/engine.ts';

export interface LoadingJob {
	/** This package or an empty one. */
	package: 'ours' | 'empty';
	/** n8n's loader, only Node's `require`, or `require` of what the first execution also loads. */
	by: 'loader' | 'require' | 'firstRun';
}

const load = createRequire(import.meta.url);
const { PackageDirectoryLoader } = load('n8n-core') as typeof Core;

/** @returns milliseconds */
async function run({ package: name, by }: LoadingJob): Promise<number> {
	const empty = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-bench-'));
	writeEmptyPackage(empty);
	const folder = name === 'ours' ? repository : empty;
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

/** Writes a package with two nodes and two credentials, like this one, without fields or code. */
function writeEmptyPackage(folder: string): void {
	const nodes = ['EmptyOne', 'EmptyTwo'];
	const credentials = ['EmptyOneApi', 'EmptyTwoApi'];
	const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
	const json = (file: string, content: object) => write(file, JSON.stringify(content));
	mkdirSync(join(folder, 'dist'));
	json('package.json', {
		name: 'n8n-nodes-empty',
		version: '1.0.0',
		n8n: {
			n8nNodesApiVersion: 1,
			nodes: nodes.map((name) => `dist/${name}.node.js`),
			credentials: credentials.map((name) => `dist/${name}.credentials.js`),
		},
	});
	for (const name of nodes) {
		const description = {
			name,
			displayName: name,
			icon: 'file:none.svg',
			version: 1,
			properties: [],
		};
		write(`dist/${name}.node.js`, classOf(name, { description }));
		json(`dist/${name}.node.json`, { categories: ['Communication'], resources: {} });
	}
	for (const name of credentials) {
		write(`dist/${name}.credentials.js`, classOf(name, { name, properties: [] }));
	}
}

function classOf(name: string, fields: object): string {
	const lines = Object.entries(fields).map(([key, value]) => `${key} = ${JSON.stringify(value)};`);
	return `exports.${name} = class ${name} { ${lines.join(' ')} };`;
}

answerJob(import.meta.filename, run);
