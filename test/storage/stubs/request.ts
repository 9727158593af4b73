export type RequestKind =
	'LIST' | 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'HEAD_BUCKET' | 'GET_LOCATION' | 'OTHER';

/** A parsed request. */
export interface S3Request {
	method: string;
	kind: RequestKind;
	bucket: string;
	/** '' for a request to the bucket itself. */
	key: string;
	/** Decoded. */
	query: Record<string, string>;
	/** Names in lower case. */
	headers: Record<string, string>;
	body: Buffer;
	/** The path and query as received. */
	url: string;
}

/** A request in the server's log. */
export interface LoggedRequest extends Omit<S3Request, 'body' | 'url' | 'bucket'> {
	/** Of the response; 0 before it is sent. */
	status: number;
}

/** Subresources of a bucket or object that this server does not implement. */
const SUBRESOURCES = ['acl', 'cors', 'lifecycle', 'policy', 'tagging', 'uploads', 'versioning'];

/** @throws URIError for a malformed percent-encoding in the path */
export function readRequest(
	method: string,
	url: string,
	headers: Record<string, string>,
	body: Buffer,
): S3Request {
	const [path = '', search = ''] = splitOnce(url, '?');
	const [encodedBucket = '', encodedKey = ''] = splitOnce(path.slice(1), '/');
	const query = Object.fromEntries(new URLSearchParams(search));
	const bucket = decodeURIComponent(encodedBucket);
	const key = decodeURIComponent(encodedKey);
	return { method, kind: kindOf(method, key, query), bucket, key, query, headers, body, url };
}

function kindOf(method: string, key: string, query: Record<string, string>): RequestKind {
	if (SUBRESOURCES.some((name) => name in query)) return 'OTHER';
	if (key === '') {
		if (method === 'GET') return 'location' in query ? 'GET_LOCATION' : 'LIST';
		return method === 'HEAD' ? 'HEAD_BUCKET' : 'OTHER';
	}
	return method === 'GET' || method === 'HEAD' || method === 'PUT' || method === 'DELETE'
		? method
		: 'OTHER';
}

function splitOnce(text: string, separator: string): [string, string] {
	const index = text.indexOf(separator);
	return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + separator.length)];
}
