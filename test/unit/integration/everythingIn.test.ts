import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { everythingIn } from '../../integration/everythingIn.ts';

const node = { name: 'Agora', parameters: {} } as INode;

describe('everything in a value', () => {
	it.each([
		['a message', new Error('hidden')],
		['a cause', new Error('x', { cause: new Error('y', { cause: 'hidden' }) })],
		['the stack', Object.assign(new Error('x'), { stack: 'hidden' })],
		['what is not enumerable', Object.defineProperty({}, 'x', { value: 'hidden' })],
		['a symbol’s value', { [Symbol('x')]: 'hidden' }],
		['a symbol', { [Symbol('hidden')]: 1 }],
		['a key', { hidden: 1 }],
		['a list', [[['hidden']]]],
		['a map', new Map([[{}, new Set(['hidden'])]])],
		['bytes', { body: Buffer.from('is hidden') }],
		[
			'a getter of its class',
			new (class {
				get x() {
					return 'hidden';
				}
			})(),
		],
		['what toJSON makes', { toJSON: () => ({ x: 'hidden' }) }],
		[
			'a circle',
			(() => {
				const circle: Record<string, unknown> = { x: 'hidden' };
				return Object.assign(circle, { circle });
			})(),
		],
		[
			'the context of n8n’s error',
			Object.assign(new NodeOperationError(node, 'x'), { context: { a: 'hidden' } }),
		],
		[
			'the cause of n8n’s error',
			new NodeOperationError(node, new Error('x', { cause: { request: { auth: 'hidden' } } })),
		],
		['n8n’s error of a service', new NodeApiError(node, { message: 'x', description: 'hidden' })],
	])('has %s', (_, value) => {
		expect(everythingIn({ value })).toContain('hidden');
	});

	it('does not go on without end', () => {
		const endless = (): object => ({
			get next() {
				return endless();
			},
		});
		expect(() => everythingIn(endless())).toThrow('no end');
	});
});
