import type { FaultCause } from '../http/errors';
import type { HttpResponse } from '../http/request';
import { decodeEntities } from './xml';

/** What a request was for: a listing, the bytes of an object, or an upload. */
export type StorageAction = 'list' | 'read' | 'write';

/** The request that the storage refused, as far as it is needed to explain why. Holds no secret. */
export interface StorageTarget {
	/** Name of the bucket or container. */
	bucket: string;
	/** The vendor's label in the credential, e.g. "Amazon S3". */
	vendorLabel: string;
	/** The region that signs, '' where there is none. */
	region: string;
	/** Host of the storage without the bucket, e.g. `s3.eu-west-1.amazonaws.com` or `minio.example.com:9000`. */
	endpoint: string;
	/** Whether the endpoint was typed by the user instead of following from vendor and region. */
	custom: boolean;
	/** Whether the credential expires: it has a session token, or on Azure a shared access signature. */
	temporary: boolean;
	/** Key of the object that the request was for, as it is; left out for a listing. */
	key?: string;
	/** Defaults to `read` with a key and to `list` without. */
	action?: StorageAction;
}

/** What to tell the user about one kind of error. */
export interface ErrorText {
	/** What happened. `%s` becomes the bucket with its name: bucket "my-recordings". */
	message: string;
	/** What to do about it. */
	description: string;
	cause: FaultCause;
	/** The refusal concerns this object or permission only; other requests may succeed. */
	objectOnly?: true;
}

/** An explanation, or how to find it in the rest of the answer. */
export type Rule = ErrorText | ((answer: HttpResponse, target: StorageTarget) => ErrorText);

export type ErrorTable = ReadonlyMap<string, Rule>;

/** @param rows error codes, separated by spaces, and what they mean; case does not matter */
export function errorTable(rows: Array<[codes: string, rule: Rule]>): ErrorTable {
	return new Map(
		rows.flatMap(([codes, rule]) =>
			codes.split(' ').map((code): [string, Rule] => [code.toLowerCase(), rule]),
		),
	);
}

export const IN_CREDENTIAL = 'in the Agora Recording Storage API credential';

// What an answer says.

/** @returns the trimmed text of the first such element, '' where there is none */
export function element({ body }: HttpResponse, name: string): string {
	const text = new RegExp(`<${name}>([^<]{0,2000})</${name}>`).exec(body)?.[1] ?? '';
	return decodeEntities(text).trim();
}

/**
 * @returns the code of an error answer, e.g. NoSuchKey: `<Code>`, or Azure's header where the body is empty; ''
 *   for an answer that has none
 */
export function errorCode(answer: HttpResponse): string {
	const code = element(answer, 'Code') || (answer.headers['x-ms-error-code'] ?? '');
	return /^[\w.-]{1,100}$/.test(code) ? code : '';
}

/**
 * The sentences that come with a code, without the names of user and object in them, which could hold any word.
 * Only searched, never repeated: vendors quote keys and signatures in them.
 */
function reason(answer: HttpResponse): string {
	const sentences = `${element(answer, 'Message')} ${element(answer, 'Details')}`;
	return sentences.replace(/\barn:[\w-]*:s3:\S*|\bUser: \S*/g, '');
}

/** @param rows the first pattern found in the answer's sentences decides */
export function byReason(rows: Array<[RegExp, Rule]>, otherwise: Rule): Rule {
	return (answer, target) => {
		const sentences = reason(answer);
		const rule = rows.find(([pattern]) => pattern.test(sentences))?.[1] ?? otherwise;
		return apply(rule, answer, target);
	};
}

export function apply(rule: Rule, answer: HttpResponse, target: StorageTarget): ErrorText {
	return typeof rule === 'function' ? rule(answer, target) : rule;
}

// What may be repeated from an answer: names in a strict form, so that no key or signature fits.

const REGION = /^[a-z][a-z\d]{0,14}(?:-[a-z\d]{1,14}){0,4}$/;
const HOST =
	/^(?=.{1,100}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)+(?::\d{1,5})?$/;
const ACTION =
	/\b((?:s3|kms|oss):(?:[A-Z][a-z]{1,15}){1,6}|storage\.(?:objects|buckets)\.[a-z]{3,10})\b/;
/** Codes are words in a row, like MalformedXMLBody; keys and tokens are not. */
export const CODE = /^(?:[A-Z]{1,4}[a-z]{1,20}){1,8}$/;

/** `<vendor's host>` behind the region, for hosts whose first part is the service. */
const REGION_IN_HOST =
	/^(?:(?:s3|cos|obs)[.-])?(?:oss-)?([a-z]{2}[a-z\d]*(?:-[a-z\d]+)*?)(?:-internal)?\.(?:amazonaws\.com|aliyuncs\.com|myqcloud\.com|myhuaweicloud\.com|bcebos\.com|wasabisys\.com|backblazeb2\.com|digitaloceanspaces\.com|scw\.cloud|io\.cloud\.ovh\.net)(?:\.cn)?$/;

/** @returns the host that the answer sends the request to, without the bucket; undefined for none, or the same */
export function namedHost(
	answer: HttpResponse,
	{ bucket, endpoint }: StorageTarget,
): string | undefined {
	const { location = '' } = answer.headers;
	const redirect = URL.canParse(location) ? new URL(location).host : '';
	const named = element(answer, 'Endpoint').replace(/^https?:\/\//i, '') || redirect;
	const host = named.replace(/\/.*$/s, '').toLowerCase();
	const own = `${bucket.toLowerCase()}.`;
	const withoutBucket = host.startsWith(own) ? host.slice(own.length) : host;
	return HOST.test(withoutBucket) && withoutBucket !== endpoint.toLowerCase()
		? withoutBucket
		: undefined;
}

/** @returns the region that the answer names, undefined for none, or the one in use */
export function namedRegion(answer: HttpResponse, target: StorageTarget): string | undefined {
	const sentences = reason(answer);
	return [
		answer.headers['x-amz-bucket-region'],
		element(answer, 'Region'),
		// MinIO: "the region is wrong; expecting 'eu-west-1'".
		/expecting '([^']{1,50})'/.exec(sentences)?.[1],
		// Garage: "unexpected scope: '…', expected: '20261128/garage/s3/aws4_request'".
		/expected: '?\d{8}\/([^/]{1,50})\/s3\//.exec(sentences)?.[1],
		// Cloudflare R2: "Must be one of: wnam, enam, …, auto".
		/must be one of:.{0,200}\bauto\b/i.test(sentences) ? 'auto' : undefined,
		REGION_IN_HOST.exec(namedHost(answer, target) ?? '')?.[1],
	].find((region) => region !== undefined && REGION.test(region) && region !== target.region);
}

/**
 * Whether two hosts have the same owner, as far as their names tell. An error answer must not talk anybody into
 * another company's server.
 */
export function isSameOwner(host: string, endpoint: string): boolean {
	const domain = (name: string) => {
		const labels = name.toLowerCase().replace(/:\d+$/, '').split('.');
		// Below example.co.uk the owner's name is the third from the end.
		return labels.slice((labels.at(-2) ?? '').length > 3 ? -2 : -3).join('.');
	};
	return domain(host) === domain(endpoint);
}

export function isWebPage({ headers, body }: HttpResponse): boolean {
	return (
		/^text\/html/i.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype )?html\b/i.test(body)
	);
}

// Explanations that more than one code needs.

export const TOO_MANY: ErrorText = {
	message: 'The %s receives too many requests',
	description: 'Try again in a minute, or poll less often.',
	cause: 'rate-limited',
};
export const UNAVAILABLE: ErrorText = {
	message: 'The %s is temporarily unavailable',
	description: 'The workflow is fine. Try again in a few minutes.',
	cause: 'temporarily-unavailable',
};
export const WRONG_CLOCK: ErrorText = {
	message: 'The %s rejected the request because of its time',
	description: 'The clock of the n8n host is off by more than 15 minutes; correct it.',
	cause: 'configuration-invalid',
};
export const UNSIGNED: ErrorText = {
	message: 'The %s received the request without its signature',
	description:
		'A proxy or gateway between n8n and the storage removes the Authorization header. Let it through, or use an endpoint without the proxy.',
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
export const UNKNOWN_KEY: Rule = (_answer, { vendorLabel, endpoint }) => ({
	message: 'The storage of the %s does not know this access key',
	description: endpoint.endsWith('backblazeb2.com')
		? `Create an application key in the Backblaze console and enter its keyID as Access Key ${IN_CREDENTIAL}. The master key doesn't work with the S3 API.`
		: vendorLabel.startsWith('Google')
			? `Create an HMAC key in Cloud Storage > Settings > Interoperability and enter it ${IN_CREDENTIAL}.`
			: vendorLabel.startsWith('Amazon')
				? `Check Access Key ${IN_CREDENTIAL}; the key may have been deleted. A key that begins with ASIA is temporary and also needs Session Token.`
				: `Check Access Key ${IN_CREDENTIAL}. The key may have been deleted, or belong to another vendor or region.`,
	cause: 'credential-invalid',
});
export const WRONG_KEYS: ErrorText = {
	message: 'The %s does not accept these credentials',
	description: `Enter Access Key and Secret Key again ${IN_CREDENTIAL}. They may have expired or been deleted.`,
	cause: 'credential-invalid',
};

/** Storage that other companies run: there is no proxy of the user's own in front of it. */
const HOSTED =
	/\.(?:amazonaws\.com(?:\.cn)?|aliyuncs\.com|myqcloud\.com|myhuaweicloud\.com|bcebos\.com|googleapis\.com|cloudflarestorage\.com|backblazeb2\.com|wasabisys\.com|digitaloceanspaces\.com|linodeobjects\.com|vultrobjects\.com|scw\.cloud|cloud\.ovh\.net|storjshare\.io|supabase\.co|your-objectstorage\.com|oraclecloud\.com)$/i;

export const WRONG_SIGNATURE: Rule = (_answer, target) => {
	const keys = target.temporary ? 'Access Key, Secret Key and Session Token' : 'Secret Key';
	return {
		message: 'The %s does not accept the signature',
		description: `Enter ${keys} again ${IN_CREDENTIAL}, without spaces. ${elseOfSignature(target)}`,
		cause: 'credential-invalid',
	};
};

/** What else spoils a signature, the likeliest first. */
function elseOfSignature({ region, endpoint, custom, temporary }: StorageTarget): string {
	if (!custom) {
		return temporary ? 'All three must be issued together.' : 'It must belong to the access key.';
	}
	const itsRegion = region === '' ? 'Region' : `Region (${region})`;
	if (HOSTED.test(endpoint)) return `Then check ${itsRegion}.`;
	return `Then check whether a reverse proxy in front of "${endpoint}" changes the Host header, port or path, and ${itsRegion}.`;
}

export const CREDENTIALS_EXPIRED: ErrorText = {
	message: 'The temporary credentials for the %s have expired',
	description: `Enter new ones as Access Key, Secret Key and Session Token ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};
export const WRONG_TOKEN: Rule = (_answer, { temporary }) => ({
	message: 'The %s does not accept the session token',
	description: temporary
		? `Enter the Session Token that came with Access Key and Secret Key ${IN_CREDENTIAL}. Leave it empty for a permanent key.`
		: `This access key is temporary: also enter its Session Token ${IN_CREDENTIAL}, or use a permanent key.`,
	cause: 'credential-invalid',
});
export const EXPIRED: Rule = (_answer, { temporary }) => ({
	message: 'The %s rejected the request as expired',
	description: temporary
		? `Either the temporary credentials ${IN_CREDENTIAL} have expired, or the clock of the n8n host is wrong.`
		: 'The clock of the n8n host is wrong, or a proxy held the request back for too long.',
	cause: 'credential-invalid',
});

export const WRONG_REGION: Rule = (answer, target) => {
	const { region, endpoint, custom } = target;
	const actual = namedRegion(answer, target);
	const host = namedHost(answer, target);
	const better = host !== undefined && custom && isSameOwner(host, endpoint) ? host : undefined;
	const scheme = /^http:/i.test(answer.headers.location ?? '') ? 'http' : 'https';
	const instead = region === '' ? '' : `, not ${region}`;
	const cause = 'configuration-invalid';
	if (actual === undefined && better !== undefined) {
		return {
			message: `The %s is at the endpoint "${better}", not "${endpoint}"`,
			description: `Set Endpoint to ${scheme}://${better} ${IN_CREDENTIAL}.`,
			cause,
		};
	}
	if (actual === undefined) {
		return {
			message: 'The %s is in another region than the one set',
			description: `Set ${custom ? "Endpoint and Region to the bucket's own" : "Region to the bucket's own"} ${IN_CREDENTIAL}; the storage console shows it next to the bucket.`,
			cause,
		};
	}
	const message = `The %s is in the region ${actual}${instead}`;
	if (!custom) {
		return { message, description: `Choose ${actual} as Region ${IN_CREDENTIAL}.`, cause };
	}
	const set = better === undefined ? '' : `Endpoint to ${scheme}://${better} and `;
	const elsewhere =
		better === undefined && region !== '' && endpoint.includes(region)
			? ` Change the region in Endpoint, too.`
			: '';
	return {
		message,
		description: `Set ${set}Region to ${actual} ${IN_CREDENTIAL}.${elsewhere}`,
		cause,
	};
};

/** Amazon S3 redirects requests to a new bucket for some hours, until its DNS record has spread. */
export const REDIRECTED_FOR_NOW: Rule = (answer, target) =>
	namedRegion(answer, target) === undefined
		? {
				message: 'The %s is new and cannot be reached in its region yet',
				description: 'Try again in an hour.',
				cause: 'temporarily-unavailable',
			}
		: apply(WRONG_REGION, answer, target);

/** A region in the signature that the server does not have; the bucket's own may have nothing to do with it. */
export const WRONG_SIGNING_REGION: Rule = (answer, target) => {
	const { region, custom } = target;
	const expected = namedRegion(answer, target);
	if (!custom && expected !== undefined) return apply(WRONG_REGION, answer, target);
	return {
		message:
			expected === undefined
				? 'The %s does not accept the region or the access key in the signature'
				: `The %s expects the region ${expected} in signatures${region === '' ? '' : `, not ${region}`}`,
		description:
			expected === undefined
				? `Check Region ${IN_CREDENTIAL}, and that Access Key holds only the ID of the key.`
				: `Set Region to ${expected} ${IN_CREDENTIAL}.`,
		cause: 'configuration-invalid',
	};
};

export const NO_BUCKET: Rule = (_answer, { custom, vendorLabel }) => ({
	message: 'The %s does not exist',
	description: custom
		? `Check Bucket and Endpoint ${IN_CREDENTIAL}. The endpoint must not contain the bucket, unless Addressing says so.`
		: vendorLabel.startsWith('Tencent')
			? `Check Bucket and Region ${IN_CREDENTIAL}. The name ends with the account's number, e.g. recordings-1250000000.`
			: `Check Bucket and Region ${IN_CREDENTIAL}.`,
	cause: 'configuration-invalid',
});
export const IN_HOST_ONLY: Rule = (_answer, { custom }) => ({
	message: 'The %s only accepts virtual-hosted-style URLs',
	description: custom
		? `Choose Virtual-Hosted under Addressing ${IN_CREDENTIAL}.`
		: 'Its name does not fit into a host name. Use a bucket whose name has only lower-case letters, digits and hyphens.',
	cause: 'configuration-invalid',
});
export const CHANGED_ON_THE_WAY: Rule = (_answer, { endpoint }) => ({
	message: 'The request to the %s was changed on its way',
	description: `A proxy between n8n and "${endpoint}" changes the body or its length. Let requests through unchanged, or use an endpoint without the proxy.`,
	cause: 'configuration-invalid',
});
export const NOT_ENCRYPTED: Rule = (_answer, { endpoint }) => ({
	message: `The endpoint "${endpoint}" expects HTTPS`,
	description: `Begin Endpoint with https:// ${IN_CREDENTIAL}.`,
	cause: 'configuration-invalid',
});
/** MinIO's console has a port of its own, where it serves its web page to every request. */
export const CONSOLE_PORT: Rule = (_answer, { endpoint }) => ({
	message: `The endpoint "${endpoint}" is MinIO's console, not its S3 API`,
	description: `Enter the API port as Endpoint ${IN_CREDENTIAL}: usually 9000, not the console's 9001.`,
	cause: 'configuration-invalid',
});
const isAzure = ({ vendorLabel }: StorageTarget) => vendorLabel.startsWith('Microsoft Azure');
const apiOf = (target: StorageTarget) => (isAzure(target) ? 'the Blob service' : 'the S3 API');

export const WEB_PAGE: Rule = (_answer, target) => ({
	message: `The endpoint "${target.endpoint}" answered with a web page: it is not the storage's ${isAzure(target) ? 'Blob service' : 'S3 API'}`,
	description: target.custom
		? `Enter the URL of ${apiOf(target)} as Endpoint ${IN_CREDENTIAL}.${isAzure(target) ? '' : " MinIO: the API port 9000, not the console's 9001."}`
		: 'A proxy, firewall or login page answers in place of the storage. Let the n8n host reach the endpoint directly.',
	cause: 'configuration-invalid',
});
export const NOT_THE_API: Rule = ({ status }, target) => ({
	message: `The endpoint "${target.endpoint}" does not answer like ${isAzure(target) ? 'a Blob service' : 'an S3 API'} (HTTP ${status})`,
	description: target.custom
		? `Enter the whole URL of ${apiOf(target)} as Endpoint ${IN_CREDENTIAL}.${isAzure(target) ? '' : " Supabase's ends with /storage/v1/s3."}`
		: 'A proxy or firewall may answer in place of the storage. Let the n8n host reach the endpoint directly.',
	cause: 'configuration-invalid',
});
export const NOT_SUPPORTED: Rule = ({ status }, { endpoint, custom }) => ({
	message: `The endpoint "${endpoint}" does not support this request (HTTP ${status})`,
	description: custom
		? `Enter the URL of the S3 API as Endpoint ${IN_CREDENTIAL}: a website, CDN or console doesn't work.`
		: `Check Bucket and Region ${IN_CREDENTIAL}. A proxy may also block the request.`,
	cause: 'configuration-invalid',
});

/** @returns e.g. `"a/b.m3u8" in the bucket "x"`, the latter as %s */
export function objectName({ key }: StorageTarget): string {
	return key === undefined ? 'A file in the %s' : `"${key}" in the %s`;
}

const ARCHIVE_CLASSES = new Map([
	['GLACIER', 'Glacier'],
	['DEEP_ARCHIVE', 'Glacier Deep Archive'],
	['ARCHIVE_ACCESS', 'Intelligent-Tiering Archive Access'],
	['DEEP_ARCHIVE_ACCESS', 'Intelligent-Tiering Deep Archive Access'],
]);

export const ARCHIVED: Rule = (answer, target) => {
	const named =
		ARCHIVE_CLASSES.get(element(answer, 'AccessTier')) ??
		ARCHIVE_CLASSES.get(element(answer, 'StorageClass'));
	const archive = named ?? (target.vendorLabel.startsWith('Amazon') ? 'Glacier' : undefined);
	return {
		message: `${objectName(target)} is archived${archive === undefined ? '' : ` in ${archive}`}: restore it first`,
		description:
			'Restore the file in the storage console, which takes minutes to hours, then try again. To avoid this, let the lifecycle rule archive recordings later.',
		cause: 'configuration-invalid',
		objectOnly: true,
	};
};
export const LOCKED: Rule = (_answer, target) => ({
	message: `${objectName(target)} is locked by a retention period and can't be overwritten`,
	description: 'Wait until the retention period ends, or write to another bucket.',
	cause: 'configuration-invalid',
	objectOnly: true,
});
export const CHECKSUM_REQUIRED: ErrorText = {
	message: 'The %s requires a checksum with every upload, because Object Lock is on',
	description:
		'Turn off the default retention of the bucket, or use another bucket for recordings.',
	cause: 'configuration-invalid',
};
export const CUSTOMER_KEY: Rule = (_answer, target) => ({
	message: `${objectName(target)} is encrypted with a customer-provided key (SSE-C)`,
	description: 'Upload recordings without SSE-C. SSE-S3 and SSE-KMS work.',
	cause: 'configuration-invalid',
	objectOnly: true,
});
export const KMS: Rule = (answer, target) => ({
	message: /disabled|destroyed|PendingDeletion|NotFound|BadKey/i.test(errorCode(answer))
		? `${objectName(target)} is encrypted with a KMS key that is disabled or deleted`
		: `${objectName(target)} is encrypted with a KMS key that this access key may not use`,
	description:
		'Allow the access key kms:Decrypt and kms:GenerateDataKey in the policy of the KMS key, and make sure the KMS key is enabled.',
	cause: 'configuration-invalid',
	objectOnly: true,
});

// Denied access: one code, a dozen causes.

/** What a key needs, in the words of the place where it is granted. */
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

function actionOf({ action, key }: StorageTarget): StorageAction {
	return action ?? (key === undefined ? 'list' : 'read');
}

export const NO_PERMISSION: Rule = (answer, target) => {
	const action = actionOf(target);
	const named = ACTION.exec(reason(answer))?.[1];
	const grant = named ?? GRANTS.find(([applies]) => applies(target))?.[1][action];
	const what = {
		list: 'list the %s',
		read: `read ${target.key === undefined ? 'files' : `"${target.key}"`} in the %s`,
		write: 'write to the %s',
	}[action];
	const others = {
		list: ` If it has that, check Bucket ${IN_CREDENTIAL}: some storages answer the same for a bucket that doesn't exist.`,
		read: ' Without permission to list, a missing file gets the same answer.',
		write: ` If it is limited to a folder, set that as File Name Prefix ${IN_CREDENTIAL}.`,
	}[action];
	return {
		message:
			named === undefined
				? `This access key may not ${what}`
				: `This access key may not perform ${named} on the %s`,
		description: `Grant the key ${grant} for this bucket.${named === undefined ? others : ''}`,
		cause: 'credential-invalid',
		objectOnly: true,
	};
};
const DENIED_BY_POLICY: Rule = (answer, target) => {
	const named = ACTION.exec(reason(answer))?.[1];
	const policy =
		/service control policy|permissions boundary|identity-based policy|session policy|VPC endpoint policy/i
			.exec(reason(answer))?.[0]
			.toLowerCase()
			.replace('vpc', 'VPC') ?? 'bucket policy';
	const action = { list: 'list', read: 'read', write: 'write' }[actionOf(target)];
	return {
		message: `A policy denies this access key ${named ?? `permission to ${action}`} on the %s`,
		description: `Remove the Deny rule from the ${policy}, or exempt this access key. Allowing the action elsewhere doesn't help.`,
		cause: 'credential-invalid',
		objectOnly: true,
	};
};
const QUARANTINED: ErrorText = {
	message: 'AWS has quarantined the access key for the %s because it was exposed in public',
	description: `Delete the key in IAM, create another, and enter that ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};
export const REQUESTER_PAYS: ErrorText = {
	message: 'The %s makes the requester pay, and this request does not offer to',
	description: "Turn off Requester Pays for the bucket, or use a key of the bucket's own account.",
	cause: 'configuration-invalid',
};
export const SPENDING_CAP: ErrorText = {
	message: 'The %s has reached a spending cap of its account',
	description:
		"Raise the cap in the storage console (Backblaze: Caps & Alerts), or wait until it's reset.",
	cause: 'quota-exhausted',
};
export const OTHER_OWNER: ErrorText = {
	message: 'The %s belongs to another account than the access key',
	description: `Check Bucket and Access Key ${IN_CREDENTIAL}: both must be of the same account.`,
	cause: 'configuration-invalid',
};

export const DENIED = byReason(
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
		[/does not belong to you/i, OTHER_OWNER],
		[/explicit deny|denied by .{0,20}policy/i, DENIED_BY_POLICY],
	],
	NO_PERMISSION,
);
