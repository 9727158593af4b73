import { hasDigest } from '../digests.ts';
import type { Quirk, Surroundings } from '../quirk.ts';
import type { RequestKind, S3Request } from '../request.ts';
import { accessDenied, noSuchKey, notAuthorized, s3Error, S3Error, USER } from '../s3Error.ts';
import { unknownAccessKey, wrongRegion as wrongSigningRegion } from '../signature.ts';

/** Which objects a quirk is about. */
export type Keys = readonly string[] | ((key: string) => boolean);

function includes(keys: Keys, key: string): boolean {
	return typeof keys === 'function' ? keys(key) : keys.includes(key);
}

const isRead = ({ kind }: S3Request) => kind === 'GET' || kind === 'HEAD';

/**
 * Objects in an archive: listed with their storage class, HEAD works, GET is refused with InvalidObjectState
 * (Amazon S3 API reference, GetObject; the message as in getmoto/moto pull request 4523, validated against AWS).
 */
export function archived(keys: Keys, storageClass: 'GLACIER' | 'DEEP_ARCHIVE' = 'GLACIER'): Quirk {
	return {
		name: 'archived',
		storageClassOf: (key) => (includes(keys, key) ? storageClass : undefined),
	};
}

/**
 * Objects in an archive of Intelligent-Tiering: the listing does not tell (Amazon S3 User Guide, Managing S3
 * Intelligent-Tiering: Archive Access; botocore: `InvalidObjectState.AccessTier`).
 */
export function archivedByTiering(keys: Keys): Quirk {
	return {
		name: 'archivedByTiering',
		storageClassOf: (key) => (includes(keys, key) ? 'INTELLIGENT_TIERING' : undefined),
		refuse({ kind, key }, { objects }) {
			if (kind !== 'GET' || !includes(keys, key) || !objects.get(key)) return;
			throw s3Error(
				403,
				'InvalidObjectState',
				"The operation is not valid for the object's access tier",
				{ StorageClass: 'INTELLIGENT_TIERING', AccessTier: 'ARCHIVE_ACCESS' },
			);
		},
	};
}

/** Objects that this key may list but not read. */
export function unreadable(keys: Keys): Quirk {
	return {
		name: 'unreadable',
		refuse(request, { bucket }) {
			if (!isRead(request) || !includes(keys, request.key)) return;
			throw notAuthorized('s3:GetObject', `${bucket}/${request.key}`);
		},
	};
}

/** Objects that are listed and gone when they are read. */
export function vanishes(keys: Keys): Quirk {
	return {
		name: 'vanishes',
		refuse(request) {
			if (isRead(request) && includes(keys, request.key)) throw noSuchKey(request.key);
		},
	};
}

/**
 * A bucket with Object Lock and a default retention: each PUT needs a digest; `x-amz-content-sha256` is none
 * (Amazon S3 API reference, PutObject; the wording as in versity/versitygw issue 1535, s3tools/s3cmd issue 1436).
 */
export const objectLock: Quirk = {
	name: 'objectLock',
	refuse({ kind, headers }) {
		if (kind !== 'PUT' || hasDigest(headers)) return;
		throw s3Error(
			400,
			'InvalidRequest',
			'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
		);
	},
};

/**
 * A missing object is 403 to those who may not list the bucket (Amazon S3 API reference, GetObject:
 * Permissions).
 */
function hideMissing(request: S3Request, { bucket, objects }: Surroundings): void {
	if (isRead(request) && !objects.get(request.key)) throw notAuthorized('s3:ListBucket', bucket);
}

/** A key without s3:ListBucket: it cannot list, and a missing object is 403. */
export const noListBucket: Quirk = {
	name: 'noListBucket',
	refuse(request, surroundings) {
		if (request.kind === 'LIST' || request.kind === 'HEAD_BUCKET') {
			throw notAuthorized('s3:ListBucket', surroundings.bucket);
		}
		hideMissing(request, surroundings);
	},
};

/** A key that may list and read, but write nothing. */
export const readOnly: Quirk = {
	name: 'readOnly',
	refuse({ kind, key }, { bucket }) {
		if (kind === 'PUT') throw notAuthorized('s3:PutObject', `${bucket}/${key}`);
		if (kind === 'DELETE') throw notAuthorized('s3:DeleteObject', `${bucket}/${key}`);
	},
};

/**
 * A key whose policy allows s3:ListBucket under the condition that `s3:prefix` is like the pattern, and objects
 * with such keys only (Amazon S3 User Guide, Identity-based policy examples: a folder for each user).
 *
 * In StringLike `*` is any text, also none, and `?` one character: `class/*` allows the prefixes `class/` and
 * `class/x`, neither `class` nor an empty or absent one. ListBucket is not granted to a GET, which has no prefix,
 * so a missing object is 403.
 */
export function prefixPolicy(pattern = 'class/*'): Quirk {
	const expression = pattern
		.replace(/[.+^${}()|[\]\\]/g, '\\$&')
		.replaceAll('*', '.*')
		.replaceAll('?', '.');
	const like = new RegExp(`^${expression}$`, 's');
	const actions: Partial<Record<RequestKind, string>> = {
		GET: 's3:GetObject',
		HEAD: 's3:GetObject',
		PUT: 's3:PutObject',
		DELETE: 's3:DeleteObject',
	};
	return {
		name: `prefixPolicy ${pattern}`,
		refuse(request, surroundings) {
			const { kind, key, query } = request;
			const { bucket } = surroundings;
			const action = actions[kind];
			if (action === undefined) {
				if (kind === 'LIST' && query.prefix !== undefined && like.test(query.prefix)) return;
				throw notAuthorized('s3:ListBucket', bucket);
			}
			if (!like.test(key)) throw notAuthorized(action, `${bucket}/${key}`);
			hideMissing(request, surroundings);
		},
	};
}

/** Where the bucket is when the credential says something else. */
export const OTHER_REGION = 'eu-central-1';
/** What the answers of `wrongRegion` name. */
export const OTHER_ENDPOINTS = {
	redirect: `s3-${OTHER_REGION}.amazonaws.com`,
	alibaba: 'oss-cn-beijing.aliyuncs.com',
};
const WRONG_ENDPOINT =
	'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.';

/**
 * A bucket in another region.
 *
 * - `malformedHeader`: AWS and OpenStack Swift, for a signature of another region (s3fs-fuse issue 1186).
 * - `redirect`: AWS, at the endpoint of another region; there is no Location (JuliaCloud/AWSS3.jl issue 25).
 * - `alibaba`: AccessDenied, and the right endpoint beside it (Alibaba Cloud OSS, HTTP status code 403).
 * - `supabase`: AccessDenied "Invalid Region" where the region is enforced (supabase/storage:
 *   `SignatureV4.validateCredentials`).
 */
export function wrongRegion(
	answer: 'malformedHeader' | 'redirect' | 'alibaba' | 'supabase',
): Quirk {
	return {
		name: `wrongRegion ${answer}`,
		receive({ bucket, key }, { claim }) {
			switch (answer) {
				case 'malformedHeader':
					if (claim === null) throw accessDenied();
					throw wrongSigningRegion(claim, OTHER_REGION);
				case 'redirect':
					throw s3Error(
						301,
						'PermanentRedirect',
						WRONG_ENDPOINT,
						{ Endpoint: `${bucket}.${OTHER_ENDPOINTS.redirect}`, Bucket: bucket },
						{ 'x-amz-bucket-region': OTHER_REGION },
					);
				case 'alibaba':
					throw s3Error(403, 'AccessDenied', WRONG_ENDPOINT, {
						RequestId: '6560A1B2C3D4E5F60718293A',
						HostId: `${bucket}.oss-cn-hangzhou.aliyuncs.com`,
						Bucket: bucket,
						Endpoint: OTHER_ENDPOINTS.alibaba,
					});
				case 'supabase':
					throw supabaseError(403, 'AccessDenied', 'Invalid Region', bucket, key);
			}
		},
	};
}

/** Supabase names the resource first (supabase/storage: `formatS3ErrorResponse`). */
function supabaseError(
	status: number,
	Code: string,
	Message: string,
	bucket: string,
	key: string,
): S3Error {
	return new S3Error(status, { Resource: [bucket, key].filter(Boolean).join('/'), Code, Message });
}

/**
 * A proxy in front of the server that sends another Host than it was asked for: right keys, and no signature
 * matches (Supabase behind a proxy: singh-inder/supabase-automated-self-host issue 68).
 */
export const proxyChangesHost: Quirk = {
	name: 'proxyChangesHost',
	receive: (request) => ({
		...request,
		headers: { ...request.headers, host: 'storage.internal:9000' },
	}),
};

/**
 * Objects under a KMS key that the user may not use: AWS names the KMS action (the text as in
 * ministryofjustice/modernisation-platform pull request 11726), Alibaba says "forbidden by kms" (Alibaba Cloud
 * OSS, HTTP status code 403).
 */
export function kms(vendor: 'aws' | 'alibaba' = 'aws'): Quirk {
	return {
		name: `kms ${vendor}`,
		refuse({ kind }) {
			if (kind !== 'GET' && kind !== 'PUT') return;
			const action = kind === 'GET' ? 'kms:Decrypt' : 'kms:GenerateDataKey';
			throw accessDenied(
				vendor === 'alibaba'
					? 'This request is forbidden by kms'
					: `User: ${USER} is not authorized to perform: ${action} on resource: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the ${action} action`,
			);
		},
	};
}

/**
 * A bucket whose requesters pay: AWS denies without a reason (Amazon S3 User Guide, Using Requester Pays
 * buckets; apache/hadoop: `troubleshooting_s3a.md`), Huawei with a code of its own (Huawei Cloud OBS,
 * RequestPayerDenied).
 */
export function requesterPays(vendor: 'aws' | 'huawei' = 'aws'): Quirk {
	return {
		name: `requesterPays ${vendor}`,
		refuse({ headers, query }) {
			const name = 'x-amz-request-payer';
			if ((headers[name] ?? query[name]) === 'requester') return;
			if (vendor === 'aws') throw accessDenied();
			throw s3Error(403, 'RequestPayerDenied', 'The bucket is a requester pay bucket.');
		},
	};
}

const CAPS: Partial<Record<RequestKind, string>> = {
	GET: 'Cannot download file, download bandwidth or transaction (Class B) cap exceeded. See the Caps & Alerts page to increase your cap.',
	PUT: 'Cannot upload files, storage cap exceeded. See the Caps & Alerts page to increase your cap.',
};
const TRANSACTION_CAP =
	'Transaction cap exceeded. See the Caps & Alerts page to increase your cap.';

/**
 * A spending limit that is used up (Backblaze B2: caps; the text of downloads as in alangrainger/share-note issue
 * 63, which is of the native API: status 403; the code in the S3 API is inferred).
 */
export const spendingCap: Quirk = {
	name: 'spendingCap',
	refuse({ kind }) {
		throw accessDenied(CAPS[kind] ?? TRANSACTION_CAP);
	},
};

/**
 * An access key that the server does not know.
 *
 * - `aws`, and hosted Supabase with other words (supabase/storage: `MissingS3Credentials`).
 * - `supabase`: AccessDenied, when self-hosted (supabase/storage: `SignatureV4.validateCredentials`).
 * - `storj`: another spelling of the code (storj/gateway-st: `api/apierr/errors.yaml`).
 */
export function unknownKey(vendor: 'aws' | 'supabase' | 'storj' = 'aws'): Quirk {
	return {
		name: `unknownKey ${vendor}`,
		receive({ bucket, key }, { claim }) {
			switch (vendor) {
				case 'aws':
					throw unknownAccessKey(claim?.accessKey ?? '');
				case 'supabase':
					throw supabaseError(403, 'AccessDenied', 'Invalid Access Key', bucket, key);
				case 'storj':
					throw s3Error(
						403,
						'InvalidAccessKeyID',
						'The access key ID that you provided does not exist in our records.',
					);
			}
		},
	};
}

/** Cloudflare R2 counts the access key first (grafana/loki issue 9224 and many others). */
export const r2KeyLength: Quirk = {
	name: 'r2KeyLength',
	receive(_request, { claim }) {
		const length = claim?.accessKey.length ?? 0;
		if (length === 32) return;
		throw s3Error(
			400,
			'InvalidArgument',
			`Invalid Argument: Credential access key has length ${length}, should be 32`,
		);
	},
};

/**
 * MinIO's session tokens: lasting keys must come without one, temporary keys with the right one (minio/minio:
 * `checkClaimsFromToken`, `ErrInvalidToken`).
 *
 * @param expected the token of the keys, '' for lasting ones
 */
export function invalidTokenId(expected = ''): Quirk {
	return {
		name: 'invalidTokenId',
		receive(_request, { claim }) {
			if (claim === null || claim.sessionToken === expected) return;
			throw s3Error(403, 'InvalidTokenId', 'The security token included in the request is invalid');
		},
	};
}

/** Temporary keys that have ended. AWS repeats the token (Amazon S3 API reference, Error responses). */
export const expiredToken: Quirk = {
	name: 'expiredToken',
	receive(_request, { claim }) {
		throw s3Error(400, 'ExpiredToken', 'The provided token has expired.', {
			'Token-0': claim?.sessionToken ?? '',
		});
	},
};

/** A clock that is off from the machine's; 15 minutes are tolerated. */
export function skewedClock(minutes: number): Quirk {
	return { name: `skewedClock ${minutes}`, clockOffset: minutes * 60_000 };
}

/** Too many requests, so many times, then all is well. */
export function slowDown(times: number, kinds?: readonly RequestKind[]): Quirk {
	let left = times;
	return {
		name: `slowDown ${times}`,
		refuse({ kind }) {
			if (left === 0 || (kinds && !kinds.includes(kind))) return;
			left--;
			throw s3Error(503, 'SlowDown', 'Please reduce your request rate.');
		},
	};
}

/** A server that is far away: each answer takes so long. */
export function latency(milliseconds: number): Quirk {
	return { name: `latency ${milliseconds}`, delay: milliseconds };
}
