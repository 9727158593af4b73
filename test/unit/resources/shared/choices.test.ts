import type { INodeProperties } from 'n8n-workflow';
import { readUserUid, someOf } from '../../../../nodes/Agora/resources/shared/parameters';

const field: INodeProperties = {
	displayName: 'Privileges',
	name: 'privileges',
	type: 'multiOptions',
	options: [
		{ name: 'Join Channel', value: 'join' },
		{ name: 'Publish Audio', value: 'audio' },
	],
	default: [],
};

describe('someOf', () => {
	it.each([
		[['join'], ['join']],
		[
			['audio', 'Join Channel'],
			['audio', 'join'],
		],
		['audio', ['audio']],
		['join, Publish Audio,', ['join', 'audio']],
		[['join', 'join', ''], ['join']],
	])('reads %j', (value, expected) => {
		expect(someOf(value, field)).toEqual(expected);
	});

	it.each([[[]], [''], [null], [undefined], [' , '], [['', null]]])(
		'rejects the empty %j',
		(value) => {
			expect(() => someOf(value, field)).toThrow(
				expect.objectContaining({
					message: '"Privileges" is empty',
					details: { description: 'Choose at least one of Join Channel, Publish Audio.' },
				}),
			);
		},
	);

	it.each([[['join', 'sing']], ['sing'], [7]])('rejects the unknown %j', (value) => {
		expect(() => someOf(value, field)).toThrow(/"Privileges" can't be "(sing|7)"/);
	});
});

describe('readUserUid', () => {
	it.each([
		[' 7 ', '7'],
		[4_294_967_295, '4294967295'],
	])('reads %j', (value, uid) => {
		expect(readUserUid(value)).toBe(uid);
	});

	it.each([
		['', '"UID" is empty'],
		[null, '"UID" is empty'],
		['0', '"0" is not a UID'],
		['4294967296', '"4294967296" is not a UID'],
		['ada', '"ada" is not a UID'],
	])('rejects %j', (value, message) => {
		expect(() => readUserUid(value)).toThrow(message);
	});
});
