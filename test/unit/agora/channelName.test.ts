import { isChannelName, NAME_CHARACTERS } from '../../../nodes/Agora/agora/formats';

const ALL = `azAZ09 ${NAME_CHARACTERS.split(' and ')[1]!.replaceAll(' ', '')}`;

describe('isChannelName', () => {
	it.each([ALL, 'a', '0', 'a'.repeat(64)])('accepts %j', (text) => {
		expect(isChannelName(text)).toBe(true);
	});

	it.each(['', 'a'.repeat(65), 'é', '漢', '*', 'a/b', 'a\\b', 'a"b', "a'b", 'a\n', '`'])(
		'refuses %j',
		(text) => expect(isChannelName(text)).toBe(false),
	);
});
