import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a package of as many nodes and credentials as ours has, in which there is nothing. */
export function writeEmptyPackage(folder: string): void {
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
