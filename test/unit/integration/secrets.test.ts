import { deflateSync, gzipSync } from 'node:zlib';
import { findSecrets } from '../../integration/secrets.ts';

const SECRETS = { key: 'p/ss "word+1"-<long> & \'enough\'' };
const { key } = SECRETS;
const escaped = (text: string) => JSON.stringify(text).slice(1, -1);

describe('the search for secrets', () => {
	it.each([
		['as it is', `x ${key} y`],
		['in a URL', `?k=${encodeURIComponent(key)}`],
		['in a URL, in small letters', `?k=${encodeURIComponent(key).toLowerCase()}`],
		['in a signed URL', '?k=p%2Fss%20%22word%2B1%22-%3Clong%3E%20%26%20%27enough%27'],
		['in a form', `k=${encodeURIComponent(key).replaceAll('%20', '+').replaceAll("'", '%27')}`],
		[
			'in a URL, byte by byte',
			[...Buffer.from(key)].map((byte) => `%${byte.toString(16)}`).join(''),
		],
		['in JSON', JSON.stringify({ k: key })],
		['in JSON within JSON', JSON.stringify({ text: JSON.stringify({ k: key }) })],
		['in XML', '<k>p/ss &quot;word+1&quot;-&lt;long&gt; &amp; &apos;enough&apos;</k>'],
		['in hexadecimal', Buffer.from(`a${key}`).toString('hex')],
		['in hexadecimal capitals', Buffer.from(key).toString('hex').toUpperCase()],
		['in Basic authentication', `Basic ${Buffer.from(`user:${key}`).toString('base64')}`],
		['behind another user', `Basic ${Buffer.from(`user1:${key}`).toString('base64')}`],
		['behind a third', `Basic ${Buffer.from(`user12:${key}`).toString('base64')}`],
		['alone in Base64', Buffer.from(key).toString('base64')],
		['in Base64 for URLs', Buffer.from(`ab${key}c`).toString('base64url')],
		['in Base64 that JSON escapes', escaped(Buffer.from(`user:${key}`).toString('base64'))],
		['packed by gzip', `x${gzipSync(JSON.stringify({ k: key })).toString('base64')}y`],
		['packed by zlib', `007${deflateSync(`more and ${key}`).toString('base64')}`],
	])('finds one %s', (_, text) => {
		expect(findSecrets(['nothing', text], SECRETS)).toEqual(['key']);
	});

	it.each([
		['another text', Buffer.from('user:other').toString('base64')],
		['half of it', key.slice(0, 20)],
		['what only looks packed', 'eJxthisIsNoneButItLooksPackedToWhoeverOnlySeesItsBeginning'],
	])('finds none in %s', (_, text) => {
		expect(findSecrets(['nothing', text], SECRETS)).toEqual([]);
	});

	it('looks for none that is found by chance', () => {
		expect(() => findSecrets(['text'], { short: 'secret' })).toThrow('short');
	});
});
