import type { FaultCause } from '../http/errors';
import type { HttpResponse } from '../http/request';
import {
	deniedPermission,
	element,
	errorCode,
	isSameOwner,
	shownCode,
	suggestedHost,
	suggestedRegion,
	vendorMessage,
} from './errorResponse';
import type { StorageAction, StorageTarget } from './types';

/** The explanation of one kind of error. */
export interface ErrorText {
	/** What happened. `%s` is replaced by the bucket, e.g. bucket "my-recordings". */
	message: string;
	/** What to do. */
	description: string;
	cause: FaultCause;
	/** Only this object or permission is refused; other requests may succeed. */
	objectOnly?: true;
}

/** An explanation, or a function that chooses one by the rest of the response. */
export type Rule = ErrorText | ((response: HttpResponse, target: StorageTarget) => ErrorText);

export type ErrorTable = ReadonlyMap<string, Rule>;

/** @param rows error codes, separated by spaces, and their meaning; case is ignored */
export function errorTable(rows: Array<[codes: string, rule: Rule]>): ErrorTable {
	return new Map(
		rows.flatMap(([codes, rule]) =>
			codes.split(' ').map((code): [string, Rule] => [code.toLowerCase(), rule]),
		),
	);
}

export const IN_CREDENTIAL = 'in the Agora Recording Storage API credential';

/** @param rows the first pattern that matches the vendor's message decides */
export function byMessage(rows: Array<[RegExp, Rule]>, otherwise: Rule): Rule {
	return (response, target) => {
		const message = vendorMessage(response);
		const rule = rows.find(([pattern]) => pattern.test(message))?.[1] ?? otherwise;
		return applyRule(rule, response, target);
	};
}

export function applyRule(rule: Rule, response: HttpResponse, target: StorageTarget): ErrorText {
	return typeof rule === 'function' ? rule(response, target) : rule;
}

// Explanations that several codes share.

export const TOO_MANY_REQUESTS: ErrorText = {
	message: 'The %s received too many requests',
	description: 'Try again in a minute, or poll less often.',
	cause: 'rate-limited',
};
export const UNAVAILABLE: ErrorText = {
	message: 'The %s is temporarily unavailable',
	description: 'Try again in a few minutes.',
	cause: 'temporarily-unavailable',
};
export const WRONG_CLOCK: ErrorText = {
	message: 'The %s rejected the request because of its timestamp',
	description: 'The clock of the n8n host is off by more than 15 minutes; correct it.',
	cause: 'configuration-invalid',
};
export const UNSIGNED: ErrorText = {
	message: 'The %s received the request without a signature',
	description:
		'A proxy or gateway between n8n and the storage removes the Authorization header. Configure it to pass the header on, or use an endpoint without the proxy.',
	cause: 'configuration-invalid',
};
export const FULL: ErrorText = {
	message: 'The %s is full or over its quota',
	description: 'Delete files, or raise the quota in the storage console.',
	cause: 'quota-exhausted',
};
export const ACCOUNT_BLOCKED: ErrorText = {
	message: 'The account of the %s is suspended or has a billing problem',
	description:
		"Check the account's status and unpaid invoices in the storage vendor's console, or ask the vendor's support.",
	cause: 'configuration-invalid',
};
const UNKNOWN_KEY: Rule = (_response, { vendorLabel, endpoint }) => ({
	message: 'The storage of the %s does not recognize this access key',
	description: endpoint.endsWith('backblazeb2.com')
		? `Create an application key in the Backblaze console and enter its keyID as Access Key ${IN_CREDENTIAL}. The master key doesn't work with the S3 API.`
		: vendorLabel.startsWith('Google')
			? `Create an HMAC key in Cloud Storage > Settings > Interoperability and enter it ${IN_CREDENTIAL}.`
			: vendorLabel.startsWith('Amazon')
				? `Check Access Key ${IN_CREDENTIAL}; the key may have been deleted. A key that begins with ASIA is temporary and also needs Session Token.`
				: `Check Access Key ${IN_CREDENTIAL}. The key may have been deleted, or belongs to another vendor or region.`,
	cause: 'credential-invalid',
});
export const WRONG_CREDENTIALS: ErrorText = {
	message: 'The %s rejected these credentials',
	description: `Enter Access Key and Secret Key again ${IN_CREDENTIAL}. They may have expired or been deleted.`,
	cause: 'credential-invalid',
};

/** Hosted storage, where the user has no reverse proxy in front of the server. */
const HOSTED =
	/\.(?:amazonaws\.com(?:\.cn)?|aliyuncs\.com|myqcloud\.com|myhuaweicloud\.com|bcebos\.com|googleapis\.com|cloudflarestorage\.com|backblazeb2\.com|wasabisys\.com|digitaloceanspaces\.com|linodeobjects\.com|vultrobjects\.com|scw\.cloud|cloud\.ovh\.net|storjshare\.io|supabase\.co|your-objectstorage\.com|oraclecloud\.com)$/i;

const WRONG_SIGNATURE: Rule = (_response, target) => {
	const keys = target.temporary ? 'Access Key, Secret Key and Session Token' : 'Secret Key';
	return {
		message: 'The %s rejected the signature',
		description: `Enter ${keys} again ${IN_CREDENTIAL}, without spaces. ${otherSignatureCauses(target)}`,
		cause: 'credential-invalid',
	};
};

/** Other causes of a wrong signature, most likely first. */
function otherSignatureCauses({ region, endpoint, custom, temporary }: StorageTarget): string {
	if (!custom) {
		return temporary ? 'All three must be issued together.' : 'It must belong to the access key.';
	}
	const regionField = region === '' ? 'Region' : `Region (${region})`;
	if (HOSTED.test(endpoint)) return `Then check ${regionField}.`;
	return `Then check whether a reverse proxy in front of "${endpoint}" changes the Host header, port or path, and ${regionField}.`;
}

const CREDENTIALS_EXPIRED: ErrorText = {
	message: 'The temporary credentials for the %s have expired',
	description: `Enter new ones as Access Key, Secret Key and Session Token ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};
const WRONG_TOKEN: Rule = (_response, { temporary }) => ({
	message: 'The %s rejected the session token',
	description: temporary
		? `Enter the Session Token that came with Access Key and Secret Key ${IN_CREDENTIAL}. Leave it empty for a permanent key.`
		: `This access key is temporary: also enter its Session Token ${IN_CREDENTIAL}, or use a permanent key.`,
	cause: 'credential-invalid',
});
const EXPIRED: Rule = (_response, { temporary }) => ({
	message: 'The %s rejected the request as expired',
	description: temporary
		? `Either the temporary credentials ${IN_CREDENTIAL} have expired, or the clock of the n8n host is off.`
		: 'The clock of the n8n host is off, or a proxy delayed the request for too long.',
	cause: 'credential-invalid',
});

export const WRONG_REGION: Rule = (response, target) => {
	const { region, endpoint, custom } = target;
	const actual = suggestedRegion(response, target);
	const host = suggestedHost(response, target);
	const newHost = host !== undefined && custom && isSameOwner(host, endpoint) ? host : undefined;
	const scheme = /^http:/i.test(response.headers.location ?? '') ? 'http' : 'https';
	const instead = region === '' ? '' : `, not ${region}`;
	const cause = 'configuration-invalid';
	if (actual === undefined && newHost !== undefined) {
		return {
			message: `The %s is at the endpoint "${newHost}", not "${endpoint}"`,
			description: `Set Endpoint to ${scheme}://${newHost} ${IN_CREDENTIAL}.`,
			cause,
		};
	}
	if (actual === undefined) {
		return {
			message: 'The %s is in a different region than set in the credential',
			description: `Set ${custom ? 'Endpoint and Region to those of the bucket' : "Region to the bucket's region"} ${IN_CREDENTIAL}; the storage console shows it next to the bucket.`,
			cause,
		};
	}
	const message = `The %s is in the region ${actual}${instead}`;
	if (!custom) {
		return { message, description: `Select ${actual} as Region ${IN_CREDENTIAL}.`, cause };
	}
	const newEndpoint = newHost === undefined ? '' : `Endpoint to ${scheme}://${newHost} and `;
	const regionInEndpoint =
		newHost === undefined && region !== '' && endpoint.includes(region)
			? ' Also change the region in Endpoint.'
			: '';
	return {
		message,
		description: `Set ${newEndpoint}Region to ${actual} ${IN_CREDENTIAL}.${regionInEndpoint}`,
		cause,
	};
};

/** Amazon S3 redirects requests to a new bucket for some hours, until its DNS record has propagated. */
const TEMPORARY_REDIRECT: Rule = (response, target) =>
	suggestedRegion(response, target) === undefined
		? {
				message: "The %s is new and can't be reached in its region yet",
				description: 'Try again in an hour.',
				cause: 'temporarily-unavailable',
			}
		: applyRule(WRONG_REGION, response, target);

/** The server rejects the region in the signature, which may be unrelated to the region of the bucket. */
const WRONG_SIGNING_REGION: Rule = (response, target) => {
	const { region, custom } = target;
	const expected = suggestedRegion(response, target);
	if (!custom && expected !== undefined) return applyRule(WRONG_REGION, response, target);
	return {
		message:
			expected === undefined
				? 'The %s rejected the region or access key in the signature'
				: `The %s expects the region ${expected} in signatures${region === '' ? '' : `, not ${region}`}`,
		description:
			expected === undefined
				? `Check Region ${IN_CREDENTIAL}, and that Access Key contains only the ID of the key.`
				: `Set Region to ${expected} ${IN_CREDENTIAL}.`,
		cause: 'configuration-invalid',
	};
};

const NO_BUCKET: Rule = (_response, { custom, vendorLabel }) => ({
	message: 'The %s does not exist',
	description: custom
		? `Check Bucket and Endpoint ${IN_CREDENTIAL}. The endpoint must not contain the bucket, except with the Addressing "Bucket's Own Domain".`
		: vendorLabel.startsWith('Tencent')
			? `Check Bucket and Region ${IN_CREDENTIAL}. The name ends with the APPID of your Tencent Cloud account, e.g. recordings-1250000000.`
			: `Check Bucket and Region ${IN_CREDENTIAL}.`,
	cause: 'configuration-invalid',
});
const VIRTUAL_HOSTED_ONLY: Rule = (_response, { custom }) => ({
	message: 'The %s only accepts virtual-hosted-style URLs',
	description: custom
		? `Select Virtual-Hosted as Addressing ${IN_CREDENTIAL}.`
		: 'The bucket name is not valid in a host name. Use a bucket whose name has only lowercase letters, digits and hyphens.',
	cause: 'configuration-invalid',
});
const MODIFIED_IN_TRANSIT: Rule = (_response, { endpoint }) => ({
	message: 'The request to the %s was modified in transit',
	description: `A proxy between n8n and "${endpoint}" changes the body or its length. Configure it to pass requests on unchanged, or use an endpoint without the proxy.`,
	cause: 'configuration-invalid',
});
export const HTTPS_REQUIRED: Rule = (_response, { endpoint }) => ({
	message: `The endpoint "${endpoint}" expects HTTPS`,
	description: `Change Endpoint to start with https:// ${IN_CREDENTIAL}.`,
	cause: 'configuration-invalid',
});
/** MinIO's console listens on a separate port and returns its web page for every request. */
const CONSOLE_PORT: Rule = (_response, { endpoint }) => ({
	message: `The endpoint "${endpoint}" is MinIO's console, not its S3 API`,
	description: `Enter the API port as Endpoint ${IN_CREDENTIAL}: usually 9000, not the console's 9001.`,
	cause: 'configuration-invalid',
});
const isAzure = ({ vendorLabel }: StorageTarget) => vendorLabel.startsWith('Microsoft Azure');
const apiName = (target: StorageTarget) => (isAzure(target) ? 'Blob service' : 'S3 API');

export const WEB_PAGE: Rule = (_response, target) => ({
	message: `The endpoint "${target.endpoint}" returned a web page, so it is not the ${apiName(target)}`,
	description: target.custom
		? `Enter the URL of the ${apiName(target)} as Endpoint ${IN_CREDENTIAL}.${isAzure(target) ? '' : " MinIO: the API port 9000, not the console's 9001."}`
		: 'A proxy, firewall or login page responds instead of the storage. Let the n8n host reach the endpoint directly.',
	cause: 'configuration-invalid',
});
export const NOT_THE_API: Rule = ({ status }, target) => ({
	message: `The endpoint "${target.endpoint}" does not respond like ${isAzure(target) ? 'a Blob service' : 'an S3 API'} (HTTP ${status})`,
	description: target.custom
		? `Enter the full URL of the ${apiName(target)} as Endpoint ${IN_CREDENTIAL}.${isAzure(target) ? '' : " Supabase's ends with /storage/v1/s3."}`
		: 'A proxy or firewall may respond instead of the storage. Let the n8n host reach the endpoint directly.',
	cause: 'configuration-invalid',
});
export const NOT_SUPPORTED: Rule = ({ status }, { endpoint, custom }) => ({
	message: `The endpoint "${endpoint}" does not support this request (HTTP ${status})`,
	description: custom
		? `Enter the URL of the S3 API as Endpoint ${IN_CREDENTIAL}: a website, CDN or console URL doesn't work.`
		: `Check Bucket and Region ${IN_CREDENTIAL}. A proxy may also block the request.`,
	cause: 'configuration-invalid',
});

/** @returns e.g. `"a/b.m3u8" in the %s` */
export function objectName({ key }: StorageTarget): string {
	return key === undefined ? 'A file in the %s' : `"${key}" in the %s`;
}

const ARCHIVE_CLASSES = new Map([
	['GLACIER', 'Glacier'],
	['DEEP_ARCHIVE', 'Glacier Deep Archive'],
	['ARCHIVE_ACCESS', 'Intelligent-Tiering Archive Access'],
	['DEEP_ARCHIVE_ACCESS', 'Intelligent-Tiering Deep Archive Access'],
]);

const ARCHIVED: Rule = (response, target) => {
	const className =
		ARCHIVE_CLASSES.get(element(response, 'AccessTier')) ??
		ARCHIVE_CLASSES.get(element(response, 'StorageClass'));
	const archive = className ?? (target.vendorLabel.startsWith('Amazon') ? 'Glacier' : undefined);
	return {
		message: `${objectName(target)} is archived${archive === undefined ? '' : ` in ${archive}`} and must be restored first`,
		description:
			'Restore the file in the storage console, which takes minutes to hours, then try again. To avoid this, change the lifecycle rule to archive recordings later.',
		cause: 'configuration-invalid',
		objectOnly: true,
	};
};
const LOCKED: Rule = (_response, target) => ({
	message: `${objectName(target)} is locked by a retention period and can't be overwritten`,
	description: 'Wait until the retention period ends, or write to another bucket.',
	cause: 'configuration-invalid',
	objectOnly: true,
});
const CHECKSUM_REQUIRED: ErrorText = {
	message: 'The %s requires a checksum with every upload, because Object Lock is on',
	description:
		'Turn off the default retention of the bucket, or use another bucket for recordings.',
	cause: 'configuration-invalid',
};
const CUSTOMER_KEY: Rule = (_response, target) => ({
	message: `${objectName(target)} is encrypted with a customer-provided key (SSE-C)`,
	description: 'Upload recordings without SSE-C. SSE-S3 and SSE-KMS work.',
	cause: 'configuration-invalid',
	objectOnly: true,
});
const KMS: Rule = (response, target) => ({
	message: /disabled|destroyed|PendingDeletion|NotFound|BadKey/i.test(errorCode(response))
		? `${objectName(target)} is encrypted with a KMS key that is disabled or deleted`
		: `${objectName(target)} is encrypted with a KMS key that this access key is not allowed to use`,
	description:
		'Allow the access key kms:Decrypt and kms:GenerateDataKey in the policy of the KMS key, and make sure the KMS key is enabled.',
	cause: 'configuration-invalid',
	objectOnly: true,
});

// Denied access: one code with many causes.

/** Missing permissions, as the vendor's console calls them. */
const GRANTS: Array<[(target: StorageTarget) => boolean, Record<StorageAction, string>]> = [
	[
		({ vendorLabel }) => vendorLabel.startsWith('Google'),
		{
			list: 'storage.objects.list (role Storage Object User)',
			read: 'storage.objects.get (role Storage Object User)',
			write: 'storage.objects.create (role Storage Object User)',
		},
	],
	[
		({ vendorLabel }) => vendorLabel.startsWith('Alibaba'),
		{ list: 'oss:ListObjects', read: 'oss:GetObject', write: 'oss:PutObject' },
	],
	[
		({ endpoint }) => endpoint.endsWith('backblazeb2.com'),
		{
			list: 'the capability listFiles',
			read: 'the capability readFiles',
			write: 'the capability writeFiles',
		},
	],
	[
		({ endpoint }) => endpoint.endsWith('cloudflarestorage.com'),
		{ list: 'Object Read & Write', read: 'Object Read & Write', write: 'Object Read & Write' },
	],
	[() => true, { list: 's3:ListBucket', read: 's3:GetObject', write: 's3:PutObject' }],
];

export function actionOf({ action, key }: StorageTarget): StorageAction {
	return action ?? (key === undefined ? 'list' : 'read');
}

const NO_PERMISSION: Rule = (response, target) => {
	const action = actionOf(target);
	const denied = deniedPermission(response);
	const grant = denied ?? GRANTS.find(([applies]) => applies(target))?.[1][action];
	const activity = {
		list: 'list the %s',
		read: `read ${target.key === undefined ? 'files' : `"${target.key}"`} in the %s`,
		write: 'write to the %s',
	}[action];
	const otherCauses = {
		list: ` If it already has it, check Bucket ${IN_CREDENTIAL}: some vendors return the same error for a bucket that doesn't exist.`,
		read: ' Without permission to list, a missing file causes the same error.',
		write: ` If it is limited to a folder, enter the folder as File Name Prefix ${IN_CREDENTIAL}.`,
	}[action];
	return {
		message:
			denied === undefined
				? `This access key is not allowed to ${activity}`
				: `This access key is not allowed to perform ${denied} on the %s`,
		description: `Grant the key ${grant} for this bucket.${denied === undefined ? otherCauses : ''}`,
		cause: 'credential-invalid',
		objectOnly: true,
	};
};
const DENIED_BY_POLICY: Rule = (response, target) => {
	const denied = deniedPermission(response);
	const policy =
		/service control policy|permissions boundary|identity-based policy|session policy|VPC endpoint policy/i
			.exec(vendorMessage(response))?.[0]
			.toLowerCase()
			.replace('vpc', 'VPC') ?? 'bucket policy';
	const action = { list: 'list', read: 'read', write: 'write' }[actionOf(target)];
	return {
		message: `A policy denies this access key ${denied ?? `permission to ${action}`} on the %s`,
		description: `Remove the Deny rule from the ${policy}, or exempt this access key. An Allow rule elsewhere does not override it.`,
		cause: 'credential-invalid',
		objectOnly: true,
	};
};
const QUARANTINED: ErrorText = {
	message: 'AWS has quarantined the access key for the %s because it was publicly exposed',
	description: `Delete the key in IAM, create a new one, and enter it ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};
const REQUESTER_PAYS: ErrorText = {
	message: 'The %s has Requester Pays turned on, which is not supported',
	description:
		"Turn off Requester Pays for the bucket, or use an access key of the bucket's account.",
	cause: 'configuration-invalid',
};
export const SPENDING_CAP: ErrorText = {
	message: 'The %s has reached a spending cap of its account',
	description:
		"Raise the cap in the storage console (Backblaze: Caps & Alerts), or wait until it's reset.",
	cause: 'quota-exhausted',
};
const WRONG_ACCOUNT: ErrorText = {
	message: 'The %s belongs to a different account than the access key',
	description: `Check Bucket and Access Key ${IN_CREDENTIAL}: both must belong to the same account.`,
	cause: 'configuration-invalid',
};

const DENIED = byMessage(
	[
		[/addressed using the specified endpoint/i, WRONG_REGION],
		[/AWSCompromisedKeyQuarantine/, QUARANTINED],
		[/\bkms:|\bkms key|by kms/i, KMS],
		[/requester.?pays|user project/i, REQUESTER_PAYS],
		[/\bcap exceeded|spending (?:cap|limit)/i, SPENDING_CAP],
		[/quota|storage limit/i, FULL],
		[
			/no such (?:access )?key|invalid access key|access key (?:id )?(?:you provided )?(?:does not|doesn't) exist/i,
			UNKNOWN_KEY,
		],
		[/invalid region/i, WRONG_SIGNING_REGION],
		[/invalid signature|signature (?:does not|doesn't) match/i, WRONG_SIGNATURE],
		[/(?:request|signature) (?:has )?expired/i, EXPIRED],
		[/\btrial\b|suspended|account .{0,40}disabled|in arrears?|overdue/i, ACCOUNT_BLOCKED],
		[/expired/i, CREDENTIALS_EXPIRED],
		[/security token|session token/i, WRONG_TOKEN],
		[/anonymous|missing signature/i, UNSIGNED],
		[/object lock|retention|legal hold|WORM|immutable/i, LOCKED],
		[/does not belong to you/i, WRONG_ACCOUNT],
		[/explicit deny|denied by .{0,20}policy/i, DENIED_BY_POLICY],
	],
	NO_PERMISSION,
);

export function unknownError(response: HttpResponse): ErrorText {
	const code = shownCode(response);
	const error = code === undefined ? 'an error' : `the error ${code}`;
	return {
		message: `The %s returned ${error} (HTTP ${response.status})`,
		description:
			'Look up the error in the documentation of your storage, and compare the Agora Recording Storage API credential with the storage console.',
		cause: 'configuration-invalid',
	};
}

/**
 * Codes of the S3 API. Amazon S3: error responses. Cloudflare R2: error codes. Cloud Storage: HTTP status and error
 * codes for XML. Alibaba OSS: HTTP status code 403. Tencent COS, Huawei OBS, Baidu BOS: error codes. Ceph RGW:
 * rgw_common. MinIO: api-errors. Supabase Storage: internal/errors/codes.
 */
export const S3_ERRORS = errorTable([
	['PermanentRedirect Redirect IllegalLocationConstraintException', WRONG_REGION],
	['TemporaryRedirect', TEMPORARY_REDIRECT],
	['AuthorizationHeaderMalformed InvalidRegionName InvalidRegion', WRONG_SIGNING_REGION],
	['AccessDenied AccessForbidden Forbidden AllAccessDenied AccessDeniedException', DENIED],
	['403', NO_PERMISSION],
	['404', NO_BUCKET],
	['405', NOT_SUPPORTED],
	['411', MODIFIED_IN_TRANSIT],
	['SignatureDoesNotMatch InvalidSignature', WRONG_SIGNATURE],
	[
		'InvalidAccessKeyId InvalidAccessKey InvalidClientTokenId UnrecognizedClientException InvalidSecurity',
		UNKNOWN_KEY,
	],
	['Unauthorized InvalidCredentials CredentialsNotSupported', WRONG_CREDENTIALS],
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
			message: 'The name of the %s is not valid',
			description: `Enter only the bucket name as Bucket ${IN_CREDENTIAL}, without URL or folder. Tencent Cloud: include the APPID at its end.`,
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
	[
		'PathStyleDomainForbidden SecondLevelDomainForbidden VirtualHostDomainRequired',
		VIRTUAL_HOSTED_ONLY,
	],
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
			description: `Check Bucket ${IN_CREDENTIAL}: the bucket may belong to another account. If it is yours, contact the vendor's support.`,
			cause: 'configuration-invalid',
		},
	],
	['BucketNotBelongTo', WRONG_ACCOUNT],
	[
		'InvalidArgument InvalidRequest',
		byMessage(
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
				[/X-Forwarded/i, MODIFIED_IN_TRANSIT],
			],
			unknownError,
		),
	],
	[
		'BadDigest XAmzContentSHA256Mismatch IncompleteBody MissingContentLength LengthRequired',
		MODIFIED_IN_TRANSIT,
	],
	['MethodNotAllowed NotImplemented NoSuchWebsiteConfiguration', NOT_SUPPORTED],
	[
		'SlowDown TooManyRequests RequestLimitExceeded Throttling ThrottlingException',
		TOO_MANY_REQUESTS,
	],
	['BandwidthLimitExceeded QpsLimitExceeded DownloadTrafficRateLimitExceeded', TOO_MANY_REQUESTS],
	['RequestTimeout ServiceUnavailable InternalError ResourceLocked OperationAborted', UNAVAILABLE],
	[
		'XMinioServerNotInitialized SlowDownRead SlowDownWrite',
		{
			message: 'The MinIO server of the %s is not ready',
			description:
				'It is starting, or too many of its drives are offline. Try again in a minute. If that does not help, check the server.',
			cause: 'temporarily-unavailable',
		},
	],
]);
