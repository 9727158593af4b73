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
});
