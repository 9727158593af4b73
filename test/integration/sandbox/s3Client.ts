import aws4 from 'aws4';
import { XMLParser } from 'fast-xml-parser';
import { request } from 'undici';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

interface Credentials {
	accessKey: string;
	secretKey: string;
}

type Entry = Record<string, string>;

export interface Listing {
	status: number;
	keys: string[];
	prefixes: string[];
	objects: Entry[];
	next?: string;
	truncated: boolean;
	encoding?: string;
}

const toList = (value: Entry | Entry[] | undefined): Entry[] =>
	value === undefined ? [] : [value].flat();

/** An S3 client for the bucket of a sandbox, which signs its requests with aws4. */
export function s3Client({ s3, storage }: Sandbox) {
	const { host } = new URL(s3);

	async function send(
		method: string,
		path: string,
		{ body, credentials = storage }: { body?: string | Buffer; credentials?: Credentials } = {},
	) {
		const signed = aws4.sign(
			{ host, method, path, service: 's3', region: storage.region, body, headers: {} },
			{ accessKeyId: credentials.accessKey, secretAccessKey: credentials.secretKey },
		);
		const response = await request(s3 + path, {
			method: method as 'GET',
			headers: signed.headers,
			body,
		});
		const bytes = Buffer.from(await response.body.arrayBuffer());
		return {
			status: response.statusCode,
			headers: response.headers,
			bytes,
			text: bytes.toString(),
		};
	}

	const put = (key: string, body: string | Buffer, credentials?: Credentials) =>
		send('PUT', `/${storage.bucket}/${key.split('/').map(encodeURIComponent).join('/')}`, {
			body,
			credentials,
		});
	const get = (key: string) => send('GET', `/${storage.bucket}/${key}`);

	async function listObjects(query: Record<string, string> = {}): Promise<Listing> {
		const search = new URLSearchParams({ 'list-type': '2', ...query })
			.toString()
			.replaceAll('+', '%20');
		const { status, text } = await send('GET', `/${storage.bucket}?${search}`);
		const parser = new XMLParser({ parseTagValue: false });
		const result = parser.parse(text).ListBucketResult ?? {};
		return {
			status,
			keys: toList(result.Contents).map((object) => String(object.Key)),
			objects: toList(result.Contents),
			prefixes: toList(result.CommonPrefixes).map((entry) => String(entry.Prefix)),
			next: result.NextContinuationToken,
			truncated: result.IsTruncated === 'true',
			encoding: result.EncodingType,
		};
	}

	/** A URL that is valid without headers. */
	function presigned(key: string, expires = 300): string {
		const { path } = aws4.sign(
			{
				host,
				path: `/${storage.bucket}/${key}?X-Amz-Expires=${expires}`,
				service: 's3',
				region: storage.region,
				signQuery: true,
			},
			{ accessKeyId: storage.accessKey, secretAccessKey: storage.secretKey },
		);
		return s3 + path;
	}

	return { send, put, get, listObjects, presigned };
}
