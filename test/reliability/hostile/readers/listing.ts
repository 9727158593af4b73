import fc from 'fast-check';
import { loadSource } from '../../source.ts';
import { hold, orRefused, orRefusedLater, same, type Reader } from '../reader.ts';
import { hostileText } from '../text.ts';
import { SID } from './sid.ts';

interface Object {
	key: string;
	size: number;
	time: number;
}

const KEYS = [
	`class/${SID}_a_0.ts`,
	`${SID}_a.m3u8`,
	'a&b<c>"\'',
	'é漢😀',
	' x ',
	'a+b%20c',
	'../x',
	'__proto__',
];

interface Page {
	objects: Object[];
	prefixes: string[];
	token: string;
}

const pages: fc.Arbitrary<Page> = fc.record({
	objects: fc.array(
		fc.record({
			key: fc.constantFrom(...KEYS),
			size: fc.nat(2 ** 31),
			time: fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * 1000),
		}),
		{ maxLength: 4 },
	),
	prefixes: fc.array(
		fc.constantFrom(...KEYS).map((key) => `${key}_`),
		{ maxLength: 2 },
	),
	token: fc.constantFrom('', '', 'abc+/=', '&<'),
});

const ENTITIES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);

function printS3({ objects, prefixes, token }: Page, encoded: boolean, marker: boolean): string {
	const name = (text: string) =>
		encoded ? encodeURIComponent(text).replaceAll('%20', '+') : escaped(text);
	return [
		'<?xml version="1.0" encoding="UTF-8"?>\n',
		'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>',
		encoded ? '<EncodingType>url</EncodingType>' : '',
		token && !marker ? `<NextContinuationToken>${escaped(token)}</NextContinuationToken>` : '',
		`<IsTruncated>${token !== ''}</IsTruncated>`,
		...objects.map(
			({ key, size, time }) =>
				`<Contents><Key>${name(key)}</Key><LastModified>${new Date(time).toISOString()}</LastModified>` +
				`<ETag>&quot;x&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
		),
		...prefixes.map(
			(prefix) => `<CommonPrefixes><Prefix>${name(prefix)}</Prefix></CommonPrefixes>`,
		),
		'</ListBucketResult>',
	].join('');
}

function printAzure({ objects, prefixes, token }: Page): string {
	return [
		'\uFEFF<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://x/" ContainerName="c">',
		'<Blobs>',
		...objects.map(
			({ key, size, time }) =>
				`<Blob><Name>${escaped(key)}</Name><Properties><Last-Modified>${new Date(time).toUTCString()}</Last-Modified>` +
				`<Content-Length>${size}</Content-Length><BlobType>BlockBlob</BlobType></Properties><OrMetadata /></Blob>`,
		),
		...prefixes.map((prefix) => `<BlobPrefix><Name>${escaped(prefix)}</Name></BlobPrefix>`),
		`</Blobs>${token ? `<NextMarker>${escaped(token)}</NextMarker>` : '<NextMarker />'}</EnumerationResults>`,
	].join('');
}

const XML_PIECES = [
	'<!-- ',
	'-->',
	'<![CDATA[',
	']]>',
	'<!DOCTYPE x [<!ENTITY a "b">]>',
	'&a;',
	'&#0;',
	'&#xD800;',
	'&#99999999999;',
	'&amp;',
	'<',
	'>',
	'/>',
	'<a b="',
	'<x:Key>',
	'</ListBucketResult>',
	'</EnumerationResults>',
];
/** As the reader takes it out of the text without looking at the rest. */
const PLAIN_OBJECT =
	'<Contents><Key>a</Key><LastModified>2026-11-23T10:15:30.000Z</LastModified><Size>1</Size></Contents>';
/** No objects, though each looks like one. */
const HIDDEN_OBJECTS = [`<!-- ${PLAIN_OBJECT} -->`, `<Note><![CDATA[${PLAIN_OBJECT}]]></Note>`];
const S3_PIECES = [
	PLAIN_OBJECT,
	...HIDDEN_OBJECTS,
	...XML_PIECES,
	'<ListBucketResult>',
	'<Contents>',
	'</Contents>',
	'<Key>',
	'</Key>',
	'<Size>1</Size>',
	'<Size>-1</Size>',
	'<LastModified>2026-99-99T00:00:00.000Z</LastModified>',
	'<LastModified>2026-11-23T10:15:30.000Z</LastModified>',
	'<IsTruncated>true</IsTruncated>',
	'<NextMarker>x</NextMarker>',
	'<EncodingType>url</EncodingType>',
	'<CommonPrefixes>',
];
const AZURE_PIECES = [
	...XML_PIECES,
	'<EnumerationResults>',
	'<Blobs>',
	'<Blob>',
	'</Blob>',
	'<Name Encoded="true">%EF%BF%BE',
	'<Name>',
	'</Name>',
	'<NextMarker>',
	'<Properties>',
	'<Content-Length>1e3</Content-Length>',
];

/** As bytes decode to it: without half characters. */
const decoded = (text: string) => Buffer.from(text).toString();

interface Text {
	xml: string;
	/** Whether it is a listing as it should be. */
	isValid?: boolean;
}

interface Read {
	objects: Array<{ key: string; size: number; lastModified: number }>;
	prefixes: string[];
	nextToken: string | null;
	nextMarker?: string;
}

function lookAt({ objects, prefixes, nextToken, nextMarker }: Read): void {
	for (const { key, size, lastModified } of objects) {
		hold(typeof key === 'string' && key !== '', 'a key is none');
		hold(Number.isSafeInteger(size) && size >= 0, 'a size is none');
		hold(!Number.isNaN(new Date(lastModified).getTime()), 'a time is none');
	}
	const names = [...objects.map(({ key }) => key), ...prefixes];
	hold(
		prefixes.every((prefix) => prefix !== ''),
		'a folded entry has no name',
	);
	hold(
		names.every((name) => !/\p{Cs}/u.test(name)),
		'a name has half a character',
	);
	hold(
		nextToken === null || (typeof nextToken === 'string' && nextToken !== ''),
		'its token is none',
	);
	hold(nextMarker === undefined || nextMarker !== '', 'its marker is none');
	hold(nextMarker === undefined || nextToken === null, 'it has both token and marker');
}

/** What was read, written again, reads the same. */
function printable({ objects, prefixes, nextToken }: Read): Page {
	const list = objects.map(({ key, size, lastModified }) => ({ key, size, time: lastModified }));
	return { objects: list, prefixes, token: nextToken ?? '' };
}

/** ISO 8601 as S3 writes it has four digits for a year, HTTP dates have whole seconds. */
function isUsualTime(time: number, step: number): boolean {
	return time >= 0 && time < Date.UTC(9999, 0) && time % step === 0;
}

const s3Texts = hostileText(
	fc
		.tuple(pages, fc.boolean(), fc.boolean())
		.map(([page, encoded, marker]) => printS3(page, encoded, marker)),
	S3_PIECES,
);

/** Listings as they should be, with notes between the objects. */
const withHidden = fc
	.tuple(pages, fc.boolean(), fc.constantFrom(...HIDDEN_OBJECTS, '<!-- x -->', ''))
	.map(([page, encoded, hidden]) =>
		printS3(page, encoded, false).replaceAll('<Contents>', `${hidden}<Contents>`),
	);

type Listing = typeof import('../../../../nodes/Agora/storage/listing');
const loadListing = async () => await loadSource<Listing>('storage/listing');

export async function s3ListingReader(): Promise<Reader<Text>> {
	const { readListing } = await loadListing();
	return {
		name: 'Listings of S3',
		input: fc.oneof(
			{ weight: 4, arbitrary: fc.record({ xml: s3Texts.map(decoded) }) },
			{ weight: 1, arbitrary: fc.record({ xml: withHidden, isValid: fc.constant(true) }) },
		),
		lengthOf: ({ xml }) => xml.length,
		read({ xml, isValid = false }) {
			const whole = orRefused(() => readListing(xml));
			if (whole === null) return 'refused';
			// Objects that are written a little otherwise are not taken from the text before it is read as XML.
			const unusual = xml.replaceAll('<Contents>', '<Contents >');
			const isSame =
				!isValid ||
				same(
					orRefused(() => readListing(unusual)),
					whole,
				);
			hold(isSame, 'as XML alone it reads otherwise');
			lookAt(whole);
			if (whole.objects.every(({ lastModified }) => isUsualTime(lastModified, 1))) {
				const again = orRefused(() => readListing(printS3(printable(whole), true, false)));
				const { objects, prefixes, nextToken } = whole;
				hold(same(again, { objects, prefixes, nextToken }), 'it cannot be printed back');
			}
			const end = xml.lastIndexOf('</');
			const cutOff = isValid && orRefused(() => readListing(xml.slice(0, end)));
			hold(!cutOff, 'without its end it passes for whole');
			return 'parsed';
		},
		long: s3Long,
	};
}

const listed = (n: number, text: string) => ({
	xml: `<ListBucketResult>${text.repeat(Math.ceil(n / text.length))}`,
});

const s3Long: Reader<Text>['long'] = {
	'many objects': (n) => listed(n, PLAIN_OBJECT),
	'a long name of a tag': (n) => listed(n, `<${'a'.repeat(n)}`),
	'a tag that does not end': (n) => listed(n, `<a ${'b="c" '.repeat(n / 6)}`),
	'quotes in a tag': (n) => listed(n, `<a ${'"'.repeat(n)}`),
	'a tag full of spaces': (n) => listed(n, `<a${' '.repeat(n)}`),
	'a tag of many letters that ends': (n) => ({
		xml: `<ListBucketResult ${'a'.repeat(n)}></ListBucketResult>`,
	}),
	'prefixes of names of tags': (n) => listed(n, `<${'a:'.repeat(n / 2)}`),
	'Contents in the name of a tag': (n) => listed(n, `<${'Contents'.repeat(n / 8)}`),
	'tags that open': (n) => listed(n, '<a>'),
	'an object with a long key': (n) => listed(n, `<Contents><Key>${'a'.repeat(n)}`),
	'an object with many sizes': (n) =>
		listed(
			n,
			`<Contents><Key>a</Key><LastModified>2026-11-23T10:15:30.000Z</LastModified>${'<Size>1</Size>'.repeat(n / 14)}`,
		),
	'an object with many other fields': (n) =>
		listed(
			n,
			`<Contents><Key>a</Key><LastModified>2026-11-23T10:15:30.000Z</LastModified>${'<b>1</b>'.repeat(n / 8)}`,
		),
	'objects that open': (n) => listed(n, '<Contents>'),
	'comments that do not end': (n) => listed(n, '<!--'),
	'CDATA that does not end': (n) => listed(n, '<![CDATA['),
	'instructions that do not end': (n) => listed(n, '<?'),
	'entities that do not end': (n) => listed(n, '&a'),
	'numbers of letters': (n) => listed(n, `&#${'1'.repeat(n)}`),
};

export async function azureListingReader(): Promise<Reader<Text>> {
	const { readBlobListing } =
		await loadSource<typeof import('../../../../nodes/Agora/storage/azure/listing')>(
			'storage/azure/listing',
		);
	const { azureApi } =
		await loadSource<typeof import('../../../../nodes/Agora/storage/azure/api')>(
			'storage/azure/api',
		);
	const answer = { status: 200, headers: {} };
	const api = azureApi({ bucket: 'b' } as Parameters<typeof azureApi>[0]);
	const wrapped = (n: number, text: string) => ({
		xml: `<EnumerationResults>${text.repeat(Math.ceil(n / text.length))}`,
	});
	return {
		name: 'Listings of Azure',
		input: fc.record({ xml: hostileText(pages.map(printAzure), AZURE_PIECES).map(decoded) }),
		lengthOf: ({ xml }) => xml.length,
		async read({ xml }) {
			const whole = orRefused(() => readBlobListing(xml));
			const page = await orRefusedLater(
				async () => await api.list(async () => ({ ...answer, body: xml }), { prefix: '' }),
			);
			const { objects, prefixes, nextToken } = page ?? {};
			const isSame = whole === null ? page === null : same({ objects, prefixes, nextToken }, whole);
			hold(isSame, 'as a page of the container it reads otherwise');
			if (whole === null) return 'refused';
			lookAt(whole);
			if (whole.objects.every(({ lastModified }) => isUsualTime(lastModified, 1000))) {
				const again = orRefused(() => readBlobListing(printAzure(printable(whole))));
				hold(same(again, whole), 'it cannot be printed back');
			}
			return 'parsed';
		},
		long: {
			'many blobs': (n) =>
				wrapped(n, '<Blobs><Blob><Name>a</Name><Properties></Properties></Blob></Blobs>'),
			'a long name of a tag': (n) => wrapped(n, `<${'a'.repeat(n)}`),
			'a tag full of spaces': (n) => wrapped(n, `<a${' '.repeat(n)}`),
			'spaces around an attribute': (n) =>
				wrapped(n, `<a${' '.repeat(n / 2)}b${' '.repeat(n / 2)}`),
			'a tag with many attributes': (n) => wrapped(n, `<a ${'b="c" '.repeat(n / 6)}`),
			'an attribute full of Encoded': (n) =>
				wrapped(n, `<Name a="${'Encoded '.repeat(n / 8)}">x</Name>`),
			'tags that open': (n) => wrapped(n, '<a>'),
			'a declaration that does not end': (n) => ({ xml: `<?xml ${'?'.repeat(n)}` }),
			'spaces before it': (n) => ({ xml: ' '.repeat(n) }),
			'entities that do not end': (n) => wrapped(n, '&#x1'),
		},
	};
}

/** Where to continue after a page of the older listing. */
export async function olderListingReader(): Promise<Reader<Text>> {
	const { readListing, lastEntry, ignoresStart, comesAfter, afterPrefix } = await loadListing();
	const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
	const older = hostileText(
		fc.tuple(pages, fc.boolean()).map(([page, truncated]) => {
			const page2 = { ...page, token: truncated ? 'x' : '' };
			return printS3(page2, false, true);
		}),
		S3_PIECES,
	);
	return {
		name: 'Pages of the older listing',
		input: fc.record({ xml: older }),
		lengthOf: ({ xml }) => xml.length,
		read({ xml }) {
			const page = orRefused(() => readListing(xml));
			if (page === null) return 'refused';
			// A page is in the order of its keys; these are in any order.
			const sorted = {
				objects: [...page.objects].sort((a, b) => order(a.key, b.key)),
				prefixes: [...page.prefixes].sort(order),
			};
			const names = [...sorted.objects.map(({ key }) => key), ...sorted.prefixes].sort(order);
			const last = names.at(-1) ?? '';
			hold(lastEntry(sorted) === last, 'its last entry is another');
			const { nextMarker } = page;
			hold(
				nextMarker === undefined || nextMarker === lastEntry(page) || xml.includes('NextMarker'),
				'it continues after something else than its last entry',
			);
			if (last !== '') {
				hold(
					comesAfter(afterPrefix(`${last}_`), `${last}_~`),
					'the end of a folded entry is within it',
				);
				hold(!ignoresStart(sorted, ''), 'it begins before everything');
				hold(ignoresStart(sorted, '\u{10FFFF}'), 'it begins after everything');
			}
			return nextMarker === undefined ? 'refused' : 'parsed';
		},
		long: { 'many objects': (n) => listed(n, PLAIN_OBJECT) },
	};
}
