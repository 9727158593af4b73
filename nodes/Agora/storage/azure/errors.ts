import type { Fault } from '../../http/errors';
import type { HttpResponse } from '../../http/request';
import { element } from '../errorResponse';
import { findErrorText, toFault } from '../errors';
import type { ErrorText, Rule } from '../errorTexts';
import {
	ACCOUNT_BLOCKED,
	IN_CREDENTIAL,
	TOO_MANY_REQUESTS,
	UNAVAILABLE,
	UNSIGNED,
	WRONG_CLOCK,
	actionOf,
	applyRule,
	byMessage,
	errorTable,
	objectName,
} from '../errorTexts';
import type { StorageTarget } from '../types';

const SAS = 'The shared access signature for the %s';

const WRONG_KEY: Rule = (_response, { temporary }) =>
	temporary
		? {
				message: `${SAS} is not valid`,
				description: `Enter the full signature again as Shared Access Signature ${IN_CREDENTIAL}. If it is correct, create a new one: it may have expired, or its account key was rotated.`,
				cause: 'credential-invalid',
			}
		: {
				message: 'The storage account of the %s rejected the account key',
				description: `Copy a key from Security + networking > Access keys of the storage account, and enter it as Secret Key ${IN_CREDENTIAL}. Access Key must be the name of this account.`,
				cause: 'credential-invalid',
			};
const SAS_INCOMPLETE: ErrorText = {
	message: `${SAS} is incomplete`,
	description: `Copy the full SAS token from the Azure portal, and enter it unchanged as Shared Access Signature ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};
const SAS_SCOPE: ErrorText = {
	message: `${SAS} is not valid for the container itself`,
	description:
		'Create one for the container (service SAS, sr=c), or an account SAS for the service Blob and the resource types Container and Object.',
	cause: 'credential-invalid',
};
const SAS_POLICY_GONE: ErrorText = {
	message: `${SAS} refers to an access policy that does not exist`,
	description: `Create a new signature, and enter it as Shared Access Signature ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};

/** "Signature not valid in the specified time frame: Start [<date>] - Expiry [<date>] - Current [<date>]". */
const SAS_TIME: Rule = (response) => {
	const detail = element(response, 'AuthenticationErrorDetail');
	const time = (name: string) =>
		Date.parse(new RegExp(`${name} \\[([^\\]]{1,40})\\]`).exec(detail)?.[1] ?? '');
	if (time('Current') < time('Start')) {
		return {
			message: `${SAS} is not valid yet`,
			description:
				'Create one whose start time is in the past, or without a start time. Times in the Azure portal are in local time.',
			cause: 'credential-invalid',
		};
	}
	return {
		message: `${SAS} has expired`,
		description: `Create one with a later expiry time, and enter it as Shared Access Signature ${IN_CREDENTIAL}.`,
		cause: 'credential-invalid',
	};
};

/** One code has many causes, which only its detail distinguishes. It quotes signatures, so it is never shown. */
const DETAILS: Array<[RegExp, Rule]> = [
	[/date header/i, WRONG_CLOCK],
	[/time frame|expiry time|start time/i, SAS_TIME],
	[/signed identifier|access policy/i, SAS_POLICY_GONE],
	[/resource level|signed resource/i, SAS_SCOPE],
	[/not well formed|is mandatory|missing mandatory/i, SAS_INCOMPLETE],
];
const NOT_AUTHENTICATED: Rule = (response, target) => {
	const detail = element(response, 'AuthenticationErrorDetail');
	const rule = DETAILS.find(([pattern]) => pattern.test(detail))?.[1] ?? WRONG_KEY;
	return applyRule(rule, response, target);
};

const NETWORK = 'Networking > Public network access of the storage account';
const NOT_AUTHORIZED: Rule = (_response, { temporary }) => ({
	message: 'The storage account of the %s refuses requests from n8n',
	description: `Add the public IP address of the n8n host under ${NETWORK} in the Azure portal.${
		temporary ? ' If access is open to all networks, create a new shared access signature.' : ''
	}`,
	cause: 'configuration-invalid',
});
const NOT_PERMITTED: Rule = (_response, target) => ({
	message: `${SAS} lacks the permission ${{ list: 'List', read: 'Read', write: 'Write' }[actionOf(target)]}`,
	description: `Create one with the permissions Read and List; to start recordings, enter an account key as Secret Key instead ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
});
const NO_CONTAINER: ErrorText = {
	message: 'The %s does not exist',
	description: `Check Bucket (the container's name), Access Key (the account's name) and Endpoint ${IN_CREDENTIAL}.`,
	cause: 'configuration-invalid',
};
const WRONG_ENDPOINT: ErrorText = {
	message: 'The endpoint of the %s does not support this request',
	description: `Leave Endpoint empty ${IN_CREDENTIAL}, or enter the account's Blob service endpoint (account.blob.core.windows.net), not dfs, file or web.`,
	cause: 'configuration-invalid',
};
const OLD_VERSION: ErrorText = {
	message: 'The storage of the %s does not support the API version of this node',
	description: 'Update the storage. Start Azurite with --skipApiVersionCheck.',
	cause: 'configuration-invalid',
};

/** Codes of the Blob service (Azure: common REST API error codes, Blob service error codes, SAS error codes). */
const AZURE_ERRORS = errorTable([
	['AuthenticationFailed InvalidAuthenticationInfo', NOT_AUTHENTICATED],
	['NoAuthenticationInformation', UNSIGNED],
	[
		'PublicAccessNotPermitted',
		{
			message: 'The %s received the request without a signature, and does not allow public access',
			description: UNSIGNED.description,
			cause: 'configuration-invalid',
		},
	],
	[
		'KeyBasedAuthenticationNotPermitted',
		{
			message: 'The storage account of the %s does not allow account keys',
			description:
				'Turn on Settings > Configuration > Allow storage account key access of the storage account. Agora requires it to upload recordings.',
			cause: 'configuration-invalid',
		},
	],
	// Azurite also returns this code for a wrong key.
	[
		'AuthorizationFailure',
		byMessage([[/failed to authenticate/i, NOT_AUTHENTICATED]], NOT_AUTHORIZED),
	],
	['403', NOT_AUTHORIZED],
	['AuthorizationPermissionMismatch InsufficientAccountPermissions', NOT_PERMITTED],
	['AuthorizationResourceTypeMismatch AuthorizationServiceMismatch', SAS_SCOPE],
	[
		'AuthorizationSourceIPMismatch',
		{
			message: `${SAS} does not allow the IP address of the n8n host`,
			description:
				'Create one without IP restrictions, or for the public IP address of the n8n host.',
			cause: 'credential-invalid',
		},
	],
	[
		'AuthorizationProtocolMismatch AccountRequiresHttps',
		{
			message: 'The %s only allows HTTPS',
			description: `Change Endpoint to start with https:// ${IN_CREDENTIAL}.`,
			cause: 'configuration-invalid',
		},
	],
	['AccountIsDisabled', ACCOUNT_BLOCKED],
	['ContainerNotFound ResourceNotFound FilesystemNotFound 404', NO_CONTAINER],
	[
		'ContainerBeingDeleted ContainerDisabled',
		{
			message: 'The %s is being deleted or is disabled',
			description: 'Use another container, or restore this one in the Azure portal.',
			cause: 'configuration-invalid',
		},
	],
	[
		'InvalidResourceName',
		{
			message: 'The name of the %s is not valid',
			description: `Enter only the container name as Bucket ${IN_CREDENTIAL}: lowercase letters, digits and single hyphens.`,
			cause: 'configuration-invalid',
		},
	],
	['InvalidUri InvalidQueryParameterValue UnsupportedQueryParameter', WRONG_ENDPOINT],
	['UnsupportedHttpVerb UnsupportedHeader', WRONG_ENDPOINT],
	['InvalidHeaderValue', byMessage([[/API version/i, OLD_VERSION]], WRONG_ENDPOINT)],
	[
		'BlobArchived',
		(_response, target) => ({
			message: `${objectName(target)} is archived and must be restored first`,
			description:
				'Change its access tier to Hot or Cool in the Azure portal, which takes up to 15 hours, then try again.',
			cause: 'configuration-invalid',
		}),
	],
	[
		'BlobBeingRehydrated',
		(_response, target) => ({
			message: `${objectName(target)} is still being restored from the archive`,
			description: 'Restoring takes up to 15 hours. Try again when it is done.',
			cause: 'configuration-invalid',
		}),
	],
	[
		'BlobImmutableDueToPolicy',
		(_response, target) => ({
			message: `${objectName(target)} is locked by an immutability policy and can't be overwritten`,
			description: 'Wait until the retention interval ends, or use another container.',
			cause: 'configuration-invalid',
		}),
	],
	[
		'KeyVaultEncryptionKeyNotFound KeyVaultAccessTokenCannotBeAcquired KeyVaultVaultNotFound',
		{
			message: "The storage account of the %s can't use its encryption key",
			description:
				'Check the key in Key Vault and that the storage account can access it, under Security + networking > Encryption.',
			cause: 'configuration-invalid',
		},
	],
	['ServerBusy IngressIsLimited EgressIsLimited', TOO_MANY_REQUESTS],
	['OperationTimedOut InternalError AccountBeingCreated', UNAVAILABLE],
]);

/**
 * Explains an error response of the Blob service by its code, the detail of a failed authentication, and its status.
 * Repeats nothing of the response but its code.
 *
 * @param target the request that was refused; `temporary` for a shared access signature
 */
export function azureFault(response: HttpResponse, target: StorageTarget): Fault {
	const text = findErrorText(response, target, AZURE_ERRORS);
	return toFault(response, 'container', target, text);
}
