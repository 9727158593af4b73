import assert from 'node:assert/strict';
import fc from 'fast-check';
import { azureApi } from '../../../nodes/Agora/storage/azure/api';
import { readBlobListing } from '../../../nodes/Agora/storage/azure/listing';
import {
	comesAfter,
	afterPrefix,
	ignoresStart,
	lastEntry,
	readListing,
} from '../../../nodes/Agora/storage/listing';
import type { Listing } from '../../../nodes/Agora/storage/types';
import { describeReader, hostileText, SID, unlessRejected } from './hostileInput';

interface Page {
	objects: Array<{ key: string; size: number; lastModified: number }>;
	prefixes: string[];
	nextToken: string | null;
}

const KEYS = [
	...[`class/${SID}_a_0.ts`, `${SID}_a.m3u8`, 'a&b<c>"\'', 'é漢😀', ' x ', 'a+b%20c', '../x'],
	'__proto__',
];
const pagesWith = (keys: string[]): fc.Arbitrary<Page> =>
	fc.record({
		objects: fc.array(
			fc.record({
				key: fc.constantFrom(...keys),
				size: fc.nat(2 ** 31),
				lastModified: fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * 1000),
			}),
			{ maxLength: 4 },
		),
		prefixes: fc.array(
			fc.constantFrom(...keys).map((key) => key && `${key}_`),
			{ maxLength: 2 },
		),
		nextToken: fc.constantFrom(null, null, 'abc+/=', '&<'),
	});
const validPages = pagesWith(KEYS);
const pages = fc.oneof(
	{ weight: 4, arbitrary: validPages },
	{ weight: 1, arbitrary: pagesWith(['', 'a']) },
);

const escaped = (text: string) =>
	text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)!};`);
const urlEncoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');

type S3Style = 'encoded' | 'plain' | 'plain, without tokens';

function writeS3({ objects, prefixes, nextToken }: Page, style: S3Style): string {
	const name = style === 'encoded' ? urlEncoded : escaped;
	const hasToken = nextToken !== null && style !== 'plain, without tokens';
	return [
		'<?xml version="1.0" encoding="UTF-8"?>\n',
		'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>',
		style === 'encoded' ? '<EncodingType>url</EncodingType>' : '',
		hasToken ? `<NextContinuationToken>${escaped(nextToken)}</NextContinuationToken>` : '',
		`<IsTruncated>${nextToken !== null}</IsTruncated>`,
		...objects.map(
			({ key, size, lastModified }) =>
				`<Contents><Key>${name(key)}</Key><LastModified>${new Date(lastModified).toISOString()}</LastModified>` +
				`<ETag>&quot;x&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
		),
		...prefixes.map(
			(prefix) => `<CommonPrefixes><Prefix>${name(prefix)}</Prefix></CommonPrefixes>`,
		),
		'</ListBucketResult>',
	].join('');
}

function writeAzure({ objects, prefixes, nextToken }: Page, hasMarker = true): string {
	return [
		'\uFEFF<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://x/" ContainerName="c">',
		'<Blobs>',
		...objects.map(
			({ key, size, lastModified }) =>
				`<Blob><Name>${escaped(key)}</Name><Properties><Last-Modified>${new Date(lastModified).toUTCString()}</Last-Modified>` +
				`<Content-Length>${size}</Content-Length><BlobType>BlockBlob</BlobType></Properties><OrMetadata /></Blob>`,
		),
		...prefixes.map((prefix) => `<BlobPrefix><Name>${escaped(prefix)}</Name></BlobPrefix>`),
		'</Blobs>',
		hasMarker ? `<NextMarker>${escaped(nextToken ?? '')}</NextMarker>` : '',
		'</EnumerationResults>',
	].join('');
}

const OBJECT =
	'<Contents><Key>a</Key><LastModified>2026-11-23T10:15:30.000Z</LastModified><Size>1</Size></Contents>';
/** These are not objects, although they contain the text of one. */
const HIDDEN_OBJECTS = [`<!-- ${OBJECT} -->`, `<Note><![CDATA[${OBJECT}]]></Note>`];
const XML_TOKENS = [
	...['<!-- ', '-->', '<![CDATA[', ']]>', '<!DOCTYPE x [<!ENTITY a "b">]>', '&a;', '&#0;'],
	...['&#xD800;', '&#99999999999;', '&amp;', '<', '>', '/>', '<a b="', '<x:Key>'],
	...['</ListBucketResult>', '</EnumerationResults>'],
];
const S3_TOKENS = [
	OBJECT,
	...[...HIDDEN_OBJECTS, ...XML_TOKENS, '<ListBucketResult>', '<Contents>', '</Contents>'],
	...['<Key>', '</Key>', '<Size>1</Size>', '<Size>-1</Size>', '<IsTruncated>true</IsTruncated>'],
	'<LastModified>2026-99-99T00:00:00.000Z</LastModified>',
	'<LastModified>2026-11-23T10:15:30.000Z</LastModified>',
	...['<NextMarker>x</NextMarker>', '<EncodingType>url</EncodingType>', '<CommonPrefixes>'],
];
const AZURE_TOKENS = [
	...[...XML_TOKENS, '<EnumerationResults>', '<Blobs>', '<Blob>', '</Blob>', '<Name>', '</Name>'],
	...['<Name Encoded="true">%EF%BF%BE', '<NextMarker>', '<Properties>'],
	'<Content-Length>1e3</Content-Length>',
];

/** As decoded from bytes: without lone surrogates. */
const decoded = (text: string) => Buffer.from(text).toString();

function checkListing({ objects, prefixes, nextToken, nextMarker }: Listing): void {
	for (const { key, size, lastModified } of objects) {
		assert(typeof key === 'string' && key !== '');
		assert(Number.isSafeInteger(size) && size >= 0);
		assert(!Number.isNaN(new Date(lastModified).getTime()));
	}
	for (const name of [...objects.map(({ key }) => key), ...prefixes])
		assert(name !== '' && !/\p{Cs}/u.test(name));
	assert(nextToken === null || (typeof nextToken === 'string' && nextToken !== ''));
	assert(nextMarker === undefined || (nextMarker !== '' && nextToken === null));
}

/** @returns the same as plain objects, which `assert` can compare */
const plain = ({ objects, prefixes, nextToken }: Page | Listing): Page => ({
	objects: objects.map(({ key, size, lastModified }) => ({ key, size, lastModified })),
	prefixes: [...prefixes],
	nextToken,
});

/** ISO 8601 as S3 writes it has a year of four digits; HTTP dates have whole seconds. */
const canBeWritten = ({ objects }: Listing, step: number) =>
	objects.every(
		({ lastModified: time }) => time >= 0 && time < Date.UTC(9999, 0) && time % step === 0,
	);

const inListing = (n: number, text: string) =>
	`<ListBucketResult>${text.repeat(Math.ceil(n / text.length))}`;
const inObject = (n: number, field: string) =>
	inListing(n, OBJECT.replace(/<Size>.*/, field.repeat(n / field.length)));

describeReader('S3 listings', {
	input: hostileText(
		fc
			.tuple(pages, fc.constantFrom<S3Style>('encoded', 'plain', 'plain, without tokens'))
			.map((page) => writeS3(...page)),
		S3_TOKENS,
	).map(decoded),
	read(xml) {
		const listing = unlessRejected(() => readListing(xml));
		if (listing === null) return false;
		checkListing(listing);
		if (canBeWritten(listing, 1)) {
			const again = readListing(writeS3(plain(listing), 'encoded'));
			assert.deepEqual(plain(again), plain(listing));
		}
		return true;
	},
	long: {
		objects: (n) => inListing(n, OBJECT),
		'the name of a tag': (n) => inListing(n, `<${'a'.repeat(n)}`),
		'a tag that does not end': (n) => inListing(n, `<a ${'b="c" '.repeat(n / 6)}`),
		'quotes in a tag': (n) => inListing(n, `<a ${'"'.repeat(n)}`),
		'spaces in a tag': (n) => inListing(n, `<a${' '.repeat(n)}`),
		'an attribute of the root': (n) => `<ListBucketResult ${'a'.repeat(n)}></ListBucketResult>`,
		'prefixes in the name of a tag': (n) => inListing(n, `<${'a:'.repeat(n / 2)}`),
		'Contents in the name of a tag': (n) => inListing(n, `<${'Contents'.repeat(n / 8)}`),
		'tags that open': (n) => inListing(n, '<a>'),
		'a key': (n) => inListing(n, `<Contents><Key>${'a'.repeat(n)}`),
		'sizes of one object': (n) => inObject(n, '<Size>1</Size>'),
		'other fields of one object': (n) => inObject(n, '<b>1</b>'),
		'objects that open': (n) => inListing(n, '<Contents>'),
		'comments that do not end': (n) => inListing(n, '<!--'),
		'CDATA sections that do not end': (n) => inListing(n, '<![CDATA['),
		'instructions that do not end': (n) => inListing(n, '<?'),
		'entities that do not end': (n) => inListing(n, '&a'),
		'one character reference': (n) => inListing(n, `&#${'1'.repeat(n)}`),
	},
});

describe('S3 listings with text that looks like objects', () => {
	it('are read as written, by the fast path and as XML, and rejected without their end', () => {
		const hidden = fc.constantFrom(...HIDDEN_OBJECTS, '<!-- x -->', '');
		const style = fc.constantFrom<S3Style>('encoded', 'plain');
		fc.assert(
			fc.property(validPages, style, hidden, (page, as, beforeEach) => {
				const xml = writeS3(page, as).replaceAll('<Contents>', `${beforeEach}<Contents>`);
				assert.deepEqual(plain(readListing(xml)), plain(page));
				// The fast path takes only entries that are written as usual.
				const slow = readListing(xml.replaceAll('<Contents>', '<Contents >'));
				assert.deepEqual(plain(slow), plain(page));
				const cut = xml.slice(0, xml.lastIndexOf('</'));
				assert.equal(
					unlessRejected(() => readListing(cut)),
					null,
				);
			}),
			{ numRuns: 1_000 },
		);
	});
});

const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** ListObjects has no tokens. */
describeReader('Markers of S3 listings', {
	input: hostileText(
		pages.map((page) => writeS3(page, 'plain, without tokens')),
		S3_TOKENS,
	).map(decoded),
	read(xml) {
		const listing = unlessRejected(() => readListing(xml));
		if (listing === null) return false;
		const sorted = {
			objects: [...listing.objects].sort((a, b) => order(a.key, b.key)),
			prefixes: [...listing.prefixes].sort(order),
		};
		const names = [...sorted.objects.map(({ key }) => key), ...sorted.prefixes].sort(order);
		const last = names.at(-1) ?? '';
		assert.equal(lastEntry(sorted), last);
		const { nextMarker } = listing;
		if (nextMarker !== undefined && !xml.includes('NextMarker'))
			assert.equal(nextMarker, lastEntry(listing));
		if (last !== '') {
			assert(comesAfter(afterPrefix(`${last}_`), `${last}_~`));
			assert(!ignoresStart(sorted, ''));
			assert(ignoresStart(sorted, '\u{10FFFF}'));
		}
		return nextMarker !== undefined;
	},
	long: { objects: (n) => inListing(n, OBJECT) },
});

const inBlobs = (n: number, text: string) =>
	`<EnumerationResults>${text.repeat(Math.ceil(n / text.length))}`;
const api = azureApi({ bucket: 'b' } as Parameters<typeof azureApi>[0]);

describeReader('Azure listings', {
	input: hostileText(
		// Azure writes NextMarker on every page.
		fc.tuple(pages, fc.constantFrom(true, true, true, false)).map((page) => writeAzure(...page)),
		AZURE_TOKENS,
	).map(decoded),
	async read(xml) {
		const listing = unlessRejected(() => readBlobListing(xml));
		const response = { status: 200, headers: {}, body: xml };
		const page = api.list(async () => response, { prefix: '' });
		if (listing === null) {
			await assert.rejects(page, { name: 'Fault' });
			return false;
		}
		assert.deepEqual(plain(await page), plain(listing));
		checkListing(listing);
		if (canBeWritten(listing, 1000)) {
			const again = readBlobListing(writeAzure(plain(listing)));
			assert.deepEqual(plain(again), plain(listing));
		}
		return true;
	},
	long: {
		blobs: (n) => inBlobs(n, '<Blobs><Blob><Name>a</Name><Properties></Properties></Blob></Blobs>'),
		'the name of a tag': (n) => inBlobs(n, `<${'a'.repeat(n)}`),
		'spaces in a tag': (n) => inBlobs(n, `<a${' '.repeat(n)}`),
		'spaces around an attribute': (n) => inBlobs(n, `<a${' '.repeat(n / 2)}b${' '.repeat(n / 2)}`),
		'attributes of a tag': (n) => inBlobs(n, `<a ${'b="c" '.repeat(n / 6)}`),
		'Encoded in an attribute': (n) => inBlobs(n, `<Name a="${'Encoded '.repeat(n / 8)}">x</Name>`),
		'tags that open': (n) => inBlobs(n, '<a>'),
		'a declaration that does not end': (n) => `<?xml ${'?'.repeat(n)}`,
		'spaces before the root': (n) => ' '.repeat(n),
		'entities that do not end': (n) => inBlobs(n, '&#x1'),
	},
});
