import { XMLParser } from 'fast-xml-parser';
import type { Fault } from '../../../nodes/Agora/http/errors';
import {
	comesAfter,
	afterPrefix,
	ignoresStart,
	lastEntry,
	readListing,
} from '../../../nodes/Agora/storage/listing';
import type { RandomSource } from '../randomSource';
import { randomSource } from '../randomSource';

const HOSTILE = 'aZ09-_./ +%&;=<>"\'#amp&lt;&#38;]]>é漢😀';
const UNENDING = '<Contents><Key>a</Key><LastModified>2026-11-23T10:15:30.000Z</LastModified>';
const OBJECT = `${UNENDING}<Size>1</Size></Contents>`;
const parser = new XMLParser({
	ignoreAttributes: true,
	removeNSPrefix: true,
	parseTagValue: false,
	trimValues: false,
	processEntities: true,
	htmlEntities: true,
	isArray: (name) => name === 'Contents' || name === 'CommonPrefixes',
});

/** @returns the text as one of the ways XML has to write it */
function xmlText(text: string, random: RandomSource, isUsual = false): string {
	if (!isUsual && random.integer(0, 9) === 0)
		return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
	return text.replace(/[&<>"']/g, (character) => {
		const code = character.codePointAt(0) ?? 0;
		const named = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }[character];
		return `&${random.pick([named, `#${code}`, `#x${code.toString(16)}`])};`;
	});
}

const formEncoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');

/** A page as nearly every storage writes it. */
const usualPage = (random: RandomSource) => randomPage(random, true);

/** @param isUsual without anything that XML allows and storage does not write */
function randomPage(random: RandomSource, isUsual = false) {
	const encoded = random.pick([true, false]);
	const ns = isUsual ? '' : random.pick(['', 's3:']);
	const space = isUsual ? '' : random.pick(['', '\n  ', ' \t']);
	const tagEnd = isUsual ? '' : random.pick(['', ' ']);
	const write = (name: string, text: string) =>
		text === '' && random.pick([true, false])
			? `${space}<${ns}${name}/>`
			: `${space}<${ns}${name}${tagEnd}>${text}</${ns}${name}>`;
	const text = (value: string) => xmlText(encoded ? formEncoded(value) : value, random, isUsual);
	const key = () => random.text(HOSTILE, random.integer(1, 60)).trim() || 'key';

	const objects = Array.from({ length: random.integer(0, 30) }, () => ({
		key: key(),
		size: random.integer(0, 5_000_000_000),
		lastModified: random.integer(0, 2_000_000_000) * 1000,
	}));
	const prefixes = Array.from({ length: random.integer(0, 10) }, () => `${key()}_`);
	const nextToken = random.pick([null, random.text('abc123+/=', 30)]);

	const contents = objects.map(({ key, size, lastModified }) =>
		write(
			'Contents',
			write('Key', text(key)) +
				write('LastModified', new Date(lastModified).toISOString()) +
				random.pick(['', write('ETag', '&quot;fake&quot;')]) +
				write('Size', String(size)) +
				(isUsual ? '' : write('Owner', write('ID', 'someone') + write('DisplayName', ''))) +
				write('StorageClass', 'STANDARD'),
		),
	);
	const folded = prefixes.map((prefix) => write('CommonPrefixes', write('Prefix', text(prefix))));
	const parts = [
		write('Name', 'bucket'),
		write('Prefix', ''),
		write('KeyCount', String(objects.length)),
		write('IsTruncated', String(nextToken !== null)),
		...(nextToken === null
			? []
			: [write('NextContinuationToken', xmlText(nextToken, random, isUsual))]),
		...(encoded ? [write('EncodingType', 'url')] : []),
		...contents,
		...folded,
	];
	const reversed = !isUsual && random.pick([true, false]);
	if (reversed) parts.reverse();
	const xmlns = `xmlns${ns && ':s3'}="http://s3.amazonaws.com/doc/2006-03-01/" note='a>b'`;
	const comment = isUsual ? '' : random.pick(['', '<!-- <Contents> -->']);
	const open = `<?xml version="1.0" encoding="UTF-8"?>\n${comment}`;
	const xml = `${open}<${ns}ListBucketResult ${xmlns}>${parts.join('')}${space}</${ns}ListBucketResult>\n`;
	const inOrder = <T>(list: T[]) => (reversed ? [...list].reverse() : list);
	return {
		xml,
		encoded,
		listing: { objects: inOrder(objects), prefixes: inOrder(prefixes), nextToken },
	};
}

interface Parsed {
	ListBucketResult: {
		Contents?: Array<{ Key: string; Size: string; LastModified: string }>;
		CommonPrefixes?: Array<{ Prefix: string }>;
		NextContinuationToken?: string;
	};
}

function readWithLibrary(xml: string, encoded: boolean) {
	const { ListBucketResult: page } = parser.parse(xml) as Parsed;
	const decode = (text: string) => (encoded ? decodeURIComponent(text.replaceAll('+', ' ')) : text);
	return {
		objects: (page.Contents ?? []).map(({ Key, Size, LastModified }) => ({
			key: decode(Key),
			size: Number(Size),
			lastModified: Date.parse(LastModified),
		})),
		prefixes: (page.CommonPrefixes ?? []).map(({ Prefix }) => decode(Prefix)),
		nextToken: page.NextContinuationToken ?? null,
	};
}

describe('readListing', () => {
	it('reads a thousand generated pages, with the same result as fast-xml-parser', () => {
		const random = randomSource(11);
		for (let i = 0; i < 1000; i++) {
			const { xml, encoded, listing } = randomPage(random);
			const read = readListing(xml);
			expect(read).toEqual(listing);
			expect(read).toEqual(readWithLibrary(xml, encoded));
		}
	});

	it('returns the same for objects in usual and unusual form', () => {
		const random = randomSource(13);
		for (let i = 0; i < 500; i++) {
			const { xml, listing } = usualPage(random);
			const root = /<ListBucketResult[^>]*>/;
			for (const same of [
				xml,
				xml.replaceAll('<Contents>', '<Contents >'),
				xml.replace('<Contents>', '<Contents >'),
				xml.replace(root, '$&<!-- note -->'),
				xml.replaceAll('<Size>', '<Size\n>'),
				xml.replaceAll('Contents>', 's3:Contents>'),
				xml.replaceAll('CommonPrefixes>', 's3:CommonPrefixes>'),
				xml.replace('<CommonPrefixes>', '<CommonPrefixes >'),
				xml.replaceAll('</Contents>', '<Owner><ID>1</ID></Owner></Contents>'),
			]) {
				expect(readListing(same)).toEqual(listing);
			}
		}
	});

	it('reads no object from a comment, or from the text of another object', () => {
		const object = (key: string) => OBJECT.replace('<Key>a<', `<Key>${key}<`);
		for (const [inside, keys] of [
			[`${object('a')}<!--${object('b')}-->${object('c')}`, ['a', 'c']],
			[object(`<![CDATA[${object('b')}]]>`), [object('b')]],
			[`${object('a')}<Note><![CDATA[${object('b')}]]></Note>`, ['a']],
			[
				`${object('a')}${object('b').replace('<Contents>', '<Contents >')}${object('c')}`,
				['a', 'b', 'c'],
			],
		] as const) {
			const xml = `<ListBucketResult>${inside}</ListBucketResult>`;
			expect(readListing(xml).objects.map(({ key }) => key)).toEqual(keys);
		}
	});

	it('reads an empty bucket', () => {
		const xml = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
		expect(readListing(xml)).toEqual({ objects: [], prefixes: [], nextToken: null });
		expect(readListing('<ListBucketResult/>').objects).toEqual([]);
	});

	it('decodes keys only if the response declares that they are encoded', () => {
		const page = (extra: string) =>
			`<ListBucketResult>${extra}<Contents><Key>a+b%20c</Key><Size>1</Size><LastModified>2026-11-23T10:00:00Z</LastModified></Contents></ListBucketResult>`;
		expect(readListing(page('')).objects[0]?.key).toBe('a+b%20c');
		expect(readListing(page('<EncodingType>url</EncodingType>')).objects[0]?.key).toBe('a b c');
		expect(readListing(page('')).objects[0]?.lastModified).toBe(Date.UTC(2026, 10, 23, 10));
	});

	it.each([
		['nothing', ''],
		['text', 'not xml'],
		['a web page', '<!DOCTYPE html><html><body>Hello</body></html>'],
		['another document', '<Error><Code>AccessDenied</Code></Error>'],
		['JSON', '{"objects":[]}'],
		['a tag that never ends', '<ListBucketResult><Contents "'],
		['crossed tags', '<ListBucketResult><Name></ListBucketResult></Name>'],
		[
			'an object without a key',
			'<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>',
		],
	])('refuses %s', (_what, xml) => {
		expect(() => readListing(xml)).toThrow('not a bucket listing');
	});

	it.each([
		['a long tag name', `<${'a'.repeat(300_000)}`],
		['attributes without an end', `<a ${'b="c" '.repeat(50_000)}`],
		['quotes without an end', `<a ${'"'.repeat(300_001)}`],
		['an object with many sizes', `${UNENDING}${'<Size>1</Size>'.repeat(20_000)}`],
		['an object with many other fields', `${UNENDING}${'<b>1</b>'.repeat(40_000)}`],
		['objects that only begin', UNENDING.repeat(4000)],
		['an object with a long key', `<Contents><Key>${'a'.repeat(300_000)}`],
		['unfinished comments', '<!--'.repeat(80_000)],
		['unfinished CDATA', '<![CDATA['.repeat(40_000)],
		['unfinished entities', `<Name>${'&#1'.repeat(100_000)}`],
	])('refuses %s in linear time', (_what, text) => {
		const started = performance.now();
		expect(() => readListing(`<ListBucketResult>${text}`)).toThrow('not a bucket listing');
		// Quadratic time would be minutes.
		expect(performance.now() - started).toBeLessThan(2000);
	});

	it.each([
		[
			'an object before a listing with a comment',
			`${OBJECT}<ListBucketResult><!-- --></ListBucketResult>`,
		],
		[
			'an unusual object before the listing',
			`${OBJECT.replace('<Size>', '<Size >')}<ListBucketResult/>`,
		],
		['an object and nothing else', OBJECT],
	])('refuses %s', (_what, xml) => {
		expect(() => readListing(xml)).toThrow('not a bucket listing');
	});

	// Usual objects are taken from the XML wherever they are.
	it.each([
		['before the listing', `${OBJECT}<ListBucketResult></ListBucketResult>`],
		['after the listing', `<ListBucketResult></ListBucketResult>${OBJECT}`],
		['in a broken tag', `<ListBucketResult>${OBJECT}<${OBJECT}/ListBucketResult>`],
	])('refuses an object %s', (_what, xml) => {
		expect(() => readListing(xml)).toThrow('not a bucket listing');
	});

	it.each([
		['after', `${OBJECT}<Note>${OBJECT}</Note>`],
		['before', `<Note>${OBJECT}</Note>${OBJECT}`],
	])('ignores an object within another element, %s a real one, in unusual XML', (_what, inside) => {
		const unusual = `<ListBucketResult>${inside}<!-- --></ListBucketResult>`;
		expect(readListing(unusual).objects).toHaveLength(1);
	});

	it('ignores an object within another element', () => {
		const xml = `<ListBucketResult>${OBJECT}<Note>${OBJECT}</Note></ListBucketResult>`;
		expect(readListing(xml).objects).toHaveLength(1);
	});

	it.each([
		['a negative size', `${UNENDING}<Size>-1</Size></Contents>`],
		['a size that is no number', `${UNENDING}<Size>many</Size></Contents>`],
		['a size beyond all numbers', `${UNENDING}<Size>9007199254740993</Size></Contents>`],
		['no size', `${UNENDING}</Contents>`],
		['no time', '<Contents><Key>a</Key><Size>1</Size></Contents>'],
		['an impossible time', OBJECT.replace('11-23', '99-99')],
		['an empty key', OBJECT.replace('<Key>a<', '<Key><')],
		['a folded entry without a name', '<CommonPrefixes><Prefix/></CommonPrefixes>'],
	])('refuses %s', (_, object) => {
		expect(() => readListing(`<ListBucketResult>${object}</ListBucketResult>`)).toThrow(
			'not a bucket listing',
		);
	});

	it('refuses every truncated page', () => {
		for (const { xml } of [randomPage(randomSource(12)), usualPage(randomSource(12))]) {
			const end = xml.trimEnd().length;
			for (let length = 0; length < end; length += 7) {
				expect(() => readListing(xml.slice(0, length))).toThrow('not a bucket listing');
			}
		}
	});

	it.each([
		['an offset', '2026-11-23T11:15:30+01:00'],
		['no fraction', '2026-11-23T10:15:30Z'],
		['the HTTP format', 'Mon, 23 Nov 2026 10:15:30 GMT'],
	])('reads a time with %s', (_, time) => {
		const object = OBJECT.replace('2026-11-23T10:15:30.000Z', time);
		const { objects } = readListing(`<ListBucketResult>${object}</ListBucketResult>`);
		expect(objects[0]?.lastModified).toBe(Date.UTC(2026, 10, 23, 10, 15, 30));
	});
});

describe('a time', () => {
	const timeOf = (time: string) => {
		const object = OBJECT.replace('2026-11-23T10:15:30.000Z', time);
		return readListing(`<ListBucketResult>${object}</ListBucketResult>`).objects[0]!.lastModified;
	};

	it.each([
		'2026-11-23T00:00:00.000Z',
		'2026-11-23T23:59:59.999Z',
		'2026-11-23T19:08:07.006Z',
		'2026-02-28T12:34:56.789Z',
		'1999-12-31T20:01:02.003Z',
	])('is read to the millisecond: %s', (time) => {
		for (let again = 0; again < 2; again++) expect(timeOf(time)).toBe(Date.parse(time));
	});

	it.each([
		'x2026-11-23T10:15:30.000Z',
		'2026-11-23T10:15:30.000Zx',
		'2026-11-23T25:15:30.000Z',
		'2026-11-23T10:65:30.000Z',
		'2026-11-23T10:15:65.000Z',
		'2026-13-23T10:15:30.000Z',
		'never',
	])('is refused if it is not valid: %s', (time) => {
		expect(() => timeOf(time)).toThrow('not a bucket listing');
	});
});

describe('unusual listings', () => {
	const page = (inside: string) =>
		readListing(`<ListBucketResult>${inside}<!-- --></ListBucketResult>`);

	it('keep the order of entries in usual and unusual form', () => {
		const [a, b, c] = ['a', 'b', 'c'].map((key) => OBJECT.replace('<Key>a<', `<Key>${key}<`));
		const xml = `${a}${b!.replaceAll('Contents>', 's3:Contents>')}${c}`;
		const { objects } = readListing(`<ListBucketResult>${xml}</ListBucketResult>`);
		expect(objects.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
		const folded = ['a_', 'b_', 'c_'].map(
			(name) => `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`,
		);
		folded[1] = folded[1]!.replaceAll('CommonPrefixes>', 's3:CommonPrefixes>');
		expect(readListing(`<ListBucketResult>${folded.join('')}</ListBucketResult>`).prefixes).toEqual(
			['a_', 'b_', 'c_'],
		);
	});

	it('have folded entries only where they belong', () => {
		const { prefixes } = page(
			'<Prefix>x</Prefix><Other><Prefix>y</Prefix></Other>' +
				'<CommonPrefixes><Other>z</Other><Prefix>a_</Prefix><X><Prefix>b_</Prefix></X></CommonPrefixes>',
		);
		expect(prefixes).toEqual(['a_']);
	});

	it('have fields of objects only in objects', () => {
		const withoutKey = OBJECT.replace('<Key>a</Key>', '');
		for (const before of ['<Other><Key>x</Key></Other>', '<Key>x</Key>']) {
			expect(() => page(`${before}${withoutKey}`)).toThrow('not a bucket listing');
		}
		expect(() => page(`<Other><IsTruncated>true</IsTruncated></Other>`)).not.toThrow();
	});
});

it('an object can be empty', () => {
	const object = OBJECT.replace('<Size>1<', '<Size>0<');
	expect(readListing(`<ListBucketResult>${object}</ListBucketResult>`).objects).toMatchObject([
		{ size: 0 },
	]);
});

it('a key that is not encoded although the response declares it is unchanged', () => {
	const object = OBJECT.replace('<Key>a<', '<Key>100% +<');
	const xml = `<ListBucketResult><EncodingType>url</EncodingType>${object}</ListBucketResult>`;
	expect(readListing(xml).objects).toMatchObject([{ key: '100% +' }]);
});

describe('the error', () => {
	const faultOf = (xml: string) => {
		try {
			readListing(xml);
		} catch (error) {
			return error as Fault;
		}
		throw new Error('no error');
	};

	it('for another response advises to check the endpoint', () => {
		const { details } = faultOf('');
		expect(details.description).toContain('Check Endpoint and Addressing');
		expect(details.cause).toBe('configuration-invalid');
	});

	it('for a truncated page that cannot be continued names the missing version', () => {
		const page = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>';
		expect(faultOf(page).details.description).toContain('does not support ListObjectsV2');
	});
});

describe('where to continue after a page', () => {
	const pageOf = (keys: string[], folded: string[], more: string) =>
		`<ListBucketResult>${keys.map((key) => OBJECT.replace('<Key>a<', `<Key>${key}<`)).join('')}${folded
			.map((prefix) => `<CommonPrefixes><Prefix>${prefix}</Prefix></CommonPrefixes>`)
			.join('')}${more}</ListBucketResult>`;
	const MORE = '<IsTruncated>true</IsTruncated>';
	const read = (keys: string[], folded: string[], more: string) =>
		readListing(pageOf(keys, folded, more));

	it('is its token', () => {
		const token = '<NextContinuationToken>t&amp;1</NextContinuationToken>';
		expect(read(['a'], [], `${MORE}${token}`)).toMatchObject({ nextToken: 't&1' });
		// Some storage does not say that a page is truncated.
		expect(read(['a'], [], token).nextToken).toBe('t&1');
	});

	it('is undefined after the last page, even with a token or marker', () => {
		const last = '<IsTruncated> false </IsTruncated>';
		const next = '<NextContinuationToken>t</NextContinuationToken><NextMarker>m</NextMarker>';
		const page = read(['a'], [], `${last}${next}`);
		expect([page.nextToken, page.nextMarker]).toEqual([null, undefined]);
	});

	it.each([
		['the marker that the page names', ['a', 'b'], [], '<NextMarker>x</NextMarker>', 'x'],
		['the last key', ['a', 'b'], [], '', 'b'],
		['the last entry of a folded page', ['a', 'b'], ['c_'], '', 'c_'],
		['the last key of a folded page', ['a', 'd'], ['c_'], '', 'd'],
		['the last by its bytes, not by UTF-16', ['ﬀ', '😀'], ['ﬀ_'], '', '😀'],
		['the last key after an empty marker', ['a'], [], '<NextMarker/>', 'a'],
		['the last key after an empty token', ['a'], [], '<NextContinuationToken/>', 'a'],
	])('of ListObjects is %s', (_, keys, folded, marker, expected) => {
		const page = read(keys, folded, `${MORE}${marker}`);
		expect([page.nextToken, page.nextMarker]).toEqual([null, expected]);
	});

	it('is decoded like the keys', () => {
		const encoded = '<EncodingType>url</EncodingType><NextMarker>a%2Bb+c</NextMarker>';
		expect(read(['a'], [], `${MORE}${encoded}`).nextMarker).toBe('a+b c');
		expect(read(['a'], [], `${MORE}<NextMarker>a%2Bb+c</NextMarker>`).nextMarker).toBe('a%2Bb+c');
	});

	it('must exist for a truncated page', () => {
		expect(() => read([], [], MORE)).toThrow('cannot be continued');
	});
});

const entries = (keys: string[], prefixes: string[] = []) => ({
	objects: keys.map((key) => ({ key, size: 1, lastModified: 0 })),
	prefixes,
});

describe('lastEntry', () => {
	it.each([
		['an empty page', entries([]), ''],
		['a key', entries(['a', 'b']), 'b'],
		['a folded entry', entries([], ['a_', 'b_']), 'b_'],
		['the later of both', entries(['a'], ['b_']), 'b_'],
		['the later of both by its bytes', entries(['😀'], ['ﬀ_']), '😀'],
	])('finds %s', (_, page, expected) => {
		expect(lastEntry(page)).toBe(expected);
	});
});

describe('ignoresStart', () => {
	it.each([
		['nothing', entries([]), false],
		['keys after the start', entries(['c'], ['d_']), false],
		['a key before the start', entries(['a']), true],
		['a key before the start, before a folded one', entries(['a'], ['c_']), true],
		['a folded entry before the start', entries(['c'], ['a_']), true],
		['the folded entry that contains the start', entries([], ['b_']), false],
	])('of a page that begins with %s', (_, page, expected) => {
		expect(ignoresStart(page, 'b_1')).toBe(expected);
	});

	it.each([
		['the start itself', entries(['b_1', 'c'])],
		['a key that the start begins with', entries(['b', 'c'])],
		['a folded entry that is the start', entries([], ['b_1', 'c_'])],
	])('is true for a page that begins with %s', (_, page) => {
		expect(ignoresStart(page, 'b_1')).toBe(true);
	});

	it('is false without a start', () => {
		expect(ignoresStart(entries(['a']), undefined)).toBe(false);
	});
});

describe('comesAfter', () => {
	it('orders keys by their UTF-8 bytes', () => {
		const random = randomSource(14);
		const key = () => random.text('aZ_~\u007fé漢\uffee\uff61😀🎥', random.integer(0, 4));
		for (let i = 0; i < 2000; i++) {
			const [a, b] = [key(), key()];
			expect(comesAfter(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0);
		}
		expect(comesAfter('😀', '\uff61')).toBe(true);
	});
});

describe('afterPrefix', () => {
	it.each(['a_', 'a/', 'class/20261124/', '😀_'])(
		'is after every key that begins with %s, and before the next',
		(prefix) => {
			const end = afterPrefix(prefix);
			for (const rest of ['', 'a', '~', '\uffee', '😀']) {
				expect(comesAfter(end, `${prefix}${rest}`)).toBe(true);
			}
			expect(comesAfter(`${end}a`, end)).toBe(true);
			expect(end.slice(0, -1)).toBe(prefix.slice(0, -1));
		},
	);
});
