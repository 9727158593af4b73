import { createHash } from 'node:crypto';
import aws4 from 'aws4';
import type { S3Request } from './request.ts';
import { accessDenied, s3Error } from './s3Error.ts';

export interface KeyPair {
	accessKey: string;
	secretKey: string;
}

/** What a request says about its own signature. */
export interface Claim {
	accessKey: string;
	/** `20261123` */
	day: string;
	region: string;
	signedHeaders: string[];
	signature: string;
	/** `20261123T101530Z` */
	time: string;
	/** Seconds that a presigned URL is valid; null for a signed header. */
	expires: number | null;
	/** What came with temporary keys, '' for none. */
	sessionToken: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_SKEW_MS = 900_000;
const MAX_SECONDS = 604_800;

/**
 * @returns null for a request that nobody signed
 * @throws S3Error for one that cannot be read
 */
export function readClaim({ headers, query }: S3Request): Claim | null {
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

function readHeader(authorization: string, headers: Record<string, string>): Claim {
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

function readScope(credential: string): Pick<Claim, 'accessKey' | 'day' | 'region'> {
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
 * reference, Authenticating Requests). The signature itself is computed by aws4.
 *
 * @param now the server's clock, Unix milliseconds
 * @throws S3Error for the first thing that is wrong
 */
export function checkClaim(
	request: S3Request,
	claim: Claim,
	keys: KeyPair,
	region: string,
	now: number,
): void {
	if (claim.accessKey !== keys.accessKey) throw unknownAccessKey(claim.accessKey);
	if (claim.region !== region) throw wrongRegion(claim, region);
	checkTime(claim, now);
	const expected = signerOf(request, claim, keys);
	// Computed first: only then aws4 uses the time of the request, not that of the machine.
	const canonicalRequest = expected.canonicalString();
	if (expected.signature() !== claim.signature) {
		const stringToSign = expected.stringToSign();
		throw s3Error(
			403,
			'SignatureDoesNotMatch',
			'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
			{
				AWSAccessKeyId: claim.accessKey,
				StringToSign: stringToSign,
				SignatureProvided: claim.signature,
				StringToSignBytes: bytesOf(stringToSign),
				CanonicalRequest: canonicalRequest,
				CanonicalRequestBytes: bytesOf(canonicalRequest),
			},
		);
	}
	if (claim.expires === null) checkPayload(request);
}

export function unknownAccessKey(accessKey: string) {
	return s3Error(
		403,
		'InvalidAccessKeyId',
		'The AWS Access Key Id you provided does not exist in our records.',
		{ AWSAccessKeyId: accessKey },
	);
}

export function wrongRegion({ region, expires }: Claim, expected: string) {
	const [code, where] =
		expires === null
			? ['AuthorizationHeaderMalformed', 'The authorization header is malformed']
			: ['AuthorizationQueryParametersError', 'Error parsing the X-Amz-Credential parameter'];
	return s3Error(400, code!, `${where}; the region '${region}' is wrong; expecting '${expected}'`, {
		Region: expected,
	});
}

function checkTime({ time, day, expires }: Claim, now: number): void {
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

function signerOf(request: S3Request, claim: Claim, { accessKey, secretKey }: KeyPair) {
	const [path, query] = request.url.split('?');
	const signedQuery = query?.split('&').filter((part) => !part.startsWith('X-Amz-Signature='));
	const headers = claim.signedHeaders.map((name) => [name, request.headers[name] ?? '']);
	return new aws4.RequestSigner(
		{
			host: request.headers.host ?? '',
			method: request.method,
			path: signedQuery ? `${path}?${signedQuery.join('&')}` : path!,
			service: 's3',
			region: claim.region,
			signQuery: claim.expires !== null,
			headers: Object.fromEntries(headers) as Record<string, string>,
			extraHeadersToInclude: Object.fromEntries(claim.signedHeaders.map((name) => [name, true])),
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
