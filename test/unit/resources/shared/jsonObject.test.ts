import { Fault } from '../../../../nodes/Agora/http/errors';
import { readJsonObject } from '../../../../nodes/Agora/resources/shared/parameters';

describe('readJsonObject', () => {
	it.each<[unknown, object]>([
		['', {}],
		[' \n', {}],
		['{}', {}],
		['{"maxIdleTime": 30}', { maxIdleTime: 30 }],
		[{ maxIdleTime: 30 }, { maxIdleTime: 30 }],
	])('reads %j', (value, expected) => {
		expect(readJsonObject(value, 'Client Request')).toEqual(expected);
	});

	it.each<unknown>(['{', '{"a":1,}', '[]', 'null', '7', '"text"', [], null, undefined, 7, true])(
		'refuses %j, naming the field',
		(value) => {
			const read = () => readJsonObject(value, 'Client Request');
			expect(read).toThrow(Fault);
			expect(read).toThrow('"Client Request" is not a JSON object');
		},
	);

	it.each<[string, unknown]>([
		['a ring', ring()],
		['10,000 levels', nested(10_000)],
		['10,000 levels as text', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
		['101 levels', nested(101)],
		['what refuses to be looked at', new Proxy({}, { ownKeys: () => fail() })],
		[
			'a getter that throws',
			{
				get a() {
					return fail();
				},
			},
		],
	])('refuses %s in words', (_, value) => {
		expect(() => readJsonObject(value, 'Client Request')).toThrow(Fault);
	});

	it('takes what is nested deeper than any request of Agora"s', () => {
		expect(readJsonObject(nested(100), 'Client Request')).toEqual(nested(100));
	});

	it('copies what an expression gave: nothing in it is more than data', () => {
		const given = { at: new Date(0), list: [{ a: undefined }] };
		const read = readJsonObject(given, 'Client Request');
		expect(read).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [{}] });
		expect(read.list).not.toBe(given.list);
	});

	it('says where reading stopped, and quotes nothing: it may be a key', () => {
		for (const text of [
			'{"secretKey": FAKESECRET}',
			'{"secretKey": "FAKESECRET", }',
			'{"secretKey" "FAKESECRET"}',
		]) {
			const fault = faultOf(text);
			expect(fault.details.description).toMatch(/^Check quotes, commas and braces/);
			expect(fault.details.description).not.toMatch(/FAKE|cretKey/);
		}
		expect(faultOf('{"a" 1}').details.description).toContain('at position 5');
	});
});

function faultOf(text: string): Fault {
	try {
		readJsonObject(text, 'Client Request');
	} catch (error) {
		return error as Fault;
	}
	throw new Error('it was read');
}

function ring(): object {
	const first: Record<string, unknown> = {};
	first.a = { b: [first] };
	return first;
}

function nested(levels: number): object {
	let value = {};
	for (let i = 1; i < levels; i++) value = { a: value };
	return value;
}

function fail(): never {
	throw new TypeError('it failed');
}
