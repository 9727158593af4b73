import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { bucketUrl, resolveInBucket } from './address';
import { authorizeAzure } from './azure/auth';
import type { BareRequest, StorageCredential } from './types';
import { readStorageCredential } from './credential';
import type { SignableRequest } from './signature';
import { canonicalQuery, signHeaders } from './signature';

/** The HTTP Request node still sets the older fields. */
type Options = IHttpRequestOptions & {
	uri?: string;
	followRedirect?: boolean;
	followAllRedirects?: boolean;
};

/**
 * A signature is valid for one URL only. On a redirect n8n would drop `Authorization`, but neither a session token
 * nor other headers of the vendors.
 */
const NO_REDIRECTS = {
	disableFollowRedirect: true,
	maxRedirects: 0,
	followRedirect: false,
	followAllRedirects: false,
	sendCredentialsOnCrossOriginRedirect: false,
};

const NO_BODY = ['GET', 'HEAD'];

/**
 * Makes a request to the bucket absolute and authorizes it as its vendor requires (n8n: a credential's
 * `authenticate`).
 *
 * @param data the decrypted credential
 * @param options `url` relative to the bucket, or absolute and inside it; `qs` is folded into it
 * @returns the options to send. Signing what is already signed signs it again: n8n does so after a 401.
 * @throws Fault when the credential cannot be right, or the URL is outside its bucket
 */
export function signedRequest(
	data: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): IHttpRequestOptions {
	const credential = readStorageCredential(data);
	const { uri, baseURL, qs, body: given, ...rest } = options as Options;
	const url = resolveInBucket(
		bucketUrl(credential),
		withQuery(withBase(rest.url || uri || '', baseURL), qs),
	);
	const method = (rest.method ?? 'GET').toUpperCase();
	const body = NO_BODY.includes(method) ? undefined : bodyToSend(given);
	const request = { method, url, headers: withoutSignature(rest.headers), body };
	const authorized =
		credential.vendorName === 'azureBlob'
			? authorizeAzure(request, credential, new Date())
			: authorizeS3(request, credential, new Date());
	return {
		...rest,
		...authorized,
		...(body !== undefined && { body }),
		...NO_REDIRECTS,
	};
}

function authorizeS3(
	{ method, url, headers, body }: BareRequest,
	credential: StorageCredential,
	now: Date,
): Pick<BareRequest, 'url' | 'headers'> {
	const toSign = { method, url, headers: headersToSign(headers, body), body: bodyToSign(body) };
	return { url, headers: { ...headers, ...signHeaders(toSign, credential, now) } };
}

function withBase(url: string, baseURL: string | undefined): string {
	return baseURL && !/^[a-z][a-z\d+.-]*:/i.test(url)
		? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`
		: url;
}

function withQuery(url: string, qs: IHttpRequestOptions['qs']): string {
	const parameters = Object.entries(qs ?? {}).filter(([, value]) => value !== undefined);
	if (parameters.length === 0) return url;
	const query = canonicalQuery(parameters.map(([name, value]) => [name, String(value)]));
	return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

type Body = IHttpRequestOptions['body'];

/**
 * Text and plain objects go as bytes: n8n's HTTP client would trim or quote what it takes for JSON, and
 * the signature covers every byte. Streams and forms go as they came.
 */
function bodyToSend(body: Body): Body {
	if (body === null || body === '') return undefined;
	if (typeof body === 'string') return Buffer.from(body);
	const plain = Array.isArray(body) || Object.getPrototypeOf(body ?? '') === Object.prototype;
	if (!plain) return body;
	return Object.keys(body ?? {}).length === 0 ? undefined : Buffer.from(JSON.stringify(body));
}

function bodyToSign(body: Body): SignableRequest['body'] {
	if (body === undefined) return '';
	return Buffer.isBuffer(body) ? body : null;
}

function withoutSignature(headers: IHttpRequestOptions['headers']): Record<string, string> {
	const ours = [
		'authorization',
		'host',
		'x-amz-date',
		'x-amz-content-sha256',
		'x-amz-security-token',
		'x-ms-date',
		'x-ms-version',
	];
	return Object.fromEntries(
		Object.entries(headers ?? {})
			.filter(([name, value]) => value !== undefined && !ours.includes(name.toLowerCase()))
			.map(([name, value]) => [name, String(value)]),
	);
}

/** S3 wants its own headers signed, and the content type where there is content. */
function headersToSign(headers: Record<string, string>, body: Body): Record<string, string> {
	const signs = (name: string) =>
		name.startsWith('x-amz-') || (name === 'content-type' && body !== undefined);
	return Object.fromEntries(Object.entries(headers).filter(([name]) => signs(name.toLowerCase())));
}
