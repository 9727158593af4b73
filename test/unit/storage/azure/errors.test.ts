import { azureFault } from '../../../../nodes/Agora/storage/azure/errors';
import type { StorageTarget } from '../../../../nodes/Agora/storage/types';

const KEY: StorageTarget = {
	bucket: 'my-recordings',
	vendorLabel: 'Microsoft Azure Blob Storage',
	region: '',
	endpoint: 'myaccount.blob.core.windows.net',
	custom: false,
	temporary: false,
};
const SAS = { ...KEY, temporary: true };
const FILE = 'recordings/class_a.m3u8';

/** Parts of the request that Azure quotes and that must not appear in a log. */
const SECRETS = [
	'fakeSignature/+AbC=',
	'fakeRequestId42',
	'2026-11-28T12:00:00.0000000Z',
	'203.0.113.7',
];

const xml = (code: string, detail = '', message = '') =>
	`\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}
RequestId:${SECRETS[1]}
Time:${SECRETS[2]}</Message>${detail && `<AuthenticationErrorDetail>${detail}</AuthenticationErrorDetail>`}</Error>`;

const CREDENTIAL = 'in the Agora Recording Storage API credential';
const FAILED =
	'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.';

interface Case {
	from: string;
	to: StorageTarget;
	status: number;
	headers?: Record<string, string>;
	body: string;
	message: string;
	advice: string;
}

const CASES: Case[] = [
	{
		from: 'AuthenticationFailed, wrong account key (troubleshoot 403 errors)',
		to: KEY,
		status: 403,
		body: xml(
			'AuthenticationFailed',
			`The MAC signature found in the HTTP request '${SECRETS[0]}' is not the same as any computed signature. Server used following string to sign: 'GET\n\n/myaccount/my-recordings'.`,
			FAILED,
		),
		message: 'The storage account of the container "my-recordings" rejected the account key',
		advice: 'Copy a key from Security + networking > Access keys',
	},
	{
		from: 'AuthenticationFailed, altered shared access signature',
		to: SAS,
		status: 403,
		body: xml(
			'AuthenticationFailed',
			`Signature did not match. String to sign used was rl ${SECRETS[0]}`,
		),
		message: 'The shared access signature for the container "my-recordings" is not valid',
		advice: `Enter the full signature again as Shared Access Signature ${CREDENTIAL}`,
	},
	{
		from: 'AuthenticationFailed, expired shared access signature',
		to: SAS,
		status: 403,
		body: xml(
			'AuthenticationFailed',
			'Signature not valid in the specified time frame: Start [Fri, 27 Nov 2026 10:00:00 GMT] - Expiry [Sat, 28 Nov 2026 10:00:00 GMT] - Current [Sat, 28 Nov 2026 12:00:00 GMT]',
		),
		message: 'The shared access signature for the container "my-recordings" has expired',
		advice: 'Create one with a later expiry time',
	},
	{
		from: 'AuthenticationFailed, a start time in local time',
		to: SAS,
		status: 403,
		body: xml(
			'AuthenticationFailed',
			'Signature not valid in the specified time frame: Start [Sat, 28 Nov 2026 19:00:00 GMT] - Expiry [Sun, 29 Nov 2026 10:00:00 GMT] - Current [Sat, 28 Nov 2026 12:00:00 GMT]',
		),
		message: 'The shared access signature for the container "my-recordings" is not valid yet',
		advice: 'whose start time is in the past',
	},
	{
		from: 'AuthenticationFailed, expired before it began',
		to: SAS,
		status: 403,
		body: xml(
			'AuthenticationFailed',
			'Signed expiry time [Sat, 28 Nov 2026 10:00:00 GMT] must be after signed start time [Sat, 28 Nov 2026 12:00:00 GMT]',
		),
		message: 'The shared access signature for the container "my-recordings" has expired',
		advice: 'Shared Access Signature',
	},
	{
		from: "AuthenticationFailed, part of the signature's text (issue threads)",
		to: SAS,
		status: 403,
		body: xml('AuthenticationFailed', "SAS field 'sp' is not well formed."),
		message: 'The shared access signature for the container "my-recordings" is incomplete',
		advice: 'Copy the full SAS token',
	},
	{
		from: 'AuthenticationFailed, a mandatory field is missing',
		to: SAS,
		status: 403,
		body: xml('AuthenticationFailed', 'se is mandatory. Cannot be empty'),
		message: 'The shared access signature for the container "my-recordings" is incomplete',
		advice: 'unchanged',
	},
	{
		from: 'AuthenticationFailed, a signature for a single blob',
		to: SAS,
		status: 403,
		body: xml(
			'AuthenticationFailed',
			'The specified signed resource is not allowed for the this resource level',
		),
		message:
			'The shared access signature for the container "my-recordings" is not valid for the container itself',
		advice: 'service SAS, sr=c',
	},
	{
		from: 'AuthenticationFailed, a stored access policy that was removed',
		to: SAS,
		status: 403,
		body: xml('AuthenticationFailed', 'Cannot find the signed identifier'),
		message:
			'The shared access signature for the container "my-recordings" refers to an access policy that does not exist',
		advice: 'Create a new signature',
	},
	{
		from: 'AuthenticationFailed, the clock',
		to: KEY,
		status: 403,
		body: xml(
			'AuthenticationFailed',
			"Request date header too old: 'Mon, 23 Nov 2026 10:00:00 GMT'",
		),
		message: 'The container "my-recordings" rejected the request because of its timestamp',
		advice: 'The clock of the n8n host is off by more than 15 minutes; correct it.',
	},
	{
		from: 'Azurite, wrong account key: another code for it',
		to: KEY,
		status: 403,
		body: xml('AuthorizationFailure', '', FAILED),
		message: 'The storage account of the container "my-recordings" rejected the account key',
		advice: 'Secret Key',
	},
	{
		from: 'AuthorizationFailure, firewall of the storage account (troubleshoot 403 errors)',
		to: KEY,
		status: 403,
		body: xml(
			'AuthorizationFailure',
			'',
			'This request is not authorized to perform this operation.',
		),
		message: 'The storage account of the container "my-recordings" refuses requests from n8n',
		advice: 'under Networking > Public network access of the storage account',
	},
	{
		from: 'AuthorizationFailure with a shared access signature',
		to: SAS,
		status: 403,
		body: xml(
			'AuthorizationFailure',
			'',
			'This request is not authorized to perform this operation.',
		),
		message: 'The storage account of the container "my-recordings" refuses requests from n8n',
		advice: 'If access is open to all networks, create a new shared access signature.',
	},
	{
		from: 'AuthorizationPermissionMismatch, to a listing (SAS error codes)',
		to: SAS,
		status: 403,
		body: xml('AuthorizationPermissionMismatch'),
		message:
			'The shared access signature for the container "my-recordings" lacks the permission List',
		advice: 'Create one with the permissions Read and List',
	},
	{
		from: 'AuthorizationPermissionMismatch, to a read',
		to: { ...SAS, key: FILE },
		status: 403,
		body: xml('AuthorizationPermissionMismatch'),
		message:
			'The shared access signature for the container "my-recordings" lacks the permission Read',
		advice: 'Read and List',
	},
	{
		from: 'AuthorizationPermissionMismatch, to an upload',
		to: { ...SAS, key: FILE, action: 'write' },
		status: 403,
		body: xml('AuthorizationPermissionMismatch'),
		message:
			'The shared access signature for the container "my-recordings" lacks the permission Write',
		advice: 'enter an account key as Secret Key instead',
	},
	{
		from: 'AuthorizationSourceIPMismatch (SAS error codes)',
		to: SAS,
		status: 403,
		body: xml('AuthorizationSourceIPMismatch', '', `using this source IP ${SECRETS[3]}.`),
		message:
			'The shared access signature for the container "my-recordings" does not allow the IP address of the n8n host',
		advice: 'without IP restrictions',
	},
	{
		from: 'AuthorizationProtocolMismatch (SAS error codes)',
		to: SAS,
		status: 403,
		body: xml('AuthorizationProtocolMismatch'),
		message: 'The container "my-recordings" only allows HTTPS',
		advice: 'Change Endpoint to start with https://',
	},
	{
		from: 'AuthorizationResourceTypeMismatch (SAS error codes)',
		to: SAS,
		status: 403,
		body: xml('AuthorizationResourceTypeMismatch'),
		message:
			'The shared access signature for the container "my-recordings" is not valid for the container itself',
		advice: 'the resource types Container and Object',
	},
	{
		from: 'KeyBasedAuthenticationNotPermitted',
		to: KEY,
		status: 403,
		body: xml('KeyBasedAuthenticationNotPermitted'),
		message: 'The storage account of the container "my-recordings" does not allow account keys',
		advice: 'Turn on Settings > Configuration > Allow storage account key access',
	},
	{
		from: 'PublicAccessNotPermitted, the header was removed on the way',
		to: KEY,
		status: 409,
		body: xml(
			'PublicAccessNotPermitted',
			'',
			'Public access is not permitted on this storage account.',
		),
		message:
			'The container "my-recordings" received the request without a signature, and does not allow public access',
		advice: 'removes the Authorization header',
	},
	{
		from: 'NoAuthenticationInformation',
		to: KEY,
		status: 401,
		body: xml('NoAuthenticationInformation'),
		message: 'The container "my-recordings" received the request without a signature',
		advice: 'A proxy or gateway',
	},
	{
		from: 'AccountIsDisabled',
		to: KEY,
		status: 403,
		body: xml('AccountIsDisabled', '', 'The specified account is disabled.'),
		message: 'The account of the container "my-recordings" is suspended or has a billing problem',
		advice: 'unpaid invoices',
	},
	{
		from: 'ContainerNotFound',
		to: KEY,
		status: 404,
		body: xml('ContainerNotFound'),
		message: 'The container "my-recordings" does not exist',
		advice: "Check Bucket (the container's name), Access Key (the account's name)",
	},
	{
		from: 'ContainerNotFound only in a header',
		to: KEY,
		status: 404,
		headers: { 'x-ms-error-code': 'ContainerNotFound' },
		body: '',
		message: 'The container "my-recordings" does not exist',
		advice: 'Endpoint',
	},
	{
		from: '404 without a body',
		to: KEY,
		status: 404,
		body: '',
		message: 'The container "my-recordings" does not exist',
		advice: 'Bucket',
	},
	{
		from: 'ContainerBeingDeleted',
		to: KEY,
		status: 409,
		body: xml('ContainerBeingDeleted'),
		message: 'The container "my-recordings" is being deleted or is disabled',
		advice: 'Use another container',
	},
	{
		from: 'InvalidResourceName',
		to: KEY,
		status: 400,
		body: xml('InvalidResourceName'),
		message: 'The name of the container "my-recordings" is not valid',
		advice: 'single hyphens',
	},
	{
		from: 'InvalidQueryParameterValue: the Data Lake endpoint',
		to: { ...KEY, endpoint: 'myaccount.dfs.core.windows.net', custom: true },
		status: 400,
		body: xml('InvalidQueryParameterValue'),
		message: 'The endpoint of the container "my-recordings" does not support this request',
		advice: 'not dfs, file or web',
	},
	{
		from: 'InvalidHeaderValue: an old Azurite (as 3.37 responds to a future version)',
		to: { ...KEY, endpoint: '127.0.0.1:10000', custom: true },
		status: 400,
		body: xml('InvalidHeaderValue', '', 'The API version 2099-01-01 is not supported by Azurite.'),
		message:
			'The storage of the container "my-recordings" does not support the API version of this node',
		advice: '--skipApiVersionCheck',
	},
	{
		from: 'BlobArchived',
		to: { ...KEY, key: FILE },
		status: 409,
		body: xml('BlobArchived', '', 'This operation is not permitted on an archived blob.'),
		message: `"${FILE}" in the container "my-recordings" is archived and must be restored first`,
		advice: 'Change its access tier to Hot or Cool',
	},
	{
		from: 'BlobBeingRehydrated',
		to: { ...KEY, key: FILE },
		status: 409,
		body: xml('BlobBeingRehydrated'),
		message: `"${FILE}" in the container "my-recordings" is still being restored from the archive`,
		advice: 'up to 15 hours',
	},
	{
		from: 'BlobImmutableDueToPolicy',
		to: { ...KEY, key: FILE, action: 'write' },
		status: 409,
		body: xml('BlobImmutableDueToPolicy'),
		message: `"${FILE}" in the container "my-recordings" is locked by an immutability policy and can't be overwritten`,
		advice: 'retention interval',
	},
	{
		from: 'KeyVaultEncryptionKeyNotFound',
		to: KEY,
		status: 403,
		body: xml('KeyVaultEncryptionKeyNotFound'),
		message: 'The storage account of the container "my-recordings" can\'t use its encryption key',
		advice: 'Key Vault',
	},
	{
		from: 'ServerBusy',
		to: KEY,
		status: 503,
		body: xml('ServerBusy'),
		message: 'The container "my-recordings" received too many requests',
		advice: 'in a minute',
	},
	{
		from: 'OperationTimedOut',
		to: KEY,
		status: 500,
		body: xml('OperationTimedOut'),
		message: 'The container "my-recordings" is temporarily unavailable',
		advice: 'few minutes',
	},
	{
		from: 'an unknown code, 502',
		to: KEY,
		status: 502,
		body: xml('UnheardOf'),
		message: 'The container "my-recordings" is temporarily unavailable',
		advice: 'few minutes',
	},
	{
		from: 'an unknown code, 400',
		to: KEY,
		status: 400,
		body: xml('OutOfRangeInput'),
		message: 'The container "my-recordings" returned the error OutOfRangeInput (HTTP 400)',
		advice: 'Look up the error',
	},
	{
		from: 'a code that is a property of every object',
		to: KEY,
		status: 400,
		body: xml('constructor'),
		message: 'The container "my-recordings" returned an error (HTTP 400)',
		advice: 'Look up the error',
	},
	{
		from: 'a web page: the static website endpoint',
		to: { ...KEY, endpoint: 'myaccount.z6.web.core.windows.net', custom: true },
		status: 404,
		headers: { 'content-type': 'text/html' },
		body: '<!DOCTYPE html><html><head><title>WebContentNotFound</title></head></html>',
		message:
			'The endpoint "myaccount.z6.web.core.windows.net" returned a web page, so it is not the Blob service',
		advice: 'Enter the URL of the Blob service as Endpoint',
	},
];

describe('azureFault', () => {
	it.each(CASES)('$from', ({ to, status, headers = {}, body, message: expected, advice }) => {
		const { message, details } = azureFault({ status, headers, body }, to);
		expect(message).toBe(expected);
		expect(details.description).toContain(advice);
		expect(details.httpCode).toBe(String(status));
		const all = JSON.stringify({ message, details });
		for (const secret of SECRETS) expect(all).not.toContain(secret);
	});

	const causeOf = (to: StorageTarget, code: string, detail = '') =>
		azureFault({ status: 400, headers: {}, body: xml(code, detail) }, to).details.cause;

	it.each([
		['credential-invalid', 'AuthenticationFailed AuthorizationPermissionMismatch'],
		['credential-invalid', 'AuthorizationResourceTypeMismatch AuthorizationSourceIPMismatch'],
		['rate-limited', 'ServerBusy IngressIsLimited EgressIsLimited'],
		['temporarily-unavailable', 'OperationTimedOut InternalError AccountBeingCreated'],
		['configuration-invalid', 'NoAuthenticationInformation PublicAccessNotPermitted'],
		['configuration-invalid', 'KeyBasedAuthenticationNotPermitted AuthorizationFailure'],
		['configuration-invalid', 'AuthorizationProtocolMismatch AccountIsDisabled InvalidUri'],
		['configuration-invalid', 'ContainerNotFound ContainerBeingDeleted InvalidResourceName'],
		['configuration-invalid', 'BlobArchived BlobBeingRehydrated BlobImmutableDueToPolicy'],
		['configuration-invalid', 'KeyVaultEncryptionKeyNotFound InvalidHeaderValue UnknownToUs'],
	])('passes the cause %s to n8n for %s', (cause, codes) => {
		for (const code of codes.split(' ')) {
			expect([code, causeOf(SAS, code)]).toEqual([code, cause]);
		}
	});

	it.each([
		['credential-invalid', 'Cannot find the signed identifier'],
		['credential-invalid', 'not allowed for the this resource level'],
		['credential-invalid', 'se is mandatory. Cannot be empty'],
		['credential-invalid', 'must be after signed start time'],
		[
			'credential-invalid',
			'Start [Sat, 28 Nov 2026 19:00:00 GMT] is the start time - Current [Sat, 28 Nov 2026 12:00:00 GMT]',
		],
		['credential-invalid', 'Signature did not match'],
		['configuration-invalid', 'Request date header too old'],
	])('passes the cause %s to n8n for a failed authentication with "%s"', (cause, detail) => {
		for (const to of [SAS, KEY]) expect(causeOf(to, 'AuthenticationFailed', detail)).toBe(cause);
	});

	it('passes that an old version of the API must be updated', () => {
		const body = xml('InvalidHeaderValue', '', 'The API version 2099-01-01 is not supported');
		expect(azureFault({ status: 400, headers: {}, body }, KEY).details.cause).toBe(
			'configuration-invalid',
		);
	});

	it.each([
		['rejected the account key', 'AuthenticationFailed InvalidAuthenticationInfo'],
		['lacks the permission List', 'AuthorizationPermissionMismatch InsufficientAccountPermissions'],
		[
			'is not valid for the container itself',
			'AuthorizationResourceTypeMismatch AuthorizationServiceMismatch',
		],
		['only allows HTTPS', 'AuthorizationProtocolMismatch AccountRequiresHttps'],
		['does not exist', 'ContainerNotFound ResourceNotFound FilesystemNotFound'],
		['is being deleted or is disabled', 'ContainerBeingDeleted ContainerDisabled'],
		[
			'does not support this request',
			'InvalidUri InvalidQueryParameterValue UnsupportedQueryParameter UnsupportedHttpVerb',
		],
		['does not support this request', 'UnsupportedHeader InvalidHeaderValue'],
		[
			"can't use its encryption key",
			'KeyVaultEncryptionKeyNotFound KeyVaultAccessTokenCannotBeAcquired KeyVaultVaultNotFound',
		],
		['received too many requests', 'ServerBusy IngressIsLimited EgressIsLimited'],
		['temporarily unavailable', 'OperationTimedOut InternalError AccountBeingCreated'],
	])('reports "%s" for %s', (expected, codes) => {
		for (const code of codes.split(' ')) {
			const { message } = azureFault({ status: 400, headers: {}, body: xml(code) }, KEY);
			expect(message).toContain(expected);
		}
	});

	it('reports a firewall for a denial without a code', () => {
		const { message } = azureFault({ status: 403, headers: {}, body: '' }, KEY);
		expect(message).toContain('refuses requests from n8n');
	});
});
