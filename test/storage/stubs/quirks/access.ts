import { hasDigest } from '../digests.ts';
import type { Quirk, QuirkContext } from '../quirk.ts';
import type { RequestKind, S3Request } from '../request.ts';
import { accessDenied, noSuchKey, notAuthorized, s3Error, S3Error, USER } from '../s3Error.ts';
import { unknownAccessKey, wrongRegion as wrongSigningRegion } from '../signature.ts';

/** The objects that a quirk affects. */
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
		storageClassOf: (key) => (includes(keys, key) ? storageClass : undefined),
	};
}

/** Objects that the credentials may list but not read. */
export function unreadable(keys: Keys): Quirk {
	return {
		refuse(request, { bucket }) {
			if (!isRead(request) || !includes(keys, request.key)) return;
			throw notAuthorized('s3:GetObject', `${bucket}/${request.key}`);
		},
	};
}

/** Objects that are listed but missing when they are read. */
export function vanishes(keys: Keys): Quirk {
	return {
		refuse(request) {
			if (isRead(request) && includes(keys, request.key)) throw noSuchKey(request.key);
		},
	};
}

/**
 * A bucket with Object Lock and a default retention: each PUT needs a digest, and `x-amz-content-sha256` does not
 * count (Amazon S3 API reference, PutObject; message from versity/versitygw issue 1535, s3tools/s3cmd issue 1436).
 */
export const objectLock: Quirk = {
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
 * A missing object is 403 for credentials that may not list the bucket (Amazon S3 API reference, GetObject:
 * Permissions).
 */
function hideMissing(request: S3Request, { bucket, objects }: QuirkContext): void {
	if (isRead(request) && !objects.get(request.key)) throw notAuthorized('s3:ListBucket', bucket);
}

/**
 * Credentials whose policy allows s3:ListBucket where `s3:prefix` matches the pattern, and objects whose keys match
 * (Amazon S3 User Guide, Identity-based policy examples: a folder for each user).
 *
 * In StringLike, `*` is any string, including an empty one, and `?` one character: `class/*` allows the prefixes
 * `class/` and `class/x`, but not `class`, an empty prefix or none. ListBucket is not granted to a GET, which has no
 * prefix, so a missing object is 403.
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
		refuse(request, context) {
			const { kind, key, query } = request;
			const { bucket } = context;
			const action = actions[kind];
			if (action === undefined) {
				if (kind === 'LIST' && query.prefix !== undefined && like.test(query.prefix)) return;
				throw notAuthorized('s3:ListBucket', bucket);
			}
			if (!like.test(key)) throw notAuthorized(action, `${bucket}/${key}`);
			hideMissing(request, context);
		},
	};
}

/** The bucket's actual region, where the credential has another. */
const OTHER_REGION = 'eu-central-1';
const WRONG_ENDPOINT =
	'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.';

/**
 * A bucket in another region.
 *
 * - `malformedHeader`: AWS and OpenStack Swift, for a signature of another region (s3fs-fuse issue 1186).
 * - `redirect`: AWS, at the endpoint of another region, without a Location (JuliaCloud/AWSS3.jl issue 25).
 * - `alibaba`: AccessDenied with the right endpoint (Alibaba Cloud OSS, HTTP status code 403).
 * - `supabase`: AccessDenied "Invalid Region" where the region is enforced (supabase/storage:
 *   `SignatureV4.validateCredentials`).
 */
export function wrongRegion(
	response: 'malformedHeader' | 'redirect' | 'alibaba' | 'supabase',
): Quirk {
	return {
		receive({ bucket, key }, { signature }) {
			switch (response) {
				case 'malformedHeader':
					if (signature === null) throw accessDenied();
					throw wrongSigningRegion(signature, OTHER_REGION);
				case 'redirect':
					throw s3Error(
						301,
						'PermanentRedirect',
						WRONG_ENDPOINT,
						{ Endpoint: `${bucket}.s3-${OTHER_REGION}.amazonaws.com`, Bucket: bucket },
						{ 'x-amz-bucket-region': OTHER_REGION },
					);
				case 'alibaba':
					throw s3Error(403, 'AccessDenied', WRONG_ENDPOINT, {
						RequestId: '6560A1B2C3D4E5F60718293A',
						HostId: `${bucket}.oss-cn-hangzhou.aliyuncs.com`,
						Bucket: bucket,
						Endpoint: 'oss-cn-beijing.aliyuncs.com',
					});
				case 'supabase':
					throw supabaseDenied('Invalid Region', bucket, key);
			}
		},
	};
}

/** Supabase writes the resource first (supabase/storage: `formatS3ErrorResponse`). */
function supabaseDenied(Message: string, bucket: string, key: string): S3Error {
	const Resource = [bucket, key].filter(Boolean).join('/');
	return new S3Error(403, { Resource, Code: 'AccessDenied', Message });
}

/**
 * A reverse proxy that changes the Host header: no signature matches, although the credentials are right (Supabase
 * behind a proxy: singh-inder/supabase-automated-self-host issue 68).
 */
export const proxyChangesHost: Quirk = {
	receive: (request) => ({
		...request,
		headers: { ...request.headers, host: 'storage.internal:9000' },
	}),
};

/**
 * Objects that are encrypted with a KMS key that the user may not use (message from
 * ministryofjustice/modernisation-platform pull request 11726).
 */
export const kms: Quirk = {
	refuse({ kind }) {
		if (kind !== 'GET' && kind !== 'PUT') return;
		const action = kind === 'GET' ? 'kms:Decrypt' : 'kms:GenerateDataKey';
		throw accessDenied(
			`User: ${USER} is not authorized to perform: ${action} on resource: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the ${action} action`,
		);
	},
};

const CAPS: Partial<Record<RequestKind, string>> = {
	GET: 'Cannot download file, download bandwidth or transaction (Class B) cap exceeded. See the Caps & Alerts page to increase your cap.',
	PUT: 'Cannot upload files, storage cap exceeded. See the Caps & Alerts page to increase your cap.',
};
const TRANSACTION_CAP =
	'Transaction cap exceeded. See the Caps & Alerts page to increase your cap.';

/**
 * A spending cap that is exceeded (Backblaze B2: caps; the message and status 403 of downloads from
 * alangrainger/share-note issue 63, which is about the native API; the code in the S3 API is inferred).
 */
export const spendingCap: Quirk = {
	refuse({ kind }) {
		throw accessDenied(CAPS[kind] ?? TRANSACTION_CAP);
	},
};

/**
 * An unknown access key.
 *
 * - `aws`: also hosted Supabase, with another message (supabase/storage: `MissingS3Credentials`).
 * - `supabase`: AccessDenied, when self-hosted (supabase/storage: `SignatureV4.validateCredentials`).
 */
export function unknownKey(vendor: 'aws' | 'supabase' = 'aws'): Quirk {
	return {
		receive({ bucket, key }, { signature }) {
			switch (vendor) {
				case 'aws':
					throw unknownAccessKey(signature?.accessKey ?? '');
				case 'supabase':
					throw supabaseDenied('Invalid Access Key', bucket, key);
			}
		},
	};
}

/** Cloudflare R2 first checks the length of the access key (grafana/loki issue 9224 and many others). */
export const r2KeyLength: Quirk = {
	receive(_request, { signature }) {
		const length = signature?.accessKey.length ?? 0;
		if (length === 32) return;
		throw s3Error(
			400,
			'InvalidArgument',
			`Invalid Argument: Credential access key has length ${length}, should be 32`,
		);
	},
};

/**
 * MinIO with permanent credentials, which must come without a session token (minio/minio: `checkClaimsFromToken`,
 * `ErrInvalidToken`).
 */
export const invalidTokenId: Quirk = {
	receive(_request, { signature }) {
		if (signature === null || signature.sessionToken === '') return;
		throw s3Error(403, 'InvalidTokenId', 'The security token included in the request is invalid');
	},
};

/** Temporary credentials that have expired. AWS repeats the token (Amazon S3 API reference, Error responses). */
export const expiredToken: Quirk = {
	receive(_request, { signature }) {
		throw s3Error(400, 'ExpiredToken', 'The provided token has expired.', {
			'Token-0': signature?.sessionToken ?? '',
		});
	},
};

/** A clock that is ahead of the machine's, or behind for a negative number; 15 minutes are tolerated. */
export function skewedClock(minutes: number): Quirk {
	return { clockOffset: minutes * 60_000 };
}
