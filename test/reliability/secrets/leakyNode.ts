import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import type { IExecuteFunctions, INodeTypeDescription } from 'n8n-workflow';
import type { Place } from '../witness.ts';

const load = createRequire(import.meta.url);
const { NodeOperationError } = load('n8n-workflow') as typeof import('n8n-workflow');

/*
 * A node that lets its Customer Secret out on purpose: what the search for secrets must find. How a secret is
 * written stands here anew, not as the search spells it.
 */

export const LEAKY_PACKAGE = 'n8n-nodes-leaky';
export const LEAKY_NODE = `${LEAKY_PACKAGE}.leaky`;

type Spell = (secret: string) => string;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const eachByte = (text: string, write: (hex: string) => string) =>
	[...Buffer.from(text)].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('');
const UNRESERVED = /^[\w.~-]$/;

/** Ways to write a secret down. */
export const WRITTEN: Record<string, Spell> = {
	'as it is': (secret) => `key=${secret};`,
	'URL-encoded': (secret) => `https://example.com/?key=${encodeURIComponent(secret)}&x`,
	'URL-encoded, small letters': (secret) =>
		encodeURIComponent(secret).replace(/%../g, (escape) => escape.toLowerCase()),
	'URL-encoded, strictly': (secret) =>
		[...secret]
			.map((sign) =>
				UNRESERVED.test(sign) ? sign : eachByte(sign, (hex) => `%${hex.toUpperCase()}`),
			)
			.join(''),
	'URL-encoded, every byte': (secret) => eachByte(secret, (hex) => `%${hex}`),
	'as a form': (secret) => new URLSearchParams({ key: secret }).toString(),
	'in JSON': (secret) => JSON.stringify({ key: secret }),
	'in JSON within JSON': (secret) => JSON.stringify({ body: JSON.stringify({ key: secret }) }),
	'in XML': (secret) =>
		`<Key>${secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;')}</Key>`,
	'Base64, alone': base64,
	'Base64, behind one letter': (secret) => base64(`:${secret}:`),
	'Base64, behind two letters': (secret) => base64(`a:${secret}:`),
	'Base64 for URLs': (secret) => Buffer.from(`ab:${secret}`).toString('base64url'),
	hexadecimal: (secret) => eachByte(secret, (hex) => hex),
	'hexadecimal, capitals': (secret) => eachByte(secret, (hex) => hex.toUpperCase()),
	'packed by gzip': (secret) => gzipSync(`key: ${secret}`).toString('base64'),
	'packed by zlib': (secret) => deflateSync(`key: ${secret}`).toString('base64'),
};

/** Where the node itself can leave it; nowhere for comparison. */
export type LeakyPlace = Exclude<Place, 'session record'> | 'nowhere';

export class Leaky {
	description: INodeTypeDescription = {
		name: 'leaky',
		displayName: 'Leaky',
		description: 'Lets its secret out',
		group: ['transform'],
		version: 1,
		defaults: { name: 'Leaky' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'agoraApi' }],
		properties: [
			{ displayName: 'Place', name: 'place', type: 'string', default: '' },
			{ displayName: 'Written', name: 'written', type: 'string', default: '' },
		],
	};

	async execute(this: IExecuteFunctions) {
		const place = this.getNodeParameter('place', 0) as LeakyPlace;
		const written = this.getNodeParameter('written', 0) as string;
		const { customerSecret } = await this.getCredentials<{ customerSecret: string }>('agoraApi');
		return await leak(this, place, WRITTEN[written]!(customerSecret));
	}
}

async function leak(context: IExecuteFunctions, place: LeakyPlace, text: string) {
	switch (place) {
		case 'nowhere':
			return [[{ json: { done: true } }]];
		case 'output':
			return [[{ json: { deep: [{ text }] } }]];
		case 'error': {
			// As an HTTP client throws it: what it sent is in its cause, which is not enumerable.
			const inner = Object.assign(new Error('refused'), { config: { headers: [text] } });
			throw new NodeOperationError(
				context.getNode(),
				new Error('could not be sent', { cause: inner }),
			);
		}
		case 'log':
			context.logger.debug('sending', { headers: { authorization: text } });
			return [[]];
		case 'execution':
			context.addExecutionHints({ message: text, location: 'outputPane' });
			return [[]];
		case 'static data':
			context.getWorkflowStaticData('node').last = { text };
			return [[]];
		case 'binary metadata': {
			const data = await context.helpers.prepareBinaryData(Buffer.from('film'), 'film', text);
			return [[{ json: {}, binary: { data } }]];
		}
	}
}

/** @returns a folder with a package of this node, as n8n loads packages */
export function writeLeakyPackage(): string {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-leaky-'));
	const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
	write(
		'package.json',
		JSON.stringify({
			name: LEAKY_PACKAGE,
			version: '1.0.0',
			n8n: { n8nNodesApiVersion: 1, nodes: ['Leaky.node.js'], credentials: [] },
		}),
	);
	write('Leaky.node.js', `module.exports = require(${JSON.stringify(import.meta.filename)});`);
	return folder;
}
