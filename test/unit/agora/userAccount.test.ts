import { isUserAccount } from '../../../nodes/Agora/agora/formats';

describe('isUserAccount', () => {
	it.each(['ada.l@example.com', '1001', '00', 'a'.repeat(255)])('accepts %j', (text) => {
		expect(isUserAccount(text)).toBe(true);
	});

	it.each(['', '0', 'a'.repeat(256), 'é', 'a/b', 'a\n'])('refuses %j', (text) => {
		expect(isUserAccount(text)).toBe(false);
	});
});
