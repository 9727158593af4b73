import type { INode } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { inspect } from 'util';
import {
	Fault,
	type FaultDetails,
	toNodeError,
	withAdvice,
} from '../../../nodes/Agora/http/errors';

const NODE: INode = {
	id: '1',
	name: 'Agora',
	type: 'agora',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

describe('toNodeError', () => {
	it.each([
		['a response', { httpCode: '404' }, NodeApiError],
		['anything else', {}, NodeOperationError],
	])('keeps message, description and item of %s', (_, details: FaultDetails, kind) => {
		const fault = new Fault('It did not work', { ...details, description: 'Do this.' });
		const error = toNodeError(NODE, fault, 3);
		expect(error).toBeInstanceOf(kind);
		expect(error).toMatchObject({
			message: 'It did not work',
			description: 'Do this.',
			node: NODE,
			context: { itemIndex: 3 },
			...(details.httpCode && { httpCode: '404' }),
		});
	});

	it('accepts no item', () => {
		expect(toNodeError(NODE, new Fault('No')).context.itemIndex).toBeUndefined();
	});

	it.each<[FaultDetails, object | undefined]>([
		[{}, undefined],
		[
			{ cause: 'rate-limited', retryAfterMs: 4000 },
			{ cause: 'rate-limited', retryAfterMs: 4000 },
		],
		[{ cause: 'temporarily-unavailable' }, { cause: 'temporarily-unavailable' }],
		[{ cause: 'quota-exhausted' }, { cause: 'quota-exhausted' }],
		[{ cause: 'credential-invalid', retryAfterMs: 4000 }, { cause: 'credential-invalid' }],
		[{ cause: 'configuration-invalid' }, { cause: 'configuration-invalid' }],
	])("passes the cause to n8n's scheduler: %j", (details, failure) => {
		for (const httpCode of [undefined, '503']) {
			const error = toNodeError(NODE, new Fault('No', { ...details, httpCode }));
			expect(error.failure).toEqual(failure);
		}
	});

	it('copies no properties of an unknown error', () => {
		const unknown = Object.assign(new Error('boom'), {
			config: { headers: { Authorization: 'Basic FAKE-SECRET' } },
		});
		const error = toNodeError(NODE, unknown, 0);
		expect(error).toMatchObject({ message: 'boom', context: { itemIndex: 0 } });
		expect(inspect(error, { depth: null, showHidden: true })).not.toContain('FAKE-SECRET');
	});

	it('copies no other properties of a Fault', () => {
		for (const httpCode of [undefined, '503']) {
			const fault = Object.assign(new Fault('No', { httpCode, description: 'Do this.' }), {
				cause: { config: { headers: { Authorization: 'Basic FAKE-SECRET' } } },
			});
			const error = toNodeError(NODE, fault, 0);
			expect(inspect(error, { depth: null, showHidden: true })).not.toContain('FAKE-SECRET');
			expect(JSON.stringify(error)).not.toContain('FAKE-SECRET');
		}
	});

	it("returns n8n's own errors, with the item added", () => {
		const own = new NodeOperationError(NODE, 'Credentials not found');
		expect(toNodeError(NODE, own, 2)).toBe(own);
		expect(own.context.itemIndex).toBe(2);
		const kept = new NodeOperationError(NODE, 'No', { itemIndex: 1 });
		expect(toNodeError(NODE, kept).context.itemIndex).toBe(1);
	});

	it('converts any other error to a NodeOperationError', () => {
		const error = toNodeError(NODE, new TypeError('x is not a function'), 1);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({ message: 'x is not a function', context: { itemIndex: 1 } });
	});
});

describe('withAdvice', () => {
	it('adds to the description and the details of a fault', () => {
		const fault = new Fault('It did not work', { description: 'Do this.', httpCode: '404' });
		const changed = withAdvice(fault, 'And that.', { mayBeRunning: 'sid 1' });
		expect(changed).not.toBe(fault);
		expect(changed.message).toBe('It did not work');
		expect(changed.details).toEqual({
			description: 'Do this. And that.',
			httpCode: '404',
			mayBeRunning: 'sid 1',
		});
	});

	it('returns any other error unchanged', () => {
		const error = new TypeError('a mistake in the code');
		expect(withAdvice(error, 'Do that.')).toBe(error);
	});
});
