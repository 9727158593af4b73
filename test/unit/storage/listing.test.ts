import { XMLParser } from 'fast-xml-parser';
import { ListingReader, readListing } from '../../../nodes/Agora/storage/listing';
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
function xmlText(text: string, random: RandomSource): string {
	if (random.integer(0, 9) === 0) return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
	return text.replace(/[&<>"']/g, (character) => {
		const code = character.codePointAt(0) ?? 0;
		const named = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }[character];
		return `&${random.pick([named, `#${code}`, `#x${code.toString(16)}`])};`;
	});
}

const formEncoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');

function randomPage(random: RandomSource) {
	const encoded = random.pick([true, false]);
	const ns = random.pick(['', 's3:']);
	const space = random.pick(['', '\n  ', ' \t']);
	const write = (name: string, text: string) =>
		text === '' && random.pick([true, false])
			? `${space}<${ns}${name}/>`
			: `${space}<${ns}${name} >${text}</${ns}${name}>`;
	const text = (value: string) => xmlText(encoded ? formEncoded(value) : value, random);
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
				write('Owner', write('ID', 'someone') + write('DisplayName', '')) +
				write('StorageClass', 'STANDARD'),
		),
	);
	const folded = prefixes.map((prefix) => write('CommonPrefixes', write('Prefix', text(prefix))));
	const parts = [
		write('Name', 'bucket'),
		write('Prefix', ''),
		write('KeyCount', String(objects.length)),
		write('IsTruncated', String(nextToken !== null)),
		...(nextToken === null ? [] : [write('NextContinuationToken', xmlText(nextToken, random))]),
		...(encoded ? [write('EncodingType', 'url')] : []),
		...contents,
		...folded,
	];
	const reversed = random.pick([true, false]);
	if (reversed) parts.reverse();
	const xmlns = `xmlns${ns && ':s3'}="http://s3.amazonaws.com/doc/2006-03-01/" note='a>b'`;
	const open = `<?xml version="1.0" encoding="UTF-8"?>\n<!-- <Contents> -->`;
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
	it('reads what was written, and what fast-xml-parser reads, on a thousand pages', () => {
		const random = randomSource(11);
		for (let i = 0; i < 1000; i++) {
			const { xml, encoded, listing } = randomPage(random);
			const read = readListing(xml);
			expect(read).toEqual(listing);
			expect(read).toEqual(readWithLibrary(xml, encoded));
		}
	});

	it('reads the same in pieces, wherever they are cut', () => {
		const random = randomSource(13);
		for (let i = 0; i < 500; i++) {
			const { xml, listing } = randomPage(random);
			const reader = new ListingReader();
			for (let at = 0; at < xml.length;) {
				const length = random.pick([1, 7, 200, 5000]);
				reader.push(xml.slice(at, (at += length)));
			}
			expect(reader.end()).toEqual(listing);
		}
	});

	it('takes no object out of a comment, nor out of the text of another', () => {
		const object = (key: string) =>
			`<Contents><Key>${key}</Key><LastModified>2026-11-23T10:00:00Z</LastModified><Size>1</Size></Contents>`;
		const page = (inside: string) => `<ListBucketResult>${inside}</ListBucketResult>`;
		for (const [xml, keys] of [
			[page(`${object('a')}<!--${object('b')}-->${object('c')}`), ['a', 'c']],
			[page(object(`<![CDATA[${object('b')}]]>`)), [object('b')]],
			[
				page(
					`${object('a')}<Contents ><Key>b</Key><LastModified>2026-11-23T10:00:00Z</LastModified><Size>1</Size></Contents>${object('c')}`,
				),
				['a', 'b', 'c'],
			],
		] as const) {
			for (const size of [1, 50, 10_000]) {
				const reader = new ListingReader();
				for (let at = 0; at < xml.length; at += size) reader.push(xml.slice(at, at + size));
				expect(reader.end().objects.map(({ key }) => key)).toEqual(keys);
			}
		}
	});

	it('reads an empty bucket', () => {
		const xml = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
		expect(readListing(xml)).toEqual({ objects: [], prefixes: [], nextToken: null });
		expect(readListing('<ListBucketResult/>').objects).toEqual([]);
	});

	it('decodes keys only where the storage says that it encoded them', () => {
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
		['a long name of a tag', `<${'a'.repeat(300_000)}`],
		['attributes without an end', `<a ${'b="c" '.repeat(50_000)}`],
		['an object with many sizes', `${UNENDING}${'<Size>1</Size>'.repeat(20_000)}`],
		['an object with a long key', `<Contents><Key>${'a'.repeat(300_000)}`],
	])('refuses %s as fast as it comes', (_what, text) => {
		const reader = new ListingReader();
		reader.push('<ListBucketResult>');
		const started = performance.now();
		for (let at = 0; at < text.length; at += 100) reader.push(text.slice(at, at + 100));
		expect(() => reader.end()).toThrow('not a bucket listing');
		// Looked at from its start with each piece, or with each end that a part may have, it took minutes.
		expect(performance.now() - started).toBeLessThan(2000);
	});

	it.each([
		[
			'an object before the listing',
			`${OBJECT}<ListBucketResult><!-- --></ListBucketResult>`,
			null,
		],
		[
			'an object within a broken tag',
			`<ListBucketResult>${OBJECT}<${OBJECT}/ListBucketResult>`,
			null,
		],
		[
			'an object within something else',
			`<ListBucketResult>${OBJECT}<Note>${OBJECT}</Note></ListBucketResult>`,
			1,
		],
		[
			'an object within something else, first',
			`<ListBucketResult><Note>${OBJECT}</Note>${OBJECT}<!-- --></ListBucketResult>`,
			1,
		],
	])('reads %s alike, wherever it is cut', (_what, xml, objects) => {
		const read = (at: number) => {
			const reader = new ListingReader();
			reader.push(xml.slice(0, at));
			reader.push(xml.slice(at));
			return reader.end().objects.length;
		};
		for (let at = 0; at <= xml.length; at++) {
			if (objects === null) expect(() => read(at)).toThrow('not a bucket listing');
			else expect(read(at)).toBe(objects);
		}
	});

	it('refuses an object of fewer bytes than none', () => {
		const object = `${UNENDING}<Size>-1</Size></Contents>`;
		expect(() => readListing(`<ListBucketResult>${object}</ListBucketResult>`)).toThrow(
			'not a bucket listing',
		);
	});

	it('never takes a page that was cut short for a whole one', () => {
		const { xml } = randomPage(randomSource(12));
		const end = xml.trimEnd().length;
		for (let length = 0; length < end; length += 13) {
			expect(() => readListing(xml.slice(0, length))).toThrow();
		}
	});

	it('never takes a page for the last one because its token is missing', () => {
		const xml = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>';
		expect(() => readListing(xml)).toThrow('ListObjectsV2');
	});
});
