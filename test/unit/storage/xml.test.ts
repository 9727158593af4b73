import { decodeEntities, readElements, XmlError } from '../../../nodes/Agora/storage/xml';

describe('decodeEntities', () => {
	it.each([
		['&amp;&lt;&gt;&quot;&apos;', '&<>"\''],
		['&#233;&#xe9;&#XE9;', 'ééé'],
		['&#128512;&#x1f600;', '😀😀'],
		['&#1;&#x10FFFF;&#xD7FF;&#xE000;', '\u0001\u{10FFFF}\uD7FF\uE000'],
		['&amp;lt;', '&lt;'],
		['a & b &; &a', 'a & b &; &a'],
	])('%s', (text, decoded) => {
		expect(decodeEntities(text)).toBe(decoded);
	});

	it.each([
		'&unknown;',
		'&__proto__;',
		'&#x110000;',
		'&#0;',
		'&#x0;',
		'&#xDFFF;',
		'&#99999999999999999999;',
		'&#xD800;',
		'&#57343;',
	])('keeps %s', (text) => {
		expect(decodeEntities(text)).toBe(text);
	});
});

describe('readElements', () => {
	const read = (xml: string) => {
		const elements: string[] = [];
		for (const { path, attributes, text } of readElements(xml, 'a')) {
			elements.push([path.join('/'), attributes.replace(/\/$/, '').trim(), text].join('|'));
		}
		return elements;
	};

	it.each<[string, string, string[]]>([
		[
			'elements in the order of their end tags',
			'<a><b>1</b><c>2</c></a>',
			['a/b||1', 'a/c||2', 'a||'],
		],
		['an empty element', '<a><b/><b /></a>', ['a/b||', 'a/b||', 'a||']],
		['an empty root', '<a/>', ['a||']],
		['names without their namespace', '<x:a><y:b>1</y:b></x:a>', ['a/b||1', 'a||']],
		['attributes without decoding', '<a><b c="&lt;>">1</b></a>', ['a/b|c="&lt;>"|1', 'a||']],
		['decoded text', '<a>&lt;b&gt; &amp;amp;</a>', ['a||<b> &amp;']],
		['CDATA without decoding, next to text', '<a>1<![CDATA[<b>&lt;]]>2</a>', ['a||1<b>&lt;2']],
		['text around comments', '<a>1<!-- <b> -->2<?note?>3</a>', ['a||123']],
		['text with its spaces', '<a>\n <b> 1 </b>\n</a>', ['a/b|| 1 ', 'a||\n']],
		['a document after a byte order mark', '\uFEFF<?xml version="1.0"?>\n<a/>\n', ['a||']],
	])('reads %s', (_, xml, elements) => {
		expect(read(xml)).toEqual(elements);
	});

	it('accepts a NUL only directly below the root, where callers put it', () => {
		expect(read('<a>\0<b/>\0</a>')).toEqual(['a/b||', 'a||\0']);
		for (const xml of ['<a><b>\0</b></a>', '<a b="\0"/>', '\0<a/>', '<a/>\0']) {
			expect(() => read(xml)).toThrow(XmlError);
		}
	});

	it('returns a path that is only valid until the next element', () => {
		const elements = [...readElements('<a><b/></a>', 'a')];
		expect(elements[0]!.path).toEqual([]);
	});

	it.each([
		['nothing', ''],
		['only a byte order mark', '\uFEFF'],
		['text', 'a'],
		['text before the root', 'x<a/>'],
		['text after the root', '<a/>x'],
		['CDATA before the root', '<![CDATA[x]]><a/>'],
		['another root', '<b/>'],
		['a second root', '<a/><a/>'],
		['a missing end', '<a><b></b>'],
		['a missing beginning', '</a>'],
		['crossed elements', '<a><b><c></b></c></a>'],
		['a document type, which may define entities', '<!DOCTYPE a><a/>'],
		['a tag that never ends', '<a><b c="'],
		['an attribute that never ends', '<a b="></a>'],
		['a comment that never ends', '<a><!-- </a>'],
		['CDATA that never ends', '<a><![CDATA[</a>'],
		['a bare less-than sign', '<a>1 < 2</a>'],
	])('refuses %s', (_, xml) => {
		expect(() => read(xml)).toThrow(XmlError);
	});
});
