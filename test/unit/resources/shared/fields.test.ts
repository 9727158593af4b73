import type { IExecuteFunctions } from 'n8n-workflow';
import { readLimit } from '../../../../nodes/Agora/resources/shared/fields';

const limitOf = (parameters: Record<string, unknown>) =>
	readLimit(
		{
			getNodeParameter: (name: string, _: number, unset: unknown) => parameters[name] ?? unset,
		} as unknown as IExecuteFunctions,
		0,
	);

describe('readLimit', () => {
	it.each([
		[{ limit: 1 }, 1],
		[{ limit: '20' }, 20],
		[{}, 50],
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
