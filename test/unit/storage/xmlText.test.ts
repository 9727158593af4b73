import { decodeEntities } from '../../../nodes/Agora/storage/xmlText';

describe('decodeEntities', () => {
	it.each([
		['&amp;&lt;&gt;&quot;&apos;', '&<>"\''],
		['&#233;&#xe9;&#XE9;', 'ééé'],
		['&#128512;&#x1f600;', '😀😀'],
		['&amp;lt;', '&lt;'],
		['a & b &; &a', 'a & b &; &a'],
	])('%s', (text, decoded) => {
		expect(decodeEntities(text)).toBe(decoded);
	});

	it.each([
		'&unknown;',
		'&__proto__;',
		'&#x110000;',
		'&#99999999999999999999;',
		'&#xD800;',
		'&#57343;',
	])('leaves %s as it is', (text) => {
		expect(decodeEntities(text)).toBe(text);
	});
});
