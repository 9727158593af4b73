import aws4 from 'aws4';
import { XMLParser } from 'fast-xml-parser';
import { request } from 'undici';
import type { S3Stub } from './s3Server.ts';

export interface Sent {
	method?: string;
	/** '' for the bucket itself. */
	key?: string;
	query?: Record<string, string>;
	headers?: Record<string, string>;
	body?: string;
	/** These sign instead of the server's credentials. */
	accessKey?: string;
	secretKey?: string;
	sessionToken?: string;
	region?: string;
	/** Signs the URL, which is then valid for this many seconds. */
	presign?: number;
}

export interface Received {
	status: number;
	headers: Record<string, string>;
	body: string;
}

/** Sends a request signed by aws4, which is the only code that this client shares with the server. */
export async function send(stub: S3Stub, sent: Sent = {}): Promise<Received> {
	const { key = '', method = 'GET', query = {}, body } = sent;
	const path = key === '' ? '' : `/${key.split('/').map(encodeURIComponent).join('/')}`;
	const parameters = { ...query, ...(sent.presign && { 'X-Amz-Expires': String(sent.presign) }) };
	const search = Object.entries(parameters)
		.map((pair) => pair.map(encodeURIComponent).join('='))
		.join('&');
	const signed = aws4.sign(
		{
			host: new URL(stub.origin).host,
			method,
			path: `/${stub.bucket}${path}${search && `?${search}`}`,
			service: 's3',
			region: sent.region ?? 'us-east-1',
			signQuery: sent.presign !== undefined,
			headers: { ...sent.headers },
			...(body !== undefined && { body }),
		},
		{
			accessKeyId: sent.accessKey ?? String(stub.credential.accessKey),
			secretAccessKey: sent.secretKey ?? String(stub.credential.secretKey),
			...(sent.sessionToken && { sessionToken: sent.sessionToken }),
		},
	);
	const response = await request(`${stub.origin}${signed.path}`, {
		method: method as 'GET',
		headers: signed.headers,
		body: body ?? null,
	});
	return {
		status: response.statusCode,
		headers: Object.fromEntries(
			Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
		),
		body: await response.body.text(),
	};
}

export interface ListedPage {
	keys: string[];
	prefixes: string[];
	isTruncated: boolean;
	token: string | undefined;
	/** Of ListObjects. */
	nextMarker: string | undefined;
	/** The other children of the root. */
	fields: Record<string, string>;
	storageClasses: string[];
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };

const parser = new XMLParser({
	parseTagValue: false,
	trimValues: false,
	// The parser drops control characters, which S3 writes as references.
	processEntities: false,
	tagValueProcessor: (_name, value) =>
		value.replace(/&(?:#x([\da-f]+)|(\w+));/g, (_all, code: string | undefined, name: string) =>
			code === undefined ? NAMED[name]! : String.fromCodePoint(parseInt(code, 16)),
		),
	isArray: (name) => name === 'Contents' || name === 'CommonPrefixes',
});

/** @throws Error with status and code when the listing is refused */
export async function list(
	stub: S3Stub,
	query: Record<string, string> = {},
	sent: Sent = {},
): Promise<ListedPage> {
	const all = { 'list-type': '2', ...query };
	const response = await send(stub, { ...sent, query: all });
	if (response.status !== 200) throw new Error(`${response.status} ${errorOf(response).Code}`);
	return readPage(response.body);
}

/** Reads a listing with fast-xml-parser; decodes names with `EncodingType`. */
function readPage(xml: string): ListedPage {
	const {
		Contents = [],
		CommonPrefixes = [],
		...fields
	} = parser.parse(xml).ListBucketResult as Record<string, never> & {
		Contents?: Array<{ Key: string; StorageClass: string }>;
		CommonPrefixes?: Array<{ Prefix: string }>;
	};
	const { EncodingType } = fields as Record<string, string>;
	const nameOf = (text: string) =>
		EncodingType === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
	return {
		keys: Contents.map(({ Key }) => nameOf(Key)),
		prefixes: CommonPrefixes.map(({ Prefix }) => nameOf(Prefix)),
		isTruncated: (fields as Record<string, string>).IsTruncated === 'true',
		token: (fields as Record<string, string>).NextContinuationToken,
		nextMarker: (fields as Record<string, string>).NextMarker,
		fields,
		storageClasses: Contents.map(({ StorageClass }) => StorageClass),
	};
}

/** Reads a listing to its end, or up to `maxPages`. */
export async function listAll(
	stub: S3Stub,
	query: Record<string, string> = {},
	maxPages = 1000,
): Promise<ListedPage[]> {
	const pages: ListedPage[] = [];
	let token: string | undefined;
	do {
		const more: Record<string, string> = token === undefined ? {} : { 'continuation-token': token };
		const page = await list(stub, { ...query, ...more });
		pages.push(page);
		({ token } = page);
	} while (token !== undefined && pages.length < maxPages);
	return pages;
}

/** @returns the children of `<Error>` */
export function errorOf({ body }: Received): Record<string, string> {
	return (parser.parse(body) as { Error: Record<string, string> }).Error;
}
