import { createHash } from 'node:crypto';
import aws4 from 'aws4';
import type { S3Request } from './request.ts';
import { accessDenied, s3Error } from './s3Error.ts';

export interface KeyPair {
	accessKey: string;
	secretKey: string;
}

/** The signature of a request and what it was made with, as the request states it. */
export interface RequestSignature {
	accessKey: string;
	/** `20261123` */
	day: string;
	region: string;
	signedHeaders: string[];
	signature: string;
	/** `20261123T101530Z` */
	time: string;
	/** How long a presigned URL is valid, in seconds; null for a signed header. */
	expires: number | null;
	/** Of temporary credentials, '' for none. */
	sessionToken: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_SKEW_MS = 900_000;
const MAX_SECONDS = 604_800;

/**
 * @returns null for an unsigned request
 * @throws S3Error for a malformed signature
 */
export function readSignature({ headers, query }: S3Request): RequestSignature | null {
	if (headers.authorization !== undefined) return readHeader(headers.authorization, headers);
	if (query['X-Amz-Algorithm'] === undefined) return null;
	const expires = Number(query['X-Amz-Expires']);
	if (query['X-Amz-Algorithm'] !== ALGORITHM || !(expires >= 1 && expires <= MAX_SECONDS)) {
		throw s3Error(
			400,
			'AuthorizationQueryParametersError',
			'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"; X-Amz-Expires must be between 1 and 604800 seconds',
		);
	}
	return {
		...readScope(query['X-Amz-Credential'] ?? ''),
		signedHeaders: (query['X-Amz-SignedHeaders'] ?? '').split(';'),
		signature: query['X-Amz-Signature'] ?? '',
		time: query['X-Amz-Date'] ?? '',
		expires,
		sessionToken: query['X-Amz-Security-Token'] ?? '',
	};
}

function readHeader(authorization: string, headers: Record<string, string>): RequestSignature {
	const [, credential, signedHeaders, signature] =
		/^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([\da-f]{64})$/.exec(
			authorization,
		) ?? [];
	if (credential === undefined) {
		throw s3Error(
			400,
			'AuthorizationHeaderMalformed',
			'The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.',
		);
	}
	return {
		...readScope(credential),
		signedHeaders: signedHeaders!.split(';'),
		signature: signature!,
		time: headers['x-amz-date'] ?? '',
		expires: null,
		sessionToken: headers['x-amz-security-token'] ?? '',
	};
}

function readScope(credential: string): Pick<RequestSignature, 'accessKey' | 'day' | 'region'> {
	const [, accessKey, day, region] =
		/^(.+)\/(\d{8})\/([^/]+)\/s3\/aws4_request$/.exec(credential) ?? [];
	if (accessKey === undefined) {
		throw s3Error(
			400,
			'AuthorizationHeaderMalformed',
			'The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
		);
	}
	return { accessKey, day: day!, region: region! };
}

/**
 * Checks a Signature Version 4 as Amazon S3 does: key, region, clock, signature, payload (Amazon S3 API
 * reference, Authenticating Requests). aws4 computes the expected signature.
 *
 * @param now the server's clock, Unix milliseconds
 * @throws S3Error for the first mismatch
 */
export function checkSignature(
	request: S3Request,
	signature: RequestSignature,
	keys: KeyPair,
	region: string,
	now: number,
): void {
	if (signature.accessKey !== keys.accessKey) throw unknownAccessKey(signature.accessKey);
	if (signature.region !== region) throw wrongRegion(signature, region);
	checkTime(signature, now);
	const expected = signerOf(request, signature, keys);
	// Only after this call does aws4 use the time of the request instead of the machine's.
	const canonicalRequest = expected.canonicalString();
	if (expected.signature() !== signature.signature) {
		const stringToSign = expected.stringToSign();
		throw s3Error(
			403,
			'SignatureDoesNotMatch',
			'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
			{
				AWSAccessKeyId: signature.accessKey,
				StringToSign: stringToSign,
				SignatureProvided: signature.signature,
				StringToSignBytes: bytesOf(stringToSign),
				CanonicalRequest: canonicalRequest,
				CanonicalRequestBytes: bytesOf(canonicalRequest),
			},
		);
	}
	if (signature.expires === null) checkPayload(request);
}

export function unknownAccessKey(accessKey: string) {
	return s3Error(
		403,
		'InvalidAccessKeyId',
		'The AWS Access Key Id you provided does not exist in our records.',
		{ AWSAccessKeyId: accessKey },
	);
}

export function wrongRegion({ region, expires }: RequestSignature, expected: string) {
	const [code, where] =
		expires === null
			? ['AuthorizationHeaderMalformed', 'The authorization header is malformed']
			: ['AuthorizationQueryParametersError', 'Error parsing the X-Amz-Credential parameter'];
	return s3Error(400, code!, `${where}; the region '${region}' is wrong; expecting '${expected}'`, {
		Region: expected,
	});
}

function checkTime({ time, day, expires }: RequestSignature, now: number): void {
	const signedAt = readTime(time);
	if (Number.isNaN(signedAt) || !time.startsWith(day)) {
		throw accessDenied(
			'AWS authentication requires a valid Date or x-amz-date header, of the day of the credential scope',
		);
	}
	const serverTime = new Date(now).toISOString().replace(/\.\d{3}/, '');
	const isOff =
		expires === null ? Math.abs(now - signedAt) > MAX_SKEW_MS : signedAt - now > MAX_SKEW_MS;
	if (isOff) {
		throw s3Error(
			403,
			'RequestTimeTooSkewed',
			'The difference between the request time and the current time is too large.',
			{
				RequestTime: time,
				ServerTime: serverTime,
				MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
			},
		);
	}
	if (expires !== null && now > signedAt + expires * 1000) {
		throw s3Error(403, 'AccessDenied', 'Request has expired', {
			'X-Amz-Expires': String(expires),
			Expires: new Date(signedAt + expires * 1000).toISOString().replace(/\.\d{3}/, ''),
			ServerTime: serverTime,
		});
	}
}

function readTime(time: string): number {
	const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time)?.slice(1).map(Number);
	if (!parts) return NaN;
	const [year, month, day, hour, minute, second] = parts as [
		number,
		number,
		number,
		number,
		number,
		number,
	];
	return Date.UTC(year, month - 1, day, hour, minute, second);
}

function signerOf(
	request: S3Request,
	signature: RequestSignature,
	{ accessKey, secretKey }: KeyPair,
) {
	const [path, query] = request.url.split('?');
	const signedQuery = query?.split('&').filter((part) => !part.startsWith('X-Amz-Signature='));
	const headers = signature.signedHeaders.map((name) => [name, request.headers[name] ?? '']);
	return new aws4.RequestSigner(
		{
			host: request.headers.host ?? '',
			method: request.method,
			path: signedQuery ? `${path}?${signedQuery.join('&')}` : path!,
			service: 's3',
			region: signature.region,
			signQuery: signature.expires !== null,
			headers: Object.fromEntries(headers) as Record<string, string>,
			extraHeadersToInclude: Object.fromEntries(
				signature.signedHeaders.map((name) => [name, true]),
			),
		},
		{ accessKeyId: accessKey, secretAccessKey: secretKey },
	);
}

const bytesOf = (text: string) =>
	Buffer.from(text)
		.toString('hex')
		.replace(/..(?=.)/g, '$& ');

const UNSIGNED = 'UNSIGNED-PAYLOAD';

function checkPayload({ headers, body }: S3Request): void {
	const declared = headers['x-amz-content-sha256'];
	if (declared === undefined) {
		throw s3Error(
			400,
			'InvalidRequest',
			'Missing required header for this request: x-amz-content-sha256',
		);
	}
	const computed = createHash('sha256').update(body).digest('hex');
	if (declared === UNSIGNED || declared === computed) return;
	throw s3Error(
		400,
		'XAmzContentSHA256Mismatch',
		"The provided 'x-amz-content-sha256' header does not match what was computed.",
		{ ClientComputedContentSHA256: declared, S3ComputedContentSHA256: computed },
	);
}
