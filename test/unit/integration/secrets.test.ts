import { findSecrets } from '../../integration/secrets.ts';

const SECRETS = { key: 'p/ss "word+1"-long-enough' };

describe('the search for secrets', () => {
	it.each([
		['as it is', `x ${SECRETS.key} y`],
		['in a URL', `?k=${encodeURIComponent(SECRETS.key)}`],
		['in JSON', JSON.stringify({ k: SECRETS.key })],
		['in Basic authentication', `Basic ${Buffer.from(`user:${SECRETS.key}`).toString('base64')}`],
		['behind another user', `Basic ${Buffer.from(`user1:${SECRETS.key}`).toString('base64')}`],
		['behind a third', `Basic ${Buffer.from(`user12:${SECRETS.key}`).toString('base64')}`],
	])('finds one %s', (_, text) => {
		expect(findSecrets(['nothing', text], SECRETS)).toEqual(['key']);
	});

	it('finds none where there is none', () => {
		expect(findSecrets(['nothing', Buffer.from('user:other').toString('base64')], SECRETS)).toEqual(
			[],
		);
	});
});
