import fc from 'fast-check';
import type { HttpResponse } from '../../../nodes/Agora/http/request';
import type { StorageTarget } from '../../../nodes/Agora/storage/types';
import { classifyRead, s3Fault } from '../../../nodes/Agora/storage/errors';
import { errorCode } from '../../../nodes/Agora/storage/errorResponse';

const AMAZON: StorageTarget = {
	bucket: 'my-recordings',
	vendorLabel: 'Amazon S3',
	region: 'us-east-1',
	endpoint: 's3.us-east-1.amazonaws.com',
	custom: false,
	temporary: false,
};
const own = (endpoint: string, region = 'us-east-1'): StorageTarget => ({
	...AMAZON,
	vendorLabel: 'Other S3-Compatible Storage',
	endpoint,
	region,
	custom: true,
});
const of = (vendorLabel: string, region: string, endpoint: string): StorageTarget => ({
	...AMAZON,
	vendorLabel,
	region,
	endpoint,
});
const ALIBABA = of('Alibaba Cloud OSS', 'cn-hangzhou', 's3.oss-cn-hangzhou.aliyuncs.com');
const TENCENT = of('Tencent Cloud COS', 'ap-beijing', 'cos.ap-beijing.myqcloud.com');
const HUAWEI = of('Huawei Cloud OBS', 'cn-north-4', 'obs.cn-north-4.myhuaweicloud.com');
const BAIDU = of('Baidu AI Cloud BOS', 'gz', 's3.gz.bcebos.com');
const GOOGLE = of('Google Cloud Storage', 'auto', 'storage.googleapis.com');
const R2 = own('0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com', 'us-east-1');
const B2 = own('s3.us-west-004.backblazeb2.com', 'us-west-004');
const WASABI = own('s3.us-east-1.wasabisys.com');
const SPACES = own('fra1.digitaloceanspaces.com', 'fra1');
const SCALEWAY = own('s3.fr-par.scw.cloud', 'fr-par');
const SUPABASE = own('abcdefghijklmnopqrst.storage.supabase.co', 'eu-west-1');
const MINIO = own('minio.example.com:9000');
const CEPH = own('rgw.example.com', 'default');
const GARAGE = own('garage.example.com:3900');
const ORACLE = own('fake.compat.objectstorage.sa-santiago-1.oraclecloud.com');

const KEY = 'recordings/class_a.m3u8';
const read = { key: KEY };
const write = { key: KEY, action: 'write' as const };
const temporary = { temporary: true };

/** Parts of the request that the storage quotes and that must not appear in a log. */
const SECRETS = [
	'AKIAFAKEFAKEFAKEFAKE',
	'fakeSignature1f2e3d4c',
	'20261128T120000Z',
	'fakeRequestId42',
	'fakeHostId/+AbCdEf=',
	'fakeSessionToken//AbC',
	'arn:aws:iam::123456789012:user/somebody',
	'somebody@example.iam.gserviceaccount.com',
	'GKfake0123456789abcdef01',
];
const REPEATED = `<AWSAccessKeyId>${SECRETS[0]}</AWSAccessKeyId><SignatureProvided>${SECRETS[1]}</SignatureProvided>
<StringToSign>AWS4-HMAC-SHA256 ${SECRETS[2]}</StringToSign><RequestId>${SECRETS[3]}</RequestId><HostId>${SECRETS[4]}</HostId>
<Token-0>${SECRETS[5]}</Token-0>`;

const xml = (code: string, message = '', more = '') =>
	`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}${REPEATED}</Error>`;

const CREDENTIAL = 'in the Agora Recording Storage API credential';
const MINE = 'The bucket "my-recordings"';

interface Case {
	/** Vendor, and the source of its response. */
	from: string;
	to: StorageTarget;
	status: number;
	headers?: Record<string, string>;
	body: string;
	message: string;
	advice: string;
}

const REGIONS: Case[] = [
	{
		from: 'Amazon S3, 301 with the region in a header (S3 User Guide: request redirection)',
		to: AMAZON,
		status: 301,
		headers: { 'x-amz-bucket-region': 'eu-west-1' },
		body: xml(
			'PermanentRedirect',
			'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
			'<Endpoint>my-recordings.s3-eu-west-1.amazonaws.com</Endpoint><Bucket>my-recordings</Bucket>',
		),
		message: `${MINE} is in the region eu-west-1, not us-east-1`,
		advice: `Select eu-west-1 as Region ${CREDENTIAL}.`,
	},
	{
		from: 'Amazon S3, 301 with nothing but an endpoint (SDK issue threads)',
		to: AMAZON,
		status: 301,
		body: xml(
			'PermanentRedirect',
			'',
			'<Endpoint>my-recordings.s3.eu-central-1.amazonaws.com</Endpoint>',
		),
		message: `${MINE} is in the region eu-central-1, not us-east-1`,
		advice: 'Select eu-central-1 as Region',
	},
	{
		from: 'Amazon S3, 301 without any body, as to HEAD',
		to: AMAZON,
		status: 301,
		headers: { 'x-amz-bucket-region': 'ap-south-1' },
		body: '',
		message: `${MINE} is in the region ap-south-1, not us-east-1`,
		advice: 'Select ap-south-1 as Region',
	},
	{
		from: 'Amazon S3, 301 that names nothing',
		to: AMAZON,
		status: 301,
		body: '',
		message: `${MINE} is in a different region than set in the credential`,
		advice: `Set Region to the bucket's region ${CREDENTIAL}`,
	},
	{
		from: 'Amazon S3, 400 (error responses: AuthorizationHeaderMalformed)',
		to: AMAZON,
		status: 400,
		body: xml(
			'AuthorizationHeaderMalformed',
			"The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'sa-east-1'",
			'<Region>sa-east-1</Region>',
		),
		message: `${MINE} is in the region sa-east-1, not us-east-1`,
		advice: 'Select sa-east-1 as Region',
	},
	{
		from: 'Amazon S3, an access key with a space or nothing in it (SDK issue threads)',
		to: AMAZON,
		status: 400,
		body: xml(
			'AuthorizationHeaderMalformed',
			'The authorization header is malformed; a non-empty Access Key (AKID) must be provided in the credential.',
		),
		message: `${MINE} rejected the region or access key in the signature`,
		advice: 'that Access Key contains only the ID of the key',
	},
	{
		from: 'Amazon S3, opt-in region (error responses: IllegalLocationConstraintException)',
		to: AMAZON,
		status: 400,
		body: xml(
			'IllegalLocationConstraintException',
			'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
		),
		message: `${MINE} is in a different region than set in the credential`,
		advice: 'Set Region',
	},
	{
		from: 'Amazon S3, 307 to another region (S3 User Guide: request redirection)',
		to: AMAZON,
		status: 307,
		headers: { location: 'https://my-recordings.s3-us-west-2.amazonaws.com/?list-type=2' },
		body: xml(
			'TemporaryRedirect',
			'Please re-send this request to the specified temporary endpoint.',
			'<Endpoint>my-recordings.s3-us-west-2.amazonaws.com</Endpoint>',
		),
		message: `${MINE} is in the region us-west-2, not us-east-1`,
		advice: 'Select us-west-2 as Region',
	},
	{
		from: 'Amazon S3, 307 for a bucket that was just created in the chosen region',
		to: AMAZON,
		status: 307,
		headers: { 'x-amz-bucket-region': 'us-east-1' },
		body: xml(
			'TemporaryRedirect',
			'',
			'<Endpoint>my-recordings.s3.us-east-1.amazonaws.com</Endpoint>',
		),
		message: `${MINE} is new and can't be reached in its region yet`,
		advice: 'Try again in an hour.',
	},
	{
		from: 'Alibaba OSS, AccessDenied that is a wrong region (HTTP status code 403)',
		to: ALIBABA,
		status: 403,
		body: xml(
			'AccessDenied',
			'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
			'<Bucket>my-recordings</Bucket><Endpoint>oss-cn-shanghai.aliyuncs.com</Endpoint><EC>0003-00001403</EC>',
		),
		message: `${MINE} is in the region cn-shanghai, not cn-hangzhou`,
		advice: 'Select cn-shanghai as Region',
	},
	{
		from: 'Cloudflare R2 (issue threads: InvalidRegionName)',
		to: R2,
		status: 400,
		body: xml(
			'InvalidRegionName',
			"The region name 'us-east-1' is not valid. Must be one of: wnam, enam, weur, eeur, apac, oc, auto",
		),
		message: `${MINE} expects the region auto in signatures, not us-east-1`,
		advice: `Set Region to auto ${CREDENTIAL}.`,
	},
	{
		from: 'MinIO, a server with a region of its own (api-errors)',
		to: MINIO,
		status: 400,
		body: xml(
			'AuthorizationHeaderMalformed',
			"The authorization header is malformed; the region is wrong; expecting 'office-1'.",
			'<Region>office-1</Region>',
		),
		message: `${MINE} expects the region office-1 in signatures, not us-east-1`,
		advice: 'Set Region to office-1',
	},
	{
		from: 'Garage 2 (issue threads: unexpected scope)',
		to: GARAGE,
		status: 400,
		body: xml(
			'AuthorizationHeaderMalformed',
			"Authorization header malformed, unexpected scope: '20261128/us-east-1/s3/aws4_request', expected: '20261128/garage/s3/aws4_request'",
			'<Region>garage</Region>',
		),
		message: `${MINE} expects the region garage in signatures, not us-east-1`,
		advice: 'Set Region to garage',
	},
	{
		from: 'Garage 1, which does not say what it expects',
		to: GARAGE,
		status: 400,
		body: xml(
			'AuthorizationHeaderMalformed',
			'Authorization header malformed, unexpected scope: 20261128/us-east-1/s3/aws4_request',
		),
		message: `${MINE} rejected the region or access key in the signature`,
		advice: 'Check Region',
	},
	{
		from: 'Wasabi, a bucket of another region',
		to: WASABI,
		status: 301,
		body: xml(
			'PermanentRedirect',
			'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
			'<Endpoint>s3.eu-central-1.wasabisys.com</Endpoint>',
		),
		message: `${MINE} is in the region eu-central-1, not us-east-1`,
		advice: `Set Endpoint to https://s3.eu-central-1.wasabisys.com and Region to eu-central-1 ${CREDENTIAL}.`,
	},
	{
		from: 'DigitalOcean Spaces (Ceph RGW), a space of another region',
		to: SPACES,
		status: 301,
		headers: { location: 'https://my-recordings.nyc3.digitaloceanspaces.com/' },
		body: '',
		message: `${MINE} is in the region nyc3, not fra1`,
		advice: 'Set Endpoint to https://nyc3.digitaloceanspaces.com and Region to nyc3',
	},
	{
		from: 'Ceph RGW with several zone groups',
		to: CEPH,
		status: 301,
		headers: { location: 'https://rgw-west.example.com/my-recordings' },
		body: xml('PermanentRedirect', '', '<Endpoint>rgw-west.example.com</Endpoint>'),
		message: `${MINE} is at the endpoint "rgw-west.example.com", not "rgw.example.com"`,
		advice: 'Set Endpoint to https://rgw-west.example.com',
	},
	{
		from: 'Scaleway, a region that is in the endpoint, too',
		to: SCALEWAY,
		status: 400,
		headers: { 'x-amz-bucket-region': 'nl-ams' },
		body: xml('PermanentRedirect', 'The bucket is in this region: nl-ams.'),
		message: `${MINE} is in the region nl-ams, not fr-par`,
		advice: `Set Region to nl-ams ${CREDENTIAL}. Also change the region in Endpoint.`,
	},
];

const KEYS: Case[] = [
	{
		from: 'Amazon S3 (error responses: SignatureDoesNotMatch)',
		to: AMAZON,
		status: 403,
		body: xml(
			'SignatureDoesNotMatch',
			'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
		),
		message: `${MINE} rejected the signature`,
		advice: `Enter Secret Key again ${CREDENTIAL}, without spaces. It must belong to the access key.`,
	},
	{
		from: 'Amazon S3 with temporary credentials',
		to: { ...AMAZON, ...temporary },
		status: 403,
		body: xml('SignatureDoesNotMatch'),
		message: `${MINE} rejected the signature`,
		advice: 'Enter Access Key, Secret Key and Session Token again',
	},
	{
		from: 'MinIO behind nginx that changes Host (MinIO discussions)',
		to: MINIO,
		status: 403,
		body: xml('SignatureDoesNotMatch', '', '<Region></Region>'),
		message: `${MINE} rejected the signature`,
		advice:
			'Then check whether a reverse proxy in front of "minio.example.com:9000" changes the Host header, port or path, and Region (us-east-1).',
	},
	{
		from: 'Supabase, self-hosted behind a gateway (issue threads)',
		to: SUPABASE,
		status: 403,
		body: xml('SignatureDoesNotMatch', 'Signature does not match'),
		message: `${MINE} rejected the signature`,
		advice: 'without spaces. Then check Region (eu-west-1).',
	},
	{
		from: 'Oracle Cloud: a key that was just made, or of another region (issue threads)',
		to: ORACLE,
		status: 403,
		body: xml(
			'SignatureDoesNotMatch',
			'The secret key required to complete authentication could not be found. The region must be specified if this is not the home region for the tenancy.',
		),
		message: `${MINE} rejected the signature`,
		advice: 'Enter Secret Key again',
	},
	{
		from: 'Garage: a wrong secret is AccessDenied',
		to: GARAGE,
		status: 403,
		body: xml('AccessDenied', 'Forbidden: Invalid signature'),
		message: `${MINE} rejected the signature`,
		advice: 'Enter Secret Key again',
	},
	{
		from: 'Garage: an unknown key is AccessDenied, and repeated',
		to: GARAGE,
		status: 403,
		body: xml('AccessDenied', `Forbidden: No such key: ${SECRETS[8]}`),
		message: 'The storage of the bucket "my-recordings" does not recognize this access key',
		advice: `Check Access Key ${CREDENTIAL}`,
	},
	{
		from: 'Amazon S3 (error responses: InvalidAccessKeyId)',
		to: AMAZON,
		status: 403,
		body: xml(
			'InvalidAccessKeyId',
			'The AWS Access Key Id you provided does not exist in our records.',
		),
		message: 'The storage of the bucket "my-recordings" does not recognize this access key',
		advice: 'A key that begins with ASIA is temporary and also needs Session Token.',
	},
	{
		from: "Backblaze B2 with the account's master key (issue threads)",
		to: B2,
		status: 403,
		body: xml('InvalidAccessKeyId', 'Malformed Access Key Id'),
		message: 'The storage of the bucket "my-recordings" does not recognize this access key',
		advice: "The master key doesn't work with the S3 API.",
	},
	{
		from: 'Alibaba OSS: a disabled key',
		to: ALIBABA,
		status: 403,
		body: xml(
			'InvalidAccessKeyId',
			'The OSS Access Key Id you provided is disabled.',
			'<EC>0002-00000901</EC>',
		),
		message: 'The storage of the bucket "my-recordings" does not recognize this access key',
		advice: 'Check Access Key',
	},
	{
		from: 'Supabase: no such S3 access key (internal/errors/codes)',
		to: SUPABASE,
		status: 403,
		body: xml(
			'InvalidAccessKeyId',
			'The Access Key Id you provided does not exist in our records.',
		),
		message: 'The storage of the bucket "my-recordings" does not recognize this access key',
		advice: 'Check Access Key',
	},
	{
		from: 'Supabase, on its own server: without any S3 keys (signature-v4 plugin)',
		to: SUPABASE,
		status: 403,
		body: xml('AccessDenied', 'Missing signature'),
		message: `${MINE} received the request without a signature`,
		advice: 'removes the Authorization header',
	},
	{
		from: 'Google Cloud Storage: unknown HMAC key (XML API: InvalidSecurity)',
		to: GOOGLE,
		status: 403,
		body: xml('InvalidSecurity', 'The provided security credentials are not valid.'),
		message: 'The storage of the bucket "my-recordings" does not recognize this access key',
		advice: 'Create an HMAC key in Cloud Storage > Settings > Interoperability',
	},
	{
		from: 'Google Cloud Storage: the header was removed on the way',
		to: GOOGLE,
		status: 403,
		body: xml(
			'AccessDenied',
			'Access denied.',
			'<Details>Anonymous caller does not have storage.objects.list access to the Google Cloud Storage bucket.</Details>',
		),
		message: `${MINE} received the request without a signature`,
		advice: 'A proxy or gateway',
	},
	{
		from: 'Cloudflare R2: the API token in place of the key (issue threads)',
		to: R2,
		status: 400,
		body: xml(
			'InvalidArgument',
			'Invalid Argument: Credential access key has length 53, should be 32',
		),
		message: 'The access key for the bucket "my-recordings" has the wrong length',
		advice: 'enter the Access Key ID of 32 characters',
	},
	{
		from: 'Cloudflare R2 (error codes: 10002)',
		to: R2,
		status: 401,
		body: xml('Unauthorized', 'Unauthorized'),
		message: `${MINE} rejected these credentials`,
		advice: 'Enter Access Key and Secret Key again',
	},
	{
		from: 'Amazon S3 (error responses: ExpiredToken)',
		to: { ...AMAZON, ...temporary },
		status: 400,
		body: xml('ExpiredToken', 'The provided token has expired.'),
		message: 'The temporary credentials for the bucket "my-recordings" have expired',
		advice: 'Enter new ones as Access Key, Secret Key and Session Token',
	},
	{
		from: 'Amazon S3 (error responses: InvalidToken), which repeats the token',
		to: { ...AMAZON, ...temporary },
		status: 400,
		body: xml('InvalidToken', 'The provided token is malformed or otherwise invalid.'),
		message: `${MINE} rejected the session token`,
		advice: 'Enter the Session Token that came with',
	},
	{
		from: 'MinIO: a temporary key without its token (api-errors: InvalidTokenId)',
		to: MINIO,
		status: 403,
		body: xml('InvalidTokenId', 'The security token included in the request is invalid'),
		message: `${MINE} rejected the session token`,
		advice: 'This access key is temporary: also enter its Session Token',
	},
	{
		from: 'Alibaba OSS: key and token of different pairs (HTTP status code 403)',
		to: { ...ALIBABA, ...temporary },
		status: 403,
		body: xml(
			'AccessKeyIdAndSecurityTokenNotMatch',
			'The OSS access key id and security token you provided does not match.',
		),
		message: `${MINE} rejected the session token`,
		advice: 'Enter the Session Token that came with',
	},
	{
		from: 'Alibaba OSS (HTTP status code 403: InvalidSecurityToken)',
		to: { ...ALIBABA, ...temporary },
		status: 403,
		body: xml('InvalidSecurityToken', 'The security token you provided is invalid.'),
		message: `${MINE} rejected the session token`,
		advice: 'Session Token',
	},
];

const TIMES: Case[] = [
	{
		from: 'Amazon S3 (error responses: RequestTimeTooSkewed)',
		to: AMAZON,
		status: 403,
		body: xml(
			'RequestTimeTooSkewed',
			'The difference between the request time and the current time is too large.',
			'<RequestTime>20261128T120000Z</RequestTime><ServerTime>2026-11-28T15:00:00Z</ServerTime>',
		),
		message: `${MINE} rejected the request because of its timestamp`,
		advice: 'The clock of the n8n host is off by more than 15 minutes; correct it.',
	},
	{
		from: 'Baidu BOS (error codes: RequestExpired)',
		to: BAIDU,
		status: 400,
		body: xml('RequestExpired', 'Request has expired. Timestamp date is 2026-11-28T12:00:00Z.'),
		message: `${MINE} rejected the request as expired`,
		advice: 'The clock of the n8n host is off',
	},
	{
		from: 'Tencent COS (troubleshooting 403: Request has expired)',
		to: { ...TENCENT, ...temporary },
		status: 403,
		body: xml('AccessDenied', 'Request has expired', '<Resource>/</Resource>'),
		message: `${MINE} rejected the request as expired`,
		advice: `Either the temporary credentials ${CREDENTIAL} have expired, or the clock`,
	},
	{
		from: 'Cloudflare R2 (error codes: 10018)',
		to: R2,
		status: 400,
		body: xml('ExpiredRequest', 'Request has expired'),
		message: `${MINE} rejected the request as expired`,
		advice: 'clock',
	},
	{
		from: 'MinIO (api-errors: RequestNotValidYet)',
		to: MINIO,
		status: 403,
		body: xml('RequestNotValidYet', 'Request is not valid yet'),
		message: `${MINE} rejected the request because of its timestamp`,
		advice: 'off by more than 15 minutes',
	},
];

const DENIALS: Case[] = [
	{
		from: 'Amazon S3, plain, to a listing',
		to: AMAZON,
		status: 403,
		body: xml('AccessDenied', 'Access Denied'),
		message: 'This access key is not allowed to list the bucket "my-recordings"',
		advice: 'Grant the key s3:ListBucket for this bucket.',
	},
	{
		from: 'Amazon S3, plain, to a read',
		to: { ...AMAZON, ...read },
		status: 403,
		body: xml('AccessDenied', 'Access Denied'),
		message: `This access key is not allowed to read "${KEY}" in the bucket "my-recordings"`,
		advice:
			'Grant the key s3:GetObject for this bucket. Without permission to list, a missing file',
	},
	{
		from: 'Amazon S3, plain, to an upload',
		to: { ...AMAZON, ...write },
		status: 403,
		body: xml('AccessDenied', 'Access Denied'),
		message: 'This access key is not allowed to write to the bucket "my-recordings"',
		advice: 'Grant the key s3:PutObject for this bucket. If it is limited to a folder',
	},
	{
		from: 'Amazon S3, which names the action since 2024 (S3 User Guide: access denied messages)',
		to: AMAZON,
		status: 403,
		body: xml(
			'AccessDenied',
			`User: ${SECRETS[6]} is not authorized to perform: s3:ListBucket on resource: &quot;arn:aws:s3:::kms-quota-expired&quot; because no identity-based policy allows the s3:ListBucket action`,
		),
		message:
			'This access key is not allowed to perform s3:ListBucket on the bucket "my-recordings"',
		advice: 'Grant the key s3:ListBucket for this bucket.',
	},
	{
		from: 'Amazon S3, an explicit deny',
		to: { ...AMAZON, ...write },
		status: 403,
		body: xml(
			'AccessDenied',
			`User: ${SECRETS[6]} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::my-recordings/a" with an explicit deny in a service control policy`,
		),
		message: 'A policy denies this access key s3:PutObject on the bucket "my-recordings"',
		advice: 'Remove the Deny rule from the service control policy',
	},
	{
		from: 'Amazon S3, a key that was found in public (issue threads: AWSCompromisedKeyQuarantine)',
		to: AMAZON,
		status: 403,
		body: xml(
			'AccessDenied',
			`User: ${SECRETS[6]} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::my-recordings" with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3`,
		),
		message:
			'AWS has quarantined the access key for the bucket "my-recordings" because it was publicly exposed',
		advice: 'Delete the key in IAM',
	},
	{
		from: 'Amazon S3, no right to the KMS key',
		to: { ...AMAZON, ...read },
		status: 403,
		body: xml(
			'AccessDenied',
			`User: ${SECRETS[6]} is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:123456789012:key/fake because no identity-based policy allows the kms:Decrypt action`,
		),
		message: `"${KEY}" in the bucket "my-recordings" is encrypted with a KMS key that this access key is not allowed to use`,
		advice: 'Allow the access key kms:Decrypt and kms:GenerateDataKey',
	},
	{
		from: 'Amazon S3, a disabled KMS key',
		to: { ...AMAZON, ...read },
		status: 400,
		body: xml('KMS.DisabledException', 'arn:aws:kms:eu-west-1:123456789012:key/fake is disabled.'),
		message: `"${KEY}" in the bucket "my-recordings" is encrypted with a KMS key that is disabled or deleted`,
		advice: 'enabled',
	},
	{
		from: 'Alibaba OSS (HTTP status code 403: forbidden by kms)',
		to: { ...ALIBABA, ...read },
		status: 403,
		body: xml('AccessDenied', 'This request is forbidden by kms.'),
		message: `"${KEY}" in the bucket "my-recordings" is encrypted with a KMS key that this access key is not allowed to use`,
		advice: 'KMS key',
	},
	{
		from: 'Alibaba OSS, a RAM policy (0003-00000201)',
		to: ALIBABA,
		status: 403,
		body: xml(
			'AccessDenied',
			'Access denied by bucket policy.',
			'<AccessDeniedDetail><NoPermissionType>ExplicitDeny</NoPermissionType></AccessDeniedDetail>',
		),
		message: 'A policy denies this access key permission to list on the bucket "my-recordings"',
		advice: 'Remove the Deny rule from the bucket policy',
	},
	{
		from: 'Alibaba OSS, a bucket of somebody else',
		to: ALIBABA,
		status: 403,
		body: xml('AccessDenied', 'The bucket you access does not belong to you.'),
		message: `${MINE} belongs to a different account than the access key`,
		advice: 'both must belong to the same account',
	},
	{
		from: 'Google Cloud Storage, plain; the details name the service account',
		to: GOOGLE,
		status: 403,
		body: xml(
			'AccessDenied',
			'Access denied.',
			`<Details>${SECRETS[7]} does not have storage.objects.list access to the Google Cloud Storage bucket. Permission denied on resource (or it may not exist).</Details>`,
		),
		message:
			'This access key is not allowed to perform storage.objects.list on the bucket "my-recordings"',
		advice: 'Grant the key storage.objects.list for this bucket.',
	},
	{
		from: 'Google Cloud Storage (XML API: UserProjectMissing)',
		to: GOOGLE,
		status: 400,
		body: xml(
			'UserProjectMissing',
			'Bucket is a requester pays bucket but no user project provided.',
		),
		message: `${MINE} has Requester Pays turned on, which is not supported`,
		advice: 'Turn off Requester Pays',
	},
	{
		from: 'Backblaze B2, a spending cap (issue threads: Transaction cap exceeded)',
		to: B2,
		status: 403,
		body: xml(
			'AccessDenied',
			'Transaction cap exceeded, see the Caps &amp; Alerts page to increase your cap',
		),
		message: `${MINE} has reached a spending cap of its account`,
		advice: 'Caps & Alerts',
	},
	{
		from: 'Backblaze B2, the download host with its own JSON',
		to: { ...B2, ...read },
		status: 403,
		headers: { 'content-type': 'application/json' },
		body: '{"code": "download_cap_exceeded", "message": "Cannot download file, download bandwidth or transaction (Class B) cap exceeded. See the Caps & Alerts page to increase your cap.", "status": 403}',
		message: `${MINE} has reached a spending cap of its account`,
		advice: 'Raise the cap',
	},
	{
		from: 'Backblaze B2, a key without a capability',
		to: B2,
		status: 403,
		body: xml('AccessDenied', 'not entitled'),
		message: 'This access key is not allowed to list the bucket "my-recordings"',
		advice: 'Grant the key the capability listFiles',
	},
	{
		from: 'Cloudflare R2 (error codes: 10003)',
		to: R2,
		status: 403,
		body: xml('AccessDenied', 'Access Denied'),
		message: 'This access key is not allowed to list the bucket "my-recordings"',
		advice: 'Grant the key Object Read & Write',
	},
	{
		from: 'Ceph RGW, which sends no message',
		to: { ...CEPH, ...read },
		status: 403,
		body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><RequestId>tx00-fakeRequestId42</RequestId></Error>',
		message: `This access key is not allowed to read "${KEY}" in the bucket "my-recordings"`,
		advice: 's3:GetObject',
	},
	{
		from: 'any storage, 403 without a body',
		to: { ...MINIO, ...read },
		status: 403,
		body: '',
		message: `This access key is not allowed to read "${KEY}" in the bucket "my-recordings"`,
		advice: 's3:GetObject',
	},
	{
		from: 'Wasabi, a trial that ended',
		to: WASABI,
		status: 403,
		body: xml('AccessDenied', 'The free trial of this account has expired.'),
		message: 'The account of the bucket "my-recordings" is suspended or has a billing problem',
		advice: 'unpaid invoices',
	},
	{
		from: 'Amazon S3, an object below Object Lock',
		to: { ...AMAZON, ...write },
		status: 403,
		body: xml('AccessDenied', 'Access Denied because object protected by object lock.'),
		message: `"${KEY}" in the bucket "my-recordings" is locked by a retention period and can't be overwritten`,
		advice: 'Wait until the retention period ends',
	},
];

const OBJECTS: Case[] = [
	{
		from: 'Amazon S3 (error responses: InvalidObjectState)',
		to: { ...AMAZON, ...read },
		status: 403,
		body: xml(
			'InvalidObjectState',
			"The operation is not valid for the object's storage class",
			'<StorageClass>GLACIER</StorageClass>',
		),
		message: `"${KEY}" in the bucket "my-recordings" is archived in Glacier and must be restored first`,
		advice: 'Restore the file in the storage console',
	},
	{
		from: 'Amazon S3, Intelligent-Tiering',
		to: { ...AMAZON, ...read },
		status: 403,
		body: xml(
			'InvalidObjectState',
			"The operation is not valid for the object's access tier",
			'<StorageClass>INTELLIGENT_TIERING</StorageClass><AccessTier>DEEP_ARCHIVE_ACCESS</AccessTier>',
		),
		message: `"${KEY}" in the bucket "my-recordings" is archived in Intelligent-Tiering Deep Archive Access and must be restored first`,
		advice: 'Restore',
	},
	{
		from: 'Alibaba OSS (HTTP status code 403: InvalidObjectState)',
		to: { ...ALIBABA, ...read },
		status: 403,
		body: xml('InvalidObjectState', "The operation is not valid for the object's state"),
		message: `"${KEY}" in the bucket "my-recordings" is archived and must be restored first`,
		advice: 'Restore',
	},
	{
		from: 'Amazon S3 and Backblaze B2, upload to a bucket with Object Lock (issue threads)',
		to: { ...B2, ...write },
		status: 400,
		body: xml(
			'InvalidRequest',
			'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
		),
		message: `${MINE} requires a checksum with every upload, because Object Lock is on`,
		advice: 'Turn off the default retention',
	},
	{
		from: 'MinIO (api-errors: ObjectLocked)',
		to: { ...MINIO, ...write },
		status: 400,
		body: xml('InvalidRequest', 'Object is WORM protected and cannot be overwritten'),
		message: `"${KEY}" in the bucket "my-recordings" is locked by a retention period and can't be overwritten`,
		advice: 'another bucket',
	},
	{
		from: 'Amazon S3, an object with SSE-C',
		to: { ...AMAZON, ...read },
		status: 400,
		body: xml(
			'InvalidRequest',
			'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
		),
		message: `"${KEY}" in the bucket "my-recordings" is encrypted with a customer-provided key (SSE-C)`,
		advice: 'without SSE-C',
	},
];

const BUCKETS: Case[] = [
	{
		from: 'Amazon S3 (error responses: NoSuchBucket)',
		to: AMAZON,
		status: 404,
		body: xml('NoSuchBucket', 'The specified bucket does not exist'),
		message: `${MINE} does not exist`,
		advice: `Check Bucket and Region ${CREDENTIAL}.`,
	},
	{
		from: 'Tencent COS, a name without the number of the account',
		to: TENCENT,
		status: 404,
		body: xml('NoSuchBucket', 'The specified bucket does not exist.'),
		message: `${MINE} does not exist`,
		advice: 'The name ends with the APPID',
	},
	{
		from: 'MinIO, the bucket in Endpoint and in Bucket',
		to: MINIO,
		status: 404,
		body: xml('NoSuchBucket', 'The specified bucket does not exist'),
		message: `${MINE} does not exist`,
		advice: 'The endpoint must not contain the bucket',
	},
	{
		from: 'any storage, 404 without a body',
		to: CEPH,
		status: 404,
		body: '',
		message: `${MINE} does not exist`,
		advice: 'Check Bucket and Endpoint',
	},
	{
		from: 'Supabase, a project that does not exist (internal/errors/codes)',
		to: SUPABASE,
		status: 400,
		body: xml('TenantNotFound', 'Missing tenant config for tenant fake'),
		message: 'The project of the bucket "my-recordings" does not exist',
		advice: 'A paused Supabase project must be restored first.',
	},
	{
		from: 'Tencent COS (bucket domain security management notice)',
		to: { ...TENCENT, custom: true },
		status: 403,
		body: xml(
			'PathStyleDomainForbidden',
			'The bucket you are attempting to access must be addressed using COS virtual-styled domain.',
		),
		message: `${MINE} only accepts virtual-hosted-style URLs`,
		advice: `Select Virtual-Hosted as Addressing ${CREDENTIAL}.`,
	},
	{
		from: 'Alibaba OSS (HTTP status code 403: SecondLevelDomainForbidden)',
		to: ALIBABA,
		status: 403,
		body: xml('SecondLevelDomainForbidden', 'Please use virtual hosted style to access.'),
		message: `${MINE} only accepts virtual-hosted-style URLs`,
		advice: 'lowercase letters, digits and hyphens',
	},
	{
		from: 'Huawei OBS (issue threads: VirtualHostDomainRequired)',
		to: { ...HUAWEI, custom: true },
		status: 403,
		body: xml(
			'VirtualHostDomainRequired',
			'Virtual host domain is required when accessing a specific bucket.',
		),
		message: `${MINE} only accepts virtual-hosted-style URLs`,
		advice: 'Select Virtual-Hosted',
	},
	{
		from: 'Amazon S3 (issue threads: AllAccessDisabled, the name of somebody else)',
		to: AMAZON,
		status: 403,
		body: xml('AllAccessDisabled', 'All access to this object has been disabled'),
		message: 'All access to the bucket "my-recordings" has been disabled',
		advice: 'the bucket may belong to another account',
	},
	{
		from: 'Alibaba OSS (HTTP status code 403: UserDisable)',
		to: ALIBABA,
		status: 403,
		body: xml('UserDisable', 'UserDisable', '<EC>0003-00000801</EC>'),
		message: 'The account of the bucket "my-recordings" is suspended or has a billing problem',
		advice: 'unpaid invoices',
	},
	{
		from: 'Huawei OBS (error codes: InArrearOrInsufficientBalance)',
		to: HUAWEI,
		status: 403,
		body: xml(
			'InArrearOrInsufficientBalance',
			'The subscriber owes fees or has an insufficient balance.',
		),
		message: 'The account of the bucket "my-recordings" is suspended or has a billing problem',
		advice: 'unpaid invoices',
	},
	{
		from: 'Ceph RGW (rgw_common: UserSuspended)',
		to: CEPH,
		status: 403,
		body: xml('UserSuspended'),
		message: 'The account of the bucket "my-recordings" is suspended or has a billing problem',
		advice: 'status',
	},
	{
		from: 'Amazon S3 (error responses: NotSignedUp)',
		to: AMAZON,
		status: 403,
		body: xml('NotSignedUp', 'Your account is not signed up for the Amazon S3 service.'),
		message: 'The account of the bucket "my-recordings" is suspended or has a billing problem',
		advice: "vendor's support",
	},
	{
		from: 'Ceph RGW, DigitalOcean (rgw_common: QuotaExceeded)',
		to: { ...SPACES, ...write },
		status: 403,
		body: xml('QuotaExceeded'),
		message: `${MINE} is full or over its quota`,
		advice: 'raise the quota',
	},
	{
		from: 'MinIO (api-errors: XMinioStorageFull)',
		to: { ...MINIO, ...write },
		status: 507,
		body: xml('XMinioStorageFull', 'Storage backend has reached its minimum free drive threshold.'),
		message: `${MINE} is full or over its quota`,
		advice: 'Delete files',
	},
	{
		from: 'MinIO (api-errors: XMinioAdminBucketQuotaExceeded)',
		to: { ...MINIO, ...write },
		status: 400,
		body: xml('XMinioAdminBucketQuotaExceeded', 'Bucket quota exceeded'),
		message: `${MINE} is full or over its quota`,
		advice: 'Delete files',
	},
];

const SERVERS: Case[] = [
	{
		from: 'MinIO, the console in place of the API: its page, whatever was asked',
		to: own('minio.example.com:9001'),
		status: 200,
		headers: { 'content-type': 'text/html' },
		body: '<!doctype html><html lang="en"><head><title>MinIO Console</title></head></html>',
		message: 'The endpoint "minio.example.com:9001" returned a web page, so it is not the S3 API',
		advice: "MinIO: the API port 9000, not the console's 9001.",
	},
	{
		from: 'MinIO, the console of newer servers (issue threads: made to API port)',
		to: own('minio.example.com:9001'),
		status: 400,
		body: xml('InvalidArgument', 'S3 API Requests must be made to API port.'),
		message: 'The endpoint "minio.example.com:9001" is MinIO\'s console, not its S3 API',
		advice: "usually 9000, not the console's 9001",
	},
	{
		from: 'a captive portal or web filter',
		to: AMAZON,
		status: 403,
		headers: { 'content-type': 'text/html; charset=utf-8' },
		body: '<html><body>Blocked</body></html>',
		message:
			'The endpoint "s3.us-east-1.amazonaws.com" returned a web page, so it is not the S3 API',
		advice: 'A proxy, firewall or login page responds',
	},
	{
		from: 'a login page in front of an own server',
		to: CEPH,
		status: 302,
		headers: { location: 'https://login.example.net/signin?next=%2F' },
		body: '',
		message: 'The endpoint "rgw.example.com" redirects to "login.example.net"',
		advice: 'A redirect to a login page means',
	},
	{
		from: 'nginx, http to https',
		to: CEPH,
		status: 301,
		headers: {
			location: 'https://rgw.example.com/my-recordings?list-type=2',
			'content-type': 'text/html',
		},
		body: '<html><head><title>301 Moved Permanently</title></head></html>',
		message: 'The endpoint "rgw.example.com" expects HTTPS',
		advice: 'Change Endpoint to start with https://',
	},
	{
		from: 'nginx, plain HTTP on the HTTPS port',
		to: CEPH,
		status: 400,
		headers: { 'content-type': 'text/html' },
		body: '<html><body><center>The plain HTTP request was sent to HTTPS port</center></body></html>',
		message: 'The endpoint "rgw.example.com" expects HTTPS',
		advice: 'https://',
	},
	{
		from: 'MinIO and other servers in Go, plain HTTP to HTTPS',
		to: MINIO,
		status: 400,
		body: 'Client sent an HTTP request to an HTTPS server.\n',
		message: 'The endpoint "minio.example.com:9000" expects HTTPS',
		advice: 'https://',
	},
	{
		from: 'Supabase, an endpoint without /storage/v1/s3: the gateway answers',
		to: SUPABASE,
		status: 404,
		headers: { 'content-type': 'application/json' },
		body: '{"message":"no Route matched with those values"}',
		message:
			'The endpoint "abcdefghijklmnopqrst.storage.supabase.co" does not respond like an S3 API (HTTP 404)',
		advice: "Supabase's ends with /storage/v1/s3.",
	},
	{
		from: 'Supabase, the gateway asks for its own key',
		to: SUPABASE,
		status: 401,
		headers: { 'content-type': 'application/json' },
		body: '{"message":"No API key found in request"}',
		message:
			'The endpoint "abcdefghijklmnopqrst.storage.supabase.co" does not respond like an S3 API (HTTP 401)',
		advice: '/storage/v1/s3',
	},
	{
		from: 'a server in Go that has no such path',
		to: CEPH,
		status: 404,
		headers: { 'content-type': 'text/plain' },
		body: '404 page not found\n',
		message: 'The endpoint "rgw.example.com" does not respond like an S3 API (HTTP 404)',
		advice: 'Enter the full URL of the S3 API',
	},
	{
		from: 'a website endpoint or CDN',
		to: CEPH,
		status: 405,
		body: '',
		message: 'The endpoint "rgw.example.com" does not support this request (HTTP 405)',
		advice: "a website, CDN or console URL doesn't work",
	},
	{
		from: 'Amazon S3 (error responses: MethodNotAllowed)',
		to: AMAZON,
		status: 405,
		body: xml('MethodNotAllowed', 'The specified method is not allowed against this resource.'),
		message: 'The endpoint "s3.us-east-1.amazonaws.com" does not support this request (HTTP 405)',
		advice: 'A proxy may also block the request.',
	},
	{
		from: 'a proxy that drops Content-Length',
		to: { ...MINIO, ...write },
		status: 411,
		body: '',
		message: 'The request to the bucket "my-recordings" was modified in transit',
		advice: 'changes the body or its length',
	},
	{
		from: 'MinIO 2019, Storj (issue threads: NotImplemented)',
		to: MINIO,
		status: 501,
		body: xml(
			'NotImplemented',
			'A header you provided implies functionality that is not implemented',
		),
		message: 'The endpoint "minio.example.com:9000" does not support this request (HTTP 501)',
		advice: 'Enter the URL of the S3 API',
	},
	{
		from: 'MinIO (api-errors: XMinioServerNotInitialized)',
		to: MINIO,
		status: 503,
		body: xml('XMinioServerNotInitialized', 'Server not initialized yet, please try again.'),
		message: 'The MinIO server of the bucket "my-recordings" is not ready',
		advice: 'too many of its drives are offline',
	},
	{
		from: 'Amazon S3 (error responses: SlowDown)',
		to: AMAZON,
		status: 503,
		headers: { 'retry-after': '7' },
		body: xml('SlowDown', 'Please reduce your request rate.'),
		message: `${MINE} received too many requests`,
		advice: 'Try again in a minute',
	},
	{
		from: 'Storj, Google: 429 without a code',
		to: GOOGLE,
		status: 429,
		body: '',
		message: `${MINE} received too many requests`,
		advice: 'poll less often',
	},
	{
		from: 'a load balancer without a server behind it',
		to: CEPH,
		status: 502,
		headers: { 'content-type': 'text/html' },
		body: '<html><head><title>502 Bad Gateway</title></head></html>',
		message: `${MINE} is temporarily unavailable`,
		advice: 'Try again in a few minutes.',
	},
	{
		from: 'Supabase, its database is slow (internal/errors/codes)',
		to: SUPABASE,
		status: 544,
		body: xml('DatabaseTimeout', 'The connection to the database timed out'),
		message: `${MINE} is temporarily unavailable`,
		advice: 'few minutes',
	},
	{
		from: 'Amazon S3 (error responses: RequestTimeout)',
		to: AMAZON,
		status: 400,
		body: xml(
			'RequestTimeout',
			'Your socket connection to the server was not read from or written to.',
		),
		message: `${MINE} is temporarily unavailable`,
		advice: 'few minutes',
	},
	{
		from: 'any storage, a code that nobody knows',
		to: CEPH,
		status: 400,
		body: xml('InvalidTargetBucketForLogging', 'fake'),
		message: `${MINE} returned the error InvalidTargetBucketForLogging (HTTP 400)`,
		advice: 'Look up the error',
	},
	{
		from: 'any storage, something that is no code',
		to: CEPH,
		status: 400,
		body: xml('AKIAFAKEFAKEFAKEFAKE', 'fake'),
		message: `${MINE} returned an error (HTTP 400)`,
		advice: 'Look up the error',
	},
	{
		from: 'any storage, a code that is a property of every object',
		to: CEPH,
		status: 400,
		body: xml('constructor'),
		message: `${MINE} returned an error (HTTP 400)`,
		advice: 'Look up the error',
	},
];

const fault = ({ to, status, headers = {}, body }: Omit<Case, 'from' | 'message' | 'advice'>) =>
	s3Fault({ status, headers, body }, to);

describe('s3Fault', () => {
	describe.each([
		['a wrong region', REGIONS],
		['keys, signatures and tokens', KEYS],
		['time', TIMES],
		['denied access', DENIALS],
		['one object', OBJECTS],
		['bucket and account', BUCKETS],
		['endpoint and server', SERVERS],
	])('%s', (_kind, cases) => {
		it.each(cases)('$from', (one) => {
			const { message, details } = fault(one);
			expect(message).toBe(one.message);
			expect(details.description).toContain(one.advice);
			expect(details.httpCode).toBe(String(one.status));
			const all = JSON.stringify({ message, details });
			for (const secret of SECRETS) expect(all).not.toContain(secret);
		});
	});

	it.each([
		[REGIONS[0], 'configuration-invalid'],
		[KEYS[0], 'credential-invalid'],
		[BUCKETS.find(({ body }) => body.includes('QuotaExceeded')), 'quota-exhausted'],
		[SERVERS.find(({ body }) => body.includes('SlowDown')), 'rate-limited'],
		[SERVERS.find(({ status }) => status === 502), 'temporarily-unavailable'],
	])('passes the cause to n8n: %#', (one, cause) => {
		expect(fault(one as Case).details.cause).toBe(cause);
	});

	it.each([
		['credential-invalid', 'AccessDenied SignatureDoesNotMatch InvalidAccessKeyId Unauthorized'],
		['credential-invalid', 'ExpiredToken InvalidToken RequestExpired'],
		['rate-limited', 'SlowDown QpsLimitExceeded'],
		['quota-exhausted', 'QuotaExceeded XMinioStorageFull download_cap_exceeded'],
		['temporarily-unavailable', 'InternalError TemporaryRedirect SlowDownRead'],
		['configuration-invalid', 'PermanentRedirect InvalidRegionName RequestTimeTooSkewed'],
		['configuration-invalid', 'MissingSecurityHeader AccountProblem UserProjectMissing'],
		['configuration-invalid', 'NoSuchBucket InvalidBucketName TenantNotFound FeatureNotEnabled'],
		['configuration-invalid', 'VirtualHostDomainRequired InvalidObjectState ObjectLocked'],
		['configuration-invalid', 'MissingContentMD5 KMS.DisabledException AllAccessDisabled'],
		['configuration-invalid', 'BucketNotBelongTo BadDigest MethodNotAllowed UnknownToUs'],
	])('passes the cause %s to n8n for %s', (cause, codes) => {
		for (const code of codes.split(' ')) {
			const { details } = fault({ to: AMAZON, status: 400, body: xml(code) });
			expect([code, details.cause]).toEqual([code, cause]);
		}
	});

	it.each([
		['credential-invalid', 'explicit deny in a policy'],
		['credential-invalid', 'AWSCompromisedKeyQuarantineV3'],
		['quota-exhausted', 'Transaction cap exceeded'],
		['quota-exhausted', 'over its quota'],
		['configuration-invalid', 'addressed using the specified endpoint'],
		['configuration-invalid', 'kms:Decrypt'],
		['configuration-invalid', 'under legal hold'],
	])('passes the cause %s to n8n for a denial with "%s"', (cause, sentence) => {
		const { details } = fault({ to: AMAZON, status: 403, body: xml('AccessDenied', sentence) });
		expect(details.cause).toBe(cause);
	});

	it.each([
		['configuration-invalid', 400, '<html></html>'],
		['configuration-invalid', 400, 'The plain HTTP request was sent to HTTPS port'],
		['configuration-invalid', 200, '{}'],
		['configuration-invalid', 302, ''],
		['configuration-invalid', 400, xml('InvalidArgument', 'made to API port')],
		['credential-invalid', 400, xml('InvalidArgument', 'access key has length 53')],
		['configuration-invalid', 400, xml('InvalidRequest', 'customer provided key')],
		['credential-invalid', 401, ''],
		['configuration-invalid', 404, ''],
		['rate-limited', 429, ''],
		['temporarily-unavailable', 503, ''],
		['configuration-invalid', 501, ''],
		['quota-exhausted', 507, ''],
	])('passes the cause %s to n8n for HTTP %d with %j', (cause, status, body) => {
		expect(fault({ to: MINIO, status, body }).details.cause).toBe(cause);
	});

	const denial = (to: StorageTarget, body = xml('AccessDenied')) => {
		const { message, details } = fault({ to, status: 403, body });
		return { message, advice: details.description ?? '' };
	};

	it.each<[string, StorageTarget, string[]]>([
		[
			'Google',
			GOOGLE,
			['storage.objects.list (', 'storage.objects.get (', 'storage.objects.create ('],
		],
		['Alibaba', ALIBABA, ['oss:ListObjects', 'oss:GetObject', 'oss:PutObject']],
		[
			'Backblaze',
			B2,
			['the capability listFiles', 'the capability readFiles', 'the capability writeFiles'],
		],
		['Cloudflare', R2, Array<string>(3).fill('Object Read & Write')],
		['Amazon', AMAZON, ['s3:ListBucket', 's3:GetObject', 's3:PutObject']],
		['other storage', CEPH, ['s3:ListBucket', 's3:GetObject', 's3:PutObject']],
	])('names the missing permission as %s does', (_, to, grants) => {
		const advice = [to, { ...to, ...read }, { ...to, ...write }].map((each) => denial(each).advice);
		for (const [i, grant] of grants.entries()) {
			expect(advice[i]!.startsWith(`Grant the key ${grant}`)).toBe(true);
		}
		expect(advice[0]).toContain('If it already has it, check Bucket');
		expect(advice[1]).toContain('a missing file causes the same error');
		expect(advice[2]).toContain('enter the folder as File Name Prefix');
	});

	it('has no other causes if the storage names the permission', () => {
		const body = xml('AccessDenied', 'not authorized to perform: s3:ListBucket');
		expect(denial(AMAZON, body)).toEqual({
			message: `This access key is not allowed to perform s3:ListBucket on the bucket "my-recordings"`,
			advice: 'Grant the key s3:ListBucket for this bucket.',
		});
	});

	it.each<[string, StorageTarget, string]>([
		['list', AMAZON, 'A policy denies this access key permission to list on the bucket'],
		['read', { ...AMAZON, ...read }, 'A policy denies this access key permission to read on'],
		['write', { ...AMAZON, ...write }, 'A policy denies this access key permission to write on'],
	])('names the action that a policy denies: %s', (_, to, message) => {
		const explained = denial(to, xml('AccessDenied', 'explicit deny'));
		expect(explained.message).toContain(message);
		expect(explained.advice).toContain('the Deny rule from the bucket policy,');
	});

	it.each([
		['a service control policy', 'service control policy'],
		['a Session Policy', 'session policy'],
		['a VPC endpoint policy', 'VPC endpoint policy'],
	])('names the kind of policy: %s', (text, policy) => {
		const { advice } = denial(AMAZON, xml('AccessDenied', `explicit deny in ${text}`));
		expect(advice).toContain(`Remove the Deny rule from the ${policy},`);
	});

	it.each<[string, StorageTarget, string, string]>([
		['GLACIER', CEPH, 'StorageClass', ' in Glacier and'],
		['DEEP_ARCHIVE', CEPH, 'StorageClass', ' in Glacier Deep Archive and'],
		['ARCHIVE_ACCESS', CEPH, 'AccessTier', ' in Intelligent-Tiering Archive Access and'],
		['DEEP_ARCHIVE_ACCESS', CEPH, 'AccessTier', ' in Intelligent-Tiering Deep Archive Access and'],
		['UNHEARD_OF', CEPH, 'StorageClass', ' is archived and'],
		['UNHEARD_OF', AMAZON, 'StorageClass', ' in Glacier and'],
	])('names the archive: %s', (name, to, element, expected) => {
		const body = xml('InvalidObjectState', '', `<${element}>${name}</${element}>`);
		expect(denial({ ...to, ...read }, body).message).toContain(expected);
	});

	it('names no file if the request was not for one', () => {
		const body = xml('InvalidObjectState');
		expect(denial(CEPH, body).message).toBe(
			'A file in the bucket "my-recordings" is archived and must be restored first',
		);
		expect(denial({ ...CEPH, action: 'read' }).message).toBe(
			'This access key is not allowed to read files in the bucket "my-recordings"',
		);
	});

	it.each<[string, StorageTarget, string]>([
		['Google', GOOGLE, 'Create an HMAC key in Cloud Storage'],
		['Amazon', AMAZON, 'A key that begins with ASIA is temporary'],
		['Backblaze', B2, 'Create an application key in the Backblaze console'],
		['other storage', CEPH, 'or belongs to another vendor or region'],
	])('advises about an unknown key of %s', (_, to, advice) => {
		expect(denial(to, xml('InvalidAccessKeyId')).advice).toContain(advice);
	});

	it.each<[string, StorageTarget, string]>([
		['Tencent', TENCENT, 'The name ends with the APPID'],
		['other storage', CEPH, 'The endpoint must not contain the bucket'],
		['Amazon', AMAZON, `Check Bucket and Region ${CREDENTIAL}.`],
	])('advises about a missing bucket of %s', (_, to, advice) => {
		expect(denial(to, xml('NoSuchBucket')).advice).toContain(advice);
	});

	it.each<[string, StorageTarget, RegExp]>([
		['a vendor', AMAZON, /Enter Secret Key again .*\. It must belong to the access key\.$/],
		[
			'a vendor, temporary',
			{ ...AMAZON, ...temporary },
			/Enter Access Key, Secret Key and Session Token again .* All three must be issued together\.$/,
		],
		['hosted storage', R2, /Then check Region \(us-east-1\)\.$/],
		['hosted storage without a region', { ...R2, region: '' }, /Then check Region\.$/],
		[
			'Amazon in China',
			own('s3.cn-north-1.amazonaws.com.cn'),
			/Then check Region \(us-east-1\)\.$/,
		],
		['Amazon elsewhere', own('s3.eu-west-1.amazonaws.com'), /Then check Region \(us-east-1\)\.$/],
		[
			'own storage',
			MINIO,
			/a reverse proxy in front of "minio.example.com:9000" .* Region \(us-east-1\)\.$/,
		],
		[
			'own storage that only looks hosted',
			own('r2.cloudflarestorage.com.example'),
			/a reverse proxy/,
		],
	])('advises about a wrong signature of %s', (_, to, advice) => {
		expect(denial(to, xml('SignatureDoesNotMatch')).advice).toMatch(advice);
	});

	describe('for a wrong region', () => {
		const moved = (to: StorageTarget, headers = {}, more = '') => {
			const body = xml('PermanentRedirect', '', more);
			const { message, details } = fault({ to, status: 301, headers, body });
			return `${message}: ${details.description!}`;
		};
		const region = { 'x-amz-bucket-region': 'eu-west-1' };

		it('compares it with that of the credential, if there is one', () => {
			expect(moved(MINIO, region)).toContain('is in the region eu-west-1, not us-east-1: ');
			expect(moved({ ...MINIO, region: '' }, region)).toContain('is in the region eu-west-1: ');
			const code = xml('InvalidRegion', "expecting 'home'");
			for (const [name, expected] of [
				['', 'expects the region home in signatures'],
				['us', 'expects the region home in signatures, not us'],
			] as const) {
				const to = { ...MINIO, region: name };
				expect(fault({ to, status: 400, body: code }).message.endsWith(expected)).toBe(true);
			}
		});

		it('advises to change the region in Endpoint if it contains the old one', () => {
			const also = ' Also change the region in Endpoint.';
			const custom = own('s3.us-east-1.example.com');
			expect(moved(custom, region)).toContain(also);
			expect(moved(MINIO, region)).not.toContain(also);
			expect(moved({ ...custom, region: '' }, region)).not.toContain(also);
			const endpoint = '<Endpoint>s3.eu-west-1.example.com</Endpoint>';
			expect(moved(custom, region, endpoint)).not.toContain(also);
			expect(moved(custom, region, endpoint)).toContain(
				'Set Endpoint to https://s3.eu-west-1.example.com and Region to eu-west-1',
			);
		});

		it.each([
			['http://s3.west.example.com/a', 'http://s3.west.example.com '],
			['HTTP://s3.west.example.com/a', 'http://s3.west.example.com '],
			['https://s3.west.example.com/?to=http:', 'https://s3.west.example.com '],
		])('recommends the scheme of a redirect to %s', (location, expected) => {
			expect(moved(own('s3.example.com'), { location })).toContain(`Set Endpoint to ${expected}`);
		});

		it('recommends HTTPS without a redirect', () => {
			const endpoint = '<Endpoint>s3.west.example.com</Endpoint>';
			expect(moved(own('s3.example.com'), {}, endpoint)).toContain(
				'Set Endpoint to https://s3.west.example.com ',
			);
		});
	});

	it.each([
		['does not respond like an S3 API', CEPH],
		[
			'does not respond like a Blob service',
			{ ...CEPH, vendorLabel: 'Microsoft Azure Blob Storage' },
		],
	])('reports "%s" for JSON', (expected, to) => {
		expect(fault({ to, status: 400, body: '{}' }).message).toContain(expected);
	});

	it.each([
		['Requester Pays', 'requesterpays is on'],
		['does not recognize this access key', 'no such access key'],
		['does not recognize this access key', 'The access key you provided does not exist'],
		['does not recognize this access key', "Access Key Id doesn't exist"],
		['as expired', 'request expired'],
		['as expired', 'signature has expired'],
		['billing problem', 'account is in arrear'],
		['billing problem', 'account in arrears'],
	])('reports "%s" for the denial "%s"', (expected, sentence) => {
		expect(denial(AMAZON, xml('AccessDenied', sentence)).message).toContain(expected);
	});

	it.each(['customer provided key', 'customer-key', 'customerkey', 'server side encryption'])(
		'reports a key of the customer for the message "%s"',
		(sentence) => {
			const body = xml('InvalidRequest', sentence);
			expect(fault({ to: { ...AMAZON, ...read }, status: 400, body }).message).toContain('(SSE-C)');
		},
	);

	it('keeps the time of Retry-After', () => {
		const slowDown = SERVERS.find(({ headers }) => headers?.['retry-after'] !== undefined) as Case;
		expect(fault(slowDown).details.retryAfterMs).toBe(7000);
	});

	it.each([
		['is in a different region', 'Redirect'],
		['rejected the region', 'InvalidRegion'],
		[
			'is not allowed to list',
			'AccessForbidden Forbidden AllAccessDenied AccessDeniedException accessdenied',
		],
		['rejected the signature', 'InvalidSignature'],
		['does not recognize this access key', 'InvalidAccessKey InvalidClientTokenId'],
		['does not recognize this access key', 'UnrecognizedClientException'],
		['rejected these credentials', 'InvalidCredentials CredentialsNotSupported'],
		[
			'without a signature',
			'MissingSecurityHeader MissingAuthenticationToken AuthenticationRequired',
		],
		[
			'have expired',
			'ExpiredTokenException TokenExpired SecurityTokenExpired TokenRefreshRequired',
		],
		['session token', 'InvalidJWT'],
		['because of its timestamp', 'RequestNotYetValid'],
		['as expired', 'RequestIsExpired'],
		['does not exist', 'BucketNotFound'],
		['The name of', 'InvalidBucketName'],
		['is turned off', 'FeatureNotEnabled'],
		['must be restored first', 'ObjectNotInActiveTierError'],
		['is locked by a retention period', 'ObjectLocked FileImmutable'],
		['requires a checksum', 'MissingContentMD5'],
		['disabled or deleted', 'KMS.NotFoundException CloudKmsBadKey CloudKmsDisabledKey'],
		['disabled or deleted', 'CloudKmsDecryptionKeyNotFound CloudKmsEncryptionKeyNotFound'],
		['is not allowed to use', 'KMS.KMSInvalidStateException CloudKmsPermissionDenied'],
		['spending cap', 'download_cap_exceeded storage_cap_exceeded'],
		['over its quota', 'InsufficientStorageSpace InsufficientStorage InsufficientCapacity'],
		['over its quota', 'XMinioStorageBackendFull'],
		['billing problem', 'AccountProblem UserProjectAccountProblem NotEntitled InvalidPayer'],
		['billing problem', 'InDebt InDebtOverdue BucketDisable AbnormalBucketOwnerStatus'],
		['billing problem', 'DeregisterUserId FrozenUserId'],
		['belongs to a different account', 'BucketNotBelongTo'],
		['modified in transit', 'BadDigest XAmzContentSHA256Mismatch IncompleteBody'],
		['modified in transit', 'MissingContentLength LengthRequired'],
		['does not support this request', 'NotImplemented NoSuchWebsiteConfiguration'],
		['too many requests', 'TooManyRequests RequestLimitExceeded Throttling ThrottlingException'],
		['too many requests', 'BandwidthLimitExceeded QpsLimitExceeded'],
		['too many requests', 'DownloadTrafficRateLimitExceeded'],
		['temporarily unavailable', 'ServiceUnavailable InternalError ResourceLocked OperationAborted'],
		['is not ready', 'SlowDownRead SlowDownWrite'],
	])('reports "%s" for %s', (expected, codes) => {
		for (const code of codes.split(' ')) {
			expect(fault({ to: AMAZON, status: 400, body: xml(code) }).message).toContain(expected);
		}
	});

	it.each([
		['quota', 'You have reached the storage limit of your plan'],
		['session token', 'The security token included in the request is invalid'],
		['temporary credentials', 'The token has expired'],
		['Requester Pays turned on', 'The bucket has requester pays enabled'],
		['billing problem', 'The account has been disabled'],
		['retention period', 'The object is under legal hold'],
		['policy', 'You are denied by bucket referer policy.'],
	])('reports "%s" for a denial', (expected, sentence) => {
		const { message } = fault({ to: AMAZON, status: 403, body: xml('AccessDenied', sentence) });
		expect(message).toContain(expected);
	});

	it('reads a region from its element, and from a message with entities', () => {
		const code = 'AuthorizationHeaderMalformed';
		const element = xml(code, '', '<Region>office-1</Region>');
		const sentence = xml(code, 'the region is wrong; expecting &apos;office-1&apos;.');
		for (const body of [element, sentence]) {
			expect(fault({ to: MINIO, status: 400, body }).message).toContain(
				'expects the region office-1',
			);
		}
	});

	it('mentions the region in Endpoint only if it contains one', () => {
		const headers = { 'x-amz-bucket-region': 'office-1' };
		const { details } = fault({ to: MINIO, status: 301, headers, body: xml('PermanentRedirect') });
		expect(details.description).toBe(`Set Region to office-1 ${CREDENTIAL}.`);
	});

	it.each([
		['returned a web page', 400, 'Blocked', { 'content-type': 'text/html' }],
		['does not respond like an S3 API (HTTP 200)', 200, '', {}],
		['does not respond like an S3 API (HTTP 200)', 200, '<rss version="2.0"></rss>', {}],
		['does not respond like an S3 API (HTTP 302)', 302, '', { location: 'https:///' }],
	])('reports "%s" for %d %j', (expected, status, body, headers) => {
		const to = { ...CEPH, region: '' };
		expect(fault({ to, status, body, headers: { ...headers } }).message).toContain(expected);
	});

	it.each([
		['is temporarily unavailable', 500, xml('UnknownToUs')],
		['is temporarily unavailable', 500, '<html></html>'],
		['received too many requests', 429, '<html></html>'],
		['is in a different region', 300, ''],
		['does not respond like an S3 API', 400, '\n {"message": "no"}'],
		['does not respond like an S3 API', 404, 'not found'],
		['does not exist', 404, ' \n'],
		['returned an error (HTTP 400)', 400, 'Bad {request}'],
		['returned an error (HTTP 400)', 400, 'Bad request'],
	])('reports "%s" for HTTP %d with %j', (expected, status, body) => {
		expect(fault({ to: MINIO, status, body }).message).toContain(expected);
	});

	it.each<[string, StorageTarget, Record<string, string>]>([
		[
			'is in the region eu-west-1',
			AMAZON,
			{ location: 'https://s3.us-east-1.amazonaws.com/', 'x-amz-bucket-region': 'eu-west-1' },
		],
		['expects HTTPS', MINIO, { location: 'https://minio.example.com:9000/' }],
		['expects HTTPS', MINIO, { location: 'https://minio.example.com/' }],
		['does not respond like an S3 API', MINIO, { location: 'http://minio.example.com:9000/login' }],
		['redirects to "login.other.test"', MINIO, { location: 'https://login.other.test/' }],
		['is at the endpoint "s3.example.com"', MINIO, { location: 'https://s3.example.com/' }],
	])('reports "%s" for a redirect: %#', (expected, to, headers) => {
		const { message, details } = fault({ to, status: 302, headers, body: '' });
		expect(message).toContain(expected);
		expect(details.cause).toBe('configuration-invalid');
	});

	it('explains a refused forwarded host by a proxy', () => {
		const body = xml('InvalidRequest', 'Invalid X-Forwarded-Host header');
		expect(fault({ to: SUPABASE, status: 400, body }).message).toContain('was modified in transit');
	});

	it('recommends no endpoint of another owner', () => {
		const redirect = (endpoint: string, named: string) =>
			JSON.stringify(
				fault({
					to: own(endpoint),
					status: 301,
					body: xml('PermanentRedirect', '', `<Endpoint>${named}</Endpoint>`),
				}).details,
			);
		expect(redirect('s3.example.com', 's3.evil.test')).not.toContain('evil');
		expect(redirect('s3.example.co.uk', 's3.evil.co.uk')).not.toContain('evil');
		expect(redirect('10.0.0.5:9000', '99.9.0.5:9000')).not.toContain('99.9');
		expect(redirect('s3.example.com', 'AKIA_FAKE.example.com')).not.toMatch(/akia/i);
		expect(redirect('s3.example.com', 's3.west.example.com')).toContain('s3.west.example.com');
	});

	it('does not change a key that contains a placeholder', () => {
		const key = '100%s/$&/%s.m3u8';
		const { message } = fault({ to: { ...AMAZON, key }, status: 403, body: xml('AccessDenied') });
		expect(message).toBe(
			`This access key is not allowed to read "${key}" in the bucket "my-recordings"`,
		);
	});

	it('repeats no key, token or signature from anywhere in the response', () => {
		const secret = fc.oneof(
			fc.stringMatching(/^(?:AKIA|ASIA)[A-Z\d]{16}$/),
			fc.stringMatching(/^[A-Za-z\d+/]{30}[A-Z+/][a-z][+/][a-z][A-Z+/]{2}=?$/),
			fc.stringMatching(/^[\da-f]{32}$/),
			fc.stringMatching(/^[\da-f]{64}$/),
		);
		const codes = [
			...REGIONS,
			...KEYS,
			...TIMES,
			...DENIALS,
			...OBJECTS,
			...BUCKETS,
			...SERVERS,
		].map(({ body }) => /<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? '');
		const places = ['Code', 'Message', 'Details', 'Region', 'StorageClass', 'AccessTier'];
		const tos = [AMAZON, MINIO, R2, GOOGLE, { ...B2, ...read }];
		fc.assert(
			fc.property(
				secret,
				fc.constantFrom(...codes),
				fc.constantFrom(...places),
				fc.constantFrom(301, 307, 400, 401, 403, 404, 409, 500),
				fc.constantFrom(...tos),
				(leaked, code, place, status, to) => {
					const element = `<${place}>expecting '${leaked}', perform: s3:${leaked} ${leaked}</${place}>`;
					const alone = `<${place}>${leaked}</${place}>`;
					for (const put of [element, alone]) {
						const body = `<Error>${put}<Code>${code}</Code></Error>`;
						const headers = { 'x-amz-bucket-region': leaked, location: `/${leaked}` };
						const { message, details } = fault({ to, status, headers, body });
						expect(JSON.stringify({ message, details })).not.toContain(leaked);
					}
				},
			),
			{ numRuns: 1000 },
		);
	});
});

describe('errorCode', () => {
	it.each([
		['<Error><Code> NoSuchKey </Code></Error>', {}, 'NoSuchKey'],
		['\uFEFF<?xml version="1.0"?><Error><Code>BlobNotFound</Code></Error>', {}, 'BlobNotFound'],
		['', { 'x-ms-error-code': 'ContainerNotFound' }, 'ContainerNotFound'],
		['', {}, ''],
		['<Error><Code>not a code</Code></Error>', {}, ''],
	])('reads %j with %j', (body, headers, code) => {
		expect(errorCode({ status: 404, headers: headers as Record<string, string>, body })).toBe(code);
	});
});

describe('classifyRead', () => {
	const response = (status: number, body: string, headers = {}): HttpResponse => ({
		status,
		headers,
		body,
	});

	it.each([
		['missing', 404, xml('NoSuchKey')],
		['missing', 404, xml('BlobNotFound')],
		['missing', 404, ''],
		['failed', 404, xml('NoSuchBucket')],
		['failed', 404, xml('ContainerNotFound')],
		['failed', 404, '{"message":"no Route matched with those values"}'],
		['archived', 403, xml('InvalidObjectState')],
		['archived', 409, xml('BlobArchived')],
		['archived', 409, xml('BlobBeingRehydrated')],
		['denied', 403, xml('AccessDenied', 'Access Denied')],
		['denied', 403, ''],
		['denied', 403, xml('AccessDenied', 'is not authorized to perform: kms:Decrypt')],
		['denied', 403, xml('AccessDenied', 'with an explicit deny in a resource-based policy')],
		['denied', 403, xml('AuthorizationPermissionMismatch')],
		['denied', 403, xml('ObjectLocked')],
		['denied', 400, xml('KMS.DisabledException')],
		['denied', 400, xml('InvalidRequest', 'customer provided key')],
		['failed', 403, xml('AccessDenied', 'Request has expired')],
		['failed', 403, xml('AccessDenied', 'Transaction cap exceeded')],
		['failed', 403, xml('AccessDenied', 'Forbidden: No such key: fake')],
		['failed', 403, xml('AccessDenied', 'must be addressed using the specified endpoint')],
		['failed', 403, xml('SignatureDoesNotMatch')],
		['failed', 403, xml('InvalidAccessKeyId')],
		['failed', 403, xml('AuthenticationFailed')],
		['failed', 403, '<html><body>Blocked</body></html>'],
		['failed', 301, xml('PermanentRedirect')],
		['failed', 503, xml('SlowDown')],
	])('%s: case %#', (kind, status, body) => {
		expect(classifyRead(response(status, body))).toBe(kind);
	});

	it('finds an object missing only if nothing else is', () => {
		const container = { 'x-ms-error-code': 'ContainerNotFound' };
		const blob = { 'x-ms-error-code': 'BlobNotFound' };
		expect(classifyRead(response(404, '', container))).toBe('failed');
		expect(classifyRead(response(404, '', blob))).toBe('missing');
		expect(classifyRead(response(404, ' \n'))).toBe('missing');
	});
});
