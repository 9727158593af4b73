import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IExecuteFunctions, INodeTypeDescription } from 'n8n-workflow';

/* A node that does nothing: what n8n's engine itself keeps of executions. */

export const IDLE_PACKAGE = 'n8n-nodes-idle';
export const IDLE_NODE = `${IDLE_PACKAGE}.idle`;

export class Idle {
	description: INodeTypeDescription = {
		name: 'idle',
		displayName: 'Idle',
		description: 'Does nothing',
		group: ['transform'],
		version: 1,
		defaults: { name: 'Idle' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	};

	async execute(this: IExecuteFunctions) {
		return [this.getInputData()];
	}
}

/** @returns a folder with a package of this node, as n8n loads packages */
export function writeIdlePackage(): string {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-idle-'));
	const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
	const n8n = { n8nNodesApiVersion: 1, nodes: ['Idle.node.js'], credentials: [] };
	write('package.json', JSON.stringify({ name: IDLE_PACKAGE, version: '1.0.0', n8n }));
	write('Idle.node.js', `module.exports = require(${JSON.stringify(import.meta.filename)});`);
	return folder;
}
