import type { IExecuteFunctions } from 'n8n-workflow';
import { readLimit } from '../../../../nodes/Agora/resources/shared/fields';

/** @returns the limit of the second of two items; the other one has no parameters */
function limitOf(parameters: Record<string, unknown>): number {
	const items: Array<Record<string, unknown>> = [{}, parameters];
	const getNodeParameter = (name: string, item: number, fallback: unknown) =>
		items[item]?.[name] ?? fallback;
	return readLimit({ getNodeParameter } as unknown as IExecuteFunctions, 1);
}

describe('readLimit', () => {
	it.each([
		[{}, 50],
		[{ limit: 1 }, 1],
		[{ limit: '20' }, 20],
		[{ returnAll: false, limit: 7 }, 7],
		[{ returnAll: true, limit: 0 }, Infinity],
		[{ returnAll: 'true' }, Infinity],
	])('reads %j', (parameters, expected) => {
		expect(limitOf(parameters)).toBe(expected);
	});

	it.each([0, -1, 1.5, '', 'ten', true])('rejects %j', (limit) => {
		expect(() => limitOf({ limit })).toThrow('"Limit" must be a whole number from 1 on');
	});
});
