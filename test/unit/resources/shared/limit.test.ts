import type { IExecuteFunctions } from 'n8n-workflow';
import { readLimit } from '../../../../nodes/Agora/resources/shared/fields';

/** A context whose items have these parameters. */
function context(items: Array<Record<string, unknown>>): IExecuteFunctions {
	const getNodeParameter = (name: string, item: number, fallback: unknown) =>
		items[item]?.[name] ?? fallback;
	return { getNodeParameter } as unknown as IExecuteFunctions;
}

describe('readLimit', () => {
	it.each<[string, Record<string, unknown>, number]>([
		['all', { returnAll: true, limit: 5 }, Infinity],
		['so many', { returnAll: false, limit: 5 }, 5],
		['fifty, where nothing is said', {}, 50],
	])('is %s', (_, parameters, expected) => {
		expect(readLimit(context([{}, parameters]), 1)).toBe(expected);
	});
});
