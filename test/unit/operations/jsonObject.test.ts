import { Fault } from '../../../nodes/Agora/http/fault';
import { readJsonObject } from '../../../nodes/Agora/operations/jsonObject';

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
			expect(read).toThrow('The field ‘Client Request’ is not a JSON object');
		},
	);

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
