import { createRequire } from 'node:module';
import type { IExecuteFunctions, INodeTypeDescription } from 'n8n-workflow';
import type { Place } from '../../witness.ts';

/* A node that leaks its Customer Secret on purpose, to show that the witness finds it. */

const load = createRequire(import.meta.url);
const { NodeOperationError } = load('n8n-workflow') as typeof import('n8n-workflow');

/** Where a node can leak a secret; nowhere for comparison. */
export type LeakyPlace = Exclude<Place, 'session record'> | 'nowhere';

export class Leaky {
	description: INodeTypeDescription = {
		name: 'leaky',
		displayName: 'Leaky',
		description: 'Leaks its secret',
		group: ['transform'],
		version: 1,
		defaults: { name: 'Leaky' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'agoraApi' }],
		properties: [{ displayName: 'Place', name: 'place', type: 'string', default: '' }],
	};

	async execute(this: IExecuteFunctions) {
		const place = this.getNodeParameter('place', 0) as LeakyPlace;
		const { customerSecret } = await this.getCredentials<{ customerSecret: string }>('agoraApi');
		return await leak(this, place, `Basic ${Buffer.from(`:${customerSecret}`).toString('base64')}`);
	}
}

async function leak(context: IExecuteFunctions, place: LeakyPlace, secret: string) {
	switch (place) {
		case 'nowhere':
			return [[{ json: { done: true } }]];
		case 'output':
			return [[{ json: { deep: [{ secret }] } }]];
		case 'error': {
			// As HTTP clients do: the request is in the cause, which is not enumerable.
			const cause = Object.assign(new Error('refused'), { config: { headers: [secret] } });
			throw new NodeOperationError(context.getNode(), new Error('could not be sent', { cause }));
		}
		case 'log':
			context.logger.debug('sending', { headers: { authorization: secret } });
			return [[]];
		case 'execution':
			context.addExecutionHints({ message: secret, location: 'outputPane' });
			return [[]];
		case 'static data':
			context.getWorkflowStaticData('node').last = { secret };
			return [[]];
		case 'binary metadata': {
			const data = await context.helpers.prepareBinaryData(Buffer.from('file'), 'file', secret);
			return [[{ json: {}, binary: { data } }]];
		}
	}
}
