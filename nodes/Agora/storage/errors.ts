import { Fault } from '../http/errors';
import { type HttpResponse, retryAfterMs } from '../http/request';
import {
	ACCOUNT_BLOCKED,
	ARCHIVED,
	CHANGED_ON_THE_WAY,
	CHECKSUM_REQUIRED,
	CODE,
	CONSOLE_PORT,
	CREDENTIALS_EXPIRED,
	CUSTOMER_KEY,
	DENIED,
	EXPIRED,
	FULL,
	IN_CREDENTIAL,
	IN_HOST_ONLY,
	KMS,
	LOCKED,
	NOT_ENCRYPTED,
	NOT_SUPPORTED,
	NOT_THE_API,
	NO_BUCKET,
	NO_PERMISSION,
	OTHER_OWNER,
	REDIRECTED_FOR_NOW,
	REQUESTER_PAYS,
	SPENDING_CAP,
	TOO_MANY,
	UNAVAILABLE,
	UNKNOWN_KEY,
	UNSIGNED,
	WEB_PAGE,
	WRONG_CLOCK,
	WRONG_KEYS,
	WRONG_REGION,
	WRONG_SIGNATURE,
	WRONG_SIGNING_REGION,
	WRONG_TOKEN,
	apply,
	byReason,
	errorCode,
	errorTable,
	isSameOwner,
	isWebPage,
	namedHost,
	namedRegion,
	type ErrorTable,
	type ErrorText,
	type Rule,
	type StorageTarget,
} from './errorTexts';

/**
 * Codes of the S3 API. Amazon S3: error responses. Cloudflare R2: error codes. Cloud Storage: HTTP status and error
 * codes for XML. Alibaba OSS: HTTP status code 403. Tencent COS, Huawei OBS, Baidu BOS: error codes. Ceph RGW:
 * rgw_common. MinIO: api-errors. Supabase Storage: internal/errors/codes.
 */
const S3_ERRORS = errorTable([
	['PermanentRedirect Redirect IllegalLocationConstraintException', WRONG_REGION],
	['TemporaryRedirect', REDIRECTED_FOR_NOW],
	['AuthorizationHeaderMalformed InvalidRegionName InvalidRegion', WRONG_SIGNING_REGION],
	['AccessDenied AccessForbidden Forbidden AllAccessDenied AccessDeniedException', DENIED],
	['403', NO_PERMISSION],
	['404', NO_BUCKET],
	['405', NOT_SUPPORTED],
	['411', CHANGED_ON_THE_WAY],
	['SignatureDoesNotMatch InvalidSignature', WRONG_SIGNATURE],
	[
		'InvalidAccessKeyId InvalidAccessKey InvalidClientTokenId UnrecognizedClientException InvalidSecurity',
		UNKNOWN_KEY,
	],
	['Unauthorized InvalidCredentials CredentialsNotSupported', WRONG_KEYS],
	['MissingSecurityHeader MissingAuthenticationToken AuthenticationRequired', UNSIGNED],
	[
		'ExpiredToken ExpiredTokenException TokenExpired SecurityTokenExpired TokenRefreshRequired',
		CREDENTIALS_EXPIRED,
	],
	[
		'InvalidToken InvalidTokenId InvalidSecurityToken InvalidJWT AccessKeyIdAndSecurityTokenNotMatch',
		WRONG_TOKEN,
	],
	['RequestTimeTooSkewed RequestNotValidYet RequestNotYetValid', WRONG_CLOCK],
	['RequestExpired ExpiredRequest RequestIsExpired', EXPIRED],
	['NoSuchBucket BucketNotFound', NO_BUCKET],
	[
		'InvalidBucketName',
		{
			message: 'The %s has a name that the storage does not allow',
			description: `Enter the name of the bucket alone as Bucket ${IN_CREDENTIAL}, without URL or folder. Tencent Cloud: with the account's number at its end.`,
			cause: 'configuration-invalid',
		},
	],
	[
		'TenantNotFound',
		{
			message: 'The project of the %s does not exist',
			description: `Check the project's ID in Endpoint ${IN_CREDENTIAL}. A paused Supabase project must be restored first.`,
			cause: 'configuration-invalid',
		},
	],
	[
		'FeatureNotEnabled',
		{
			message: 'The S3 API of the %s is turned off',
			description: 'Turn on S3 access in the storage settings of the project.',
			cause: 'configuration-invalid',
		},
	],
	['PathStyleDomainForbidden SecondLevelDomainForbidden VirtualHostDomainRequired', IN_HOST_ONLY],
	['InvalidObjectState ObjectNotInActiveTierError', ARCHIVED],
	['ObjectLocked FileImmutable', LOCKED],
	['MissingContentMD5', CHECKSUM_REQUIRED],
	['KMS.DisabledException KMS.NotFoundException KMS.KMSInvalidStateException', KMS],
	[
		'CloudKmsBadKey CloudKmsDisabledKey CloudKmsDecryptionKeyNotFound CloudKmsEncryptionKeyNotFound CloudKmsPermissionDenied',
		KMS,
	],
	['UserProjectMissing', REQUESTER_PAYS],
	['download_cap_exceeded storage_cap_exceeded', SPENDING_CAP],
	['QuotaExceeded InsufficientStorageSpace InsufficientStorage InsufficientCapacity', FULL],
	['XMinioStorageFull XMinioStorageBackendFull XMinioAdminBucketQuotaExceeded', FULL],
	[
		'AccountProblem UserProjectAccountProblem NotSignedUp NotEntitled InvalidPayer',
		ACCOUNT_BLOCKED,
	],
	[
		'UserDisable UserSuspended InDebt InDebtOverdue BucketDisable AbnormalBucketOwnerStatus',
		ACCOUNT_BLOCKED,
	],
	['InArrearOrInsufficientBalance DeregisterUserId FrozenUserId', ACCOUNT_BLOCKED],
	[
		'AllAccessDisabled',
		{
			message: 'All access to the %s has been disabled',
			description: `Check Bucket ${IN_CREDENTIAL}: the name may be someone else's. If it is yours, ask the storage vendor's support.`,
			cause: 'configuration-invalid',
		},
	],
	['BucketNotBelongTo', OTHER_OWNER],
	[
		'InvalidArgument InvalidRequest',
		byReason(
			[
				[/made to API port/i, CONSOLE_PORT],
				[
					/access key has length \d/i,
					{
						message: 'The access key for the %s has the wrong length',
						description: `Cloudflare R2: enter the Access Key ID of 32 characters and the Secret Access Key of the R2 API token ${IN_CREDENTIAL}, not the token itself.`,
						cause: 'credential-invalid',
					},
				],
				[/content-md5|x-amz-checksum/i, CHECKSUM_REQUIRED],
				[/WORM protected|object lock/i, LOCKED],
				[/server side encryption|customer.?(?:provided )?key/i, CUSTOMER_KEY],
				[/X-Forwarded/i, CHANGED_ON_THE_WAY],
			],
			unknownError,
		),
	],
	[
		'BadDigest XAmzContentSHA256Mismatch IncompleteBody MissingContentLength LengthRequired',
		CHANGED_ON_THE_WAY,
	],
	['MethodNotAllowed NotImplemented NoSuchWebsiteConfiguration', NOT_SUPPORTED],
	['SlowDown TooManyRequests RequestLimitExceeded Throttling ThrottlingException', TOO_MANY],
	['BandwidthLimitExceeded QpsLimitExceeded DownloadTrafficRateLimitExceeded', TOO_MANY],
	['RequestTimeout ServiceUnavailable InternalError ResourceLocked OperationAborted', UNAVAILABLE],
	[
		'XMinioServerNotInitialized SlowDownRead SlowDownWrite',
		{
			message: 'The MinIO server of the %s is not ready',
			description:
				'It is starting, or too many of its drives are offline. Try again in a minute, then check the server.',
			cause: 'temporarily-unavailable',
		},
	],
]);

// Answers without a code: proxies, consoles, login pages, and storage that sends no body.

/** What a status means, whatever the code. */
const STATUSES = new Map<number, Rule>([
	[401, WRONG_KEYS],
	[429, TOO_MANY],
	[501, NOT_SUPPORTED],
	[507, FULL],
]);

/** @returns what an answer means that is not the storage's own; undefined where it may be */
function notFromStorage(answer: HttpResponse): Rule | undefined {
	const { status, body } = answer;
	if (status >= 300 && status < 400) return redirected;
	if (/sent to HTTPS port|HTTP request to an HTTPS server/i.test(body)) return NOT_ENCRYPTED;
	// Backblaze's own API answers in JSON.
	if (/\bcap exceeded\b/i.test(body)) return SPENDING_CAP;
	if (status === 429 || status >= 500) return undefined;
	if (isWebPage(answer)) return WEB_PAGE;
	const isJson = /^\s*\{/.test(body);
	const isOther404 = status === 404 && body.trim() !== '';
	return status < 300 || isJson || isOther404 ? NOT_THE_API : undefined;
}

function redirected(answer: HttpResponse, target: StorageTarget): ErrorText {
	const { endpoint } = target;
	const { location = '' } = answer.headers;
	const to = URL.canParse(location) ? new URL(location) : undefined;
	if (namedRegion(answer, target) !== undefined) return apply(WRONG_REGION, answer, target);
	if (to === undefined) {
		return apply(target.region === '' ? NOT_THE_API : WRONG_REGION, answer, target);
	}
	const host = namedHost(answer, target);
	const [plain] = endpoint.split(':');
	if (to.protocol === 'https:' && (host ?? plain)?.split(':')[0] === plain) {
		return apply(NOT_ENCRYPTED, answer, target);
	}
	if (host === undefined) return apply(NOT_THE_API, answer, target);
	return isSameOwner(host, endpoint)
		? apply(WRONG_REGION, answer, target)
		: {
				message: `The endpoint "${endpoint}" redirects to "${host}"`,
				description: `Enter the URL of the storage's S3 API as Endpoint ${IN_CREDENTIAL}. A redirect to a login page means that a proxy or firewall is in between.`,
				cause: 'configuration-invalid',
			};
}

function unknownError(answer: HttpResponse): ErrorText {
	const code = errorCode(answer);
	const error = CODE.test(code) ? `the error ${code}` : 'an error';
	return {
		message: `The %s answered with ${error} (HTTP ${answer.status})`,
		description:
			'Look up the error in the documentation of your storage, and compare the Agora Recording Storage API credential with the storage console.',
		cause: 'configuration-invalid',
	};
}

// What callers use.

/**
 * Explains an error answer of S3 storage: code, message, named endpoint and region, headers and status together. Of
 * the answer itself, nothing is repeated but names in a strict form (region, host, action, code), so no key, token
 * or signature can get into a log.
 *
 * @param target the request that was refused
 */
export function s3Fault(answer: HttpResponse, target: StorageTarget): Fault {
	return faultOf(answer, 'bucket', target, explain(answer, target, S3_ERRORS));
}

/** @param table tells what the codes of this kind of storage mean, and a status like `403` that comes without */
export function explain(answer: HttpResponse, target: StorageTarget, table: ErrorTable): ErrorText {
	const { status } = answer;
	const code = errorCode(answer);
	const byCode =
		code === ''
			? (notFromStorage(answer) ?? table.get(String(status)))
			: table.get(code.toLowerCase());
	const rule = byCode ?? STATUSES.get(status);
	if (rule !== undefined) return apply(rule, answer, target);
	return status >= 500 ? UNAVAILABLE : unknownError(answer);
}

/** @param kind what the vendor calls a bucket */
export function faultOf(
	answer: HttpResponse,
	kind: 'bucket' | 'container',
	{ bucket }: StorageTarget,
	{ message, description, cause }: ErrorText,
): Fault {
	return new Fault(
		// The last one: the key of an object comes before it and may hold anything.
		message.replace(/%s(?!.*%s)/s, () => `${kind} "${bucket}"`),
		{ description, httpCode: String(answer.status), cause, retryAfterMs: retryAfterMs(answer) },
	);
}

/** What a failed GET of one object means for its caller. */
export type ReadFailure = 'missing' | 'archived' | 'denied' | 'failed';

const MISSING = new Set(['NoSuchKey', 'BlobNotFound', 'NoSuchObject', 'ObjectNotFound']);
const IN_ARCHIVE = new Set([
	'InvalidObjectState',
	'ObjectNotInActiveTierError',
	'BlobArchived',
	'BlobBeingRehydrated',
]);
/** A shared access signature may have some permissions and lack others. */
const LACKS_PERMISSION = new Set([
	'AuthorizationPermissionMismatch',
	'InsufficientAccountPermissions',
]);

/**
 * Sorts an answer other than 200 to the GET of one object.
 *
 * @returns `missing`: there is no such object. `archived`: it must be restored first. `denied`: this object or
 *   permission is refused, others may not be; storage answers so too for a missing object when the key may not
 *   list. `failed`: anything else, e.g. a wrong key, a wrong region or an outage.
 */
export function classifyRead(answer: HttpResponse): ReadFailure {
	const code = errorCode(answer);
	if (IN_ARCHIVE.has(code)) return 'archived';
	const isBare404 = code === '' && answer.body.trim() === '';
	if (answer.status === 404) return MISSING.has(code) || isBare404 ? 'missing' : 'failed';
	if (LACKS_PERMISSION.has(code)) return 'denied';
	return explain(answer, SOME_OBJECT, S3_ERRORS).objectOnly ? 'denied' : 'failed';
}

const SOME_OBJECT: StorageTarget = {
	bucket: '',
	vendorLabel: '',
	region: '',
	endpoint: '',
	custom: true,
	temporary: false,
	key: '',
};
