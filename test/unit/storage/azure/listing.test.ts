import { XMLParser } from 'fast-xml-parser';
import { readBlobListing } from '../../../../nodes/Agora/storage/azure/listing';
import type { RandomSource } from '../../randomSource';
import { randomSource } from '../../randomSource';

const HOSTILE = 'aZ09-_./ +%&;=<>"\'#amp&lt;&#38;]]>é漢😀';
const parser = new XMLParser({
	ignoreAttributes: false,
	parseTagValue: false,
	trimValues: false,
	processEntities: true,
	htmlEntities: true,
	isArray: (name) => name === 'Blob' || name === 'BlobPrefix',
});

/** @returns the text as one of the ways XML has to write it */
function xmlText(text: string, random: RandomSource): string {
	return text.replace(/[&<>"']/g, (character) => {
		const code = character.codePointAt(0)!;
		const named = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }[character];
		return `&${random.pick([named, `#${code}`, `#x${code.toString(16)}`])};`;
	});
}

function randomPage(random: RandomSource) {
	const space = random.pick(['', '\n  ', ' \t']);
	const maybe = () => random.pick([true, false]);
	const write = (name: string, text: string, attributes = '') =>
		text === '' && maybe()
			? `${space}<${name}${attributes} />`
			: `${space}<${name}${attributes}>${text}</${name}>`;
	const name = () => random.text(HOSTILE, random.integer(1, 60)).trim() || 'name';
	const writeName = (value: string) =>
		random.integer(0, 4) === 0
			? write('Name', encodeURIComponent(value), ' Encoded="true"')
			: write('Name', xmlText(value, random));

	const objects = Array.from({ length: random.integer(0, 30) }, () => ({
		key: name(),
		size: random.integer(0, 5_000_000_000),
		lastModified: random.integer(0, 2_000_000_000) * 1000,
	}));
	const prefixes = Array.from({ length: random.integer(0, 10) }, () => `${name()}_`);
	const nextToken = random.pick([null, random.text('abc123+/=!', 30)]);

	const blobs = objects.map(({ key, size, lastModified }) => {
		const properties = [
			write('Last-Modified', new Date(lastModified).toUTCString()),
			write('Etag', '0x8CBFF45D8A29A19'),
			write('Content-Length', String(size)),
			write('Content-Type', 'video/mp2t'),
			write('Content-Encoding', ''),
			write('BlobType', 'BlockBlob'),
		];
		if (maybe()) properties.reverse();
		const parts = [
			writeName(key),
			...(maybe() ? [write('Deleted', 'false')] : []),
			write('Properties', properties.join('')),
			write('Metadata', write('Name', 'not the name')),
			write('OrMetadata', ''),
		];
		if (maybe()) parts.reverse();
		return write('Blob', parts.join(''));
	});
	const folded = prefixes.map((prefix) => write('BlobPrefix', writeName(prefix)));
	const parts = [
		write('Prefix', xmlText(name(), random)),
		write('MaxResults', '5000'),
		write('Blobs', [...blobs, ...folded].join('')),
		write('NextMarker', nextToken === null ? '' : xmlText(nextToken, random)),
	];
	if (maybe()) parts.reverse();
	const attributes = ' ServiceEndpoint="https://x.example/?a=1&amp;b>c" ContainerName=\'it"s\'';
	const open = random.pick(['', '\uFEFF']) + '<?xml version="1.0" encoding="utf-8"?>';
	const xml = `${open}<EnumerationResults${attributes}>${parts.join('')}${space}</EnumerationResults>\n`;
	return { xml, listing: { objects, prefixes, nextToken } };
}

type Named = { Name: string | { '#text': string; '@_Encoded': string } };
interface Parsed {
	EnumerationResults: {
		Blobs:
			'' | { Blob?: Array<Named & { Properties: Record<string, string> }>; BlobPrefix?: Named[] };
		NextMarker: string;
	};
}

function readWithLibrary(xml: string) {
	const { EnumerationResults: page } = parser.parse(xml.replace('\uFEFF', '')) as Parsed;
	const nameOf = ({ Name }: Named) =>
		typeof Name === 'string' ? Name : decodeURIComponent(Name['#text']);
	const { Blob = [], BlobPrefix = [] } = page.Blobs === '' ? {} : page.Blobs;
	return {
		objects: Blob.map((blob) => ({
			key: nameOf(blob),
			size: Number(blob.Properties['Content-Length']),
			lastModified: Date.parse(blob.Properties['Last-Modified']!),
		})),
		prefixes: BlobPrefix.map(nameOf),
		nextToken: page.NextMarker || null,
	};
}

const page = (blobs: string, end = '<NextMarker/>') =>
	`<EnumerationResults><Blobs>${blobs}</Blobs>${end}</EnumerationResults>`;
const PROPERTIES =
	'<Properties><Last-Modified>Mon, 23 Nov 2026 10:00:00 GMT</Last-Modified><Content-Length>1</Content-Length></Properties>';

describe('readBlobListing', () => {
	it('reads a thousand generated pages, with the same result as fast-xml-parser', () => {
		const random = randomSource(51);
		for (let i = 0; i < 1000; i++) {
			const { xml, listing } = randomPage(random);
			const read = readBlobListing(xml);
			expect(read).toEqual(listing);
			expect(read).toEqual(readWithLibrary(xml));
		}
	});

	it('reads an empty container', () => {
		expect(readBlobListing(page(''))).toEqual({ objects: [], prefixes: [], nextToken: null });
	});

	it('reads names that are not valid in XML', () => {
		const xml = page(`<Blob><Name Encoded="true">a%EF%BF%BE%2B%20b</Name>${PROPERTIES}</Blob>`);
		expect(readBlobListing(xml).objects).toEqual([
			{ key: 'a\uFFFE+ b', size: 1, lastModified: Date.UTC(2026, 10, 23, 10) },
		]);
	});

	it.each(['Encoded="true"', "Encoded = 'true'", 'Other="1" Encoded= "true"'])(
		'reads a name with the attribute %s',
		(attribute) => {
			const xml = page(`<Blob><Name ${attribute}>a%20b</Name>${PROPERTIES}</Blob>`);
			expect(readBlobListing(xml).objects).toMatchObject([{ key: 'a b' }]);
		},
	);

	it.each(['', 'Encoded="false"', 'NotEncoded="true"'])(
		'does not decode a name with the attribute %j',
		(attribute) => {
			const xml = page(`<Blob><Name ${attribute}>a%20b</Name>${PROPERTIES}</Blob>`);
			expect(readBlobListing(xml).objects).toMatchObject([{ key: 'a%20b' }]);
		},
	);

	it('ignores metadata that look like properties, and blobs that are not in the list', () => {
		const other =
			'<Metadata><Content-Length>99</Content-Length><Last-Modified>never</Last-Modified></Metadata>';
		const blob = `<Blob><Name>a</Name>${PROPERTIES}${other}</Blob>`;
		const elsewhere = `<Others>${blob}</Others><Prefix><NextMarker>x</NextMarker></Prefix>`;
		expect(readBlobListing(page(blob, `<NextMarker/>${elsewhere}`))).toEqual({
			objects: [{ key: 'a', size: 1, lastModified: Date.UTC(2026, 10, 23, 10) }],
			prefixes: [],
			nextToken: null,
		});
	});

	it('explains that the endpoint is not a Blob service', () => {
		expect(() => readBlobListing('')).toThrow(
			expect.objectContaining({
				details: {
					description: expect.stringContaining('Check Endpoint'),
					cause: 'configuration-invalid',
				},
			}),
		);
	});

	it.each([
		['nothing', ''],
		['text', 'not xml'],
		['a web page', '<!DOCTYPE html><html><body>Hello</body></html>'],
		['another document', '<Error><Code>AuthenticationFailed</Code></Error>'],
		['the listing of a bucket', '<ListBucketResult><NextMarker/></ListBucketResult>'],
		['a tag that never ends', '<EnumerationResults><Blobs "'],
		[
			'crossed tags',
			'<EnumerationResults><Blobs><NextMarker></Blobs></NextMarker></EnumerationResults>',
		],
		['a second document', `${page('')}${page('')}`],
		['text behind the end', `${page('')}more`],
		['a blob without a name', page(`<Blob>${PROPERTIES}</Blob>`)],
		[
			'a name that is not URL-encoded although it should be',
			page(`<Blob><Name Encoded="true">%ZZ</Name>${PROPERTIES}</Blob>`),
		],
		['a blob without a size', page('<Blob><Name>a</Name></Blob>')],
		['a page that does not say whether there is more', page('', '')],
	])('refuses %s', (_, xml) => {
		expect(() => readBlobListing(xml)).toThrow('not a listing of an Azure container');
	});

	it('refuses every truncated page', () => {
		const { xml } = randomPage(randomSource(52));
		const end = xml.trimEnd().length;
		for (let length = 0; length < end; length += 7) {
			expect(() => readBlobListing(xml.slice(0, length))).toThrow();
		}
	});
});
