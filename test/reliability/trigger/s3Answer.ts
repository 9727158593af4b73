import { Readable } from 'node:stream';
import type { IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import type { Bucket, ListPage } from '../../../nodes/Agora/storage/types.ts';

/**
 * Answers a request for a listing or an object as S3 does (ListObjectsV2, ListObjects, GetObject). Where the
 * bucket throws, the answer is 401, as it must not look like a refusal of one object.
 */
export async function answerAsS3(
	bucket: Bucket,
	{ url, encoding }: IHttpRequestOptions,
): Promise<IN8nHttpFullResponse> {
	const { pathname, searchParams } = new URL(url, 'https://storage.example');
	const answer = (statusCode: number, text: string, time?: number): IN8nHttpFullResponse => {
		const bytes = Buffer.from(text);
		return {
			statusCode,
			headers: time === undefined ? {} : { date: new Date(time).toISOString() },
			body: encoding === 'stream' ? Readable.from([bytes]) : bytes,
		};
	};
	try {
		if (pathname !== '/') {
			const text = await bucket.getText(decodeURIComponent(pathname.slice(1)));
			if (text !== null) return answer(200, text);
			return answer(404, '<Error><Code>NoSuchKey</Code></Error>');
		}
		const page = await listFor(bucket, searchParams);
		return answer(
			200,
			listingOf(page, searchParams.get('encoding-type') === 'url'),
			page.serverTime,
		);
	} catch {
		return answer(401, '<Error><Code>InvalidAccessKeyId</Code></Error>');
	}
}

async function listFor(bucket: Bucket, parameters: URLSearchParams): Promise<ListPage> {
	const of = (name: string) => parameters.get(name) ?? undefined;
	const marker = of('marker');
	return await bucket.list({
		prefix: of('prefix') ?? '',
		delimiter: of('delimiter'),
		// In memory a token is the last name, which is what the older listing says plainly.
		token: marker === undefined ? of('continuation-token') : tokenOf(marker),
		maxKeys: of('max-keys') === undefined ? undefined : Number(of('max-keys')),
		startAfter: of('start-after'),
	});
}

const tokenOf = (name: string) => Buffer.from(name).toString('base64url');
const nameOf = (token: string) => Buffer.from(token, 'base64url').toString();

function listingOf({ objects, prefixes, nextToken }: ListPage, isEncoded: boolean): string {
	const named = (name: string) => (isEncoded ? encodeURIComponent(name) : name);
	const contents = objects.map(
		({ key, size, lastModified }) =>
			`<Contents><Key>${named(key)}</Key><LastModified>${new Date(lastModified).toISOString()}</LastModified><Size>${size}</Size></Contents>`,
	);
	const folded = prefixes.map(
		(prefix) => `<CommonPrefixes><Prefix>${named(prefix)}</Prefix></CommonPrefixes>`,
	);
	const next =
		nextToken === null
			? '<IsTruncated>false</IsTruncated>'
			: `<IsTruncated>true</IsTruncated><NextContinuationToken>${nextToken}</NextContinuationToken><NextMarker>${named(nameOf(nextToken))}</NextMarker>`;
	const encoding = isEncoded ? '<EncodingType>url</EncodingType>' : '';
	return `<ListBucketResult>${encoding}${contents.join('')}${folded.join('')}${next}</ListBucketResult>`;
}
