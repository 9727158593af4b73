import type { Fault } from '../../http/errors';
import type { HttpResponse } from '../../http/request';
import { explain, faultOf } from '../errors';
import type { ErrorText, Rule, StorageTarget } from '../errorTexts';
import {
	ACCOUNT_BLOCKED,
	IN_CREDENTIAL,
	TOO_MANY,
	UNAVAILABLE,
	UNSIGNED,
	WRONG_CLOCK,
	byReason,
	element,
	errorTable,
	objectName,
} from '../errorTexts';

const SAS = 'The shared access signature for the %s';

const WRONG_KEY: Rule = (_answer, { temporary }) =>
	temporary
		? {
				message: `${SAS} is not valid`,
				description: `Enter the whole signature again as Shared Access Signature ${IN_CREDENTIAL}. If it is right, create another: it may have expired, or the account key it was made with was rotated.`,
				cause: 'credential-invalid',
			}
		: {
				message: 'The storage account of the %s does not accept the account key',
				description: `Copy a key from Security + networking > Access keys of the storage account in Access Key, and enter it as Secret Key ${IN_CREDENTIAL}.`,
				cause: 'credential-invalid',
			};
const SAS_INCOMPLETE: ErrorText = {
	message: `${SAS} is incomplete`,
	description: `Copy the whole SAS token from the Azure portal, and enter it unchanged as Shared Access Signature ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};
const SAS_SCOPE: ErrorText = {
	message: `${SAS} is for something else than the container`,
	description:
		'Create one for the container (service SAS, sr=c), or an account SAS for the service Blob and the resource types Container and Object.',
	cause: 'credential-invalid',
};
const SAS_POLICY_GONE: ErrorText = {
	message: `${SAS} refers to an access policy that does not exist`,
	description: `Create another signature, and enter it as Shared Access Signature ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};

/** "Signature not valid in the specified time frame: Start [<date>] - Expiry [<date>] - Current [<date>]". */
const SAS_TIME: Rule = (answer) => {
	const detail = element(answer, 'AuthenticationErrorDetail');
	const time = (name: string) =>
		Date.parse(new RegExp(`${name} \\[([^\\]]{1,40})\\]`).exec(detail)?.[1] ?? '');
	if (time('Current') < time('Start')) {
		return {
			message: `${SAS} is not valid yet`,
			description:
				'Create one whose start time is in the past, or without a start time. Times in the Azure portal are local.',
			cause: 'credential-invalid',
		};
	}
	return {
		message: `${SAS} has expired`,
		description: `Create one that lasts longer, and enter it as Shared Access Signature ${IN_CREDENTIAL}.`,
		cause: 'credential-invalid',
	};
};

/** One code has many causes; only its detail tells them apart. It quotes signatures, so it is never repeated. */
const DETAILS: Array<[RegExp, Rule]> = [
	[/date header/i, WRONG_CLOCK],
	[/time frame|expiry time|start time/i, SAS_TIME],
	[/signed identifier|access policy/i, SAS_POLICY_GONE],
	[/resource level|signed resource/i, SAS_SCOPE],
	[/not well formed|is mandatory|missing mandatory/i, SAS_INCOMPLETE],
];
const NOT_AUTHENTICATED: Rule = (answer, target) => {
	const detail = element(answer, 'AuthenticationErrorDetail');
	const rule = DETAILS.find(([pattern]) => pattern.test(detail))?.[1] ?? WRONG_KEY;
	return typeof rule === 'function' ? rule(answer, target) : rule;
};

const NETWORK = 'Networking > Public network access of the storage account';
const NOT_AUTHORIZED: Rule = (_answer, { temporary }) => ({
	message: 'The storage account of the %s refuses requests from n8n',
	description: `Add the public IP address of the n8n host under ${NETWORK} in the Azure portal.${
		temporary ? ' If access is open to all networks, create another shared access signature.' : ''
	}`,
	cause: 'configuration-invalid',
});
const NOT_PERMITTED: Rule = (_answer, { key, action = key === undefined ? 'list' : 'read' }) => ({
	message: `${SAS} lacks the permission ${{ list: 'List', read: 'Read', write: 'Write' }[action]}`,
	description: `Create one with the permissions Read and List; to start recordings, enter an account key as Secret Key instead ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
});
const NO_CONTAINER: ErrorText = {
	message: 'The %s does not exist',
	description: `Check Bucket (the container's name), Access Key (the account's name) and Endpoint ${IN_CREDENTIAL}.`,
	cause: 'configuration-invalid',
};
const WRONG_ENDPOINT: ErrorText = {
	message: 'The endpoint of the %s does not understand the request',
	description: `Leave Endpoint empty ${IN_CREDENTIAL}, or enter the account's Blob service endpoint (account.blob.core.windows.net), not dfs, file or web.`,
	cause: 'configuration-invalid',
};
const OLD_VERSION: ErrorText = {
	message: 'The storage of the %s does not know the API version that this node uses',
	description: 'Update the storage. Azurite: start it with --skipApiVersionCheck.',
	cause: 'configuration-invalid',
};

/** Codes of the Blob service (Azure: common REST API error codes, Blob service error codes, SAS error codes). */
const AZURE_ERRORS = errorTable([
	['AuthenticationFailed InvalidAuthenticationInfo', NOT_AUTHENTICATED],
	['NoAuthenticationInformation', UNSIGNED],
	[
		'PublicAccessNotPermitted',
		{
			message: 'The %s received the request without its signature, and allows no public access',
			description: UNSIGNED.description,
			cause: 'configuration-invalid',
		},
	],
	[
		'KeyBasedAuthenticationNotPermitted',
		{
			message: 'The storage account of the %s does not allow account keys',
			description:
				'Turn on Settings > Configuration > Allow storage account key access of the storage account. Agora has no other way in.',
			cause: 'configuration-invalid',
		},
	],
	// Azurite has this code for a wrong key, too.
	[
		'AuthorizationFailure',
		byReason([[/failed to authenticate/i, NOT_AUTHENTICATED]], NOT_AUTHORIZED),
	],
	['403', NOT_AUTHORIZED],
	['AuthorizationPermissionMismatch InsufficientAccountPermissions', NOT_PERMITTED],
	['AuthorizationResourceTypeMismatch AuthorizationServiceMismatch', SAS_SCOPE],
	[
		'AuthorizationSourceIPMismatch',
		{
			message: `${SAS} does not allow the IP address of the n8n host`,
			description:
				'Create one without a limit to IP addresses, or with the public address of the n8n host.',
			cause: 'credential-invalid',
		},
	],
	[
		'AuthorizationProtocolMismatch AccountRequiresHttps',
		{
			message: 'The %s only allows HTTPS',
			description: `Begin Endpoint with https:// ${IN_CREDENTIAL}.`,
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
			message: 'The %s has a name that Azure does not allow',
			description: `Enter the name of the container alone as Bucket ${IN_CREDENTIAL}: lower-case letters, digits and single hyphens.`,
			cause: 'configuration-invalid',
		},
	],
	['InvalidUri InvalidQueryParameterValue UnsupportedQueryParameter', WRONG_ENDPOINT],
	['UnsupportedHttpVerb UnsupportedHeader', WRONG_ENDPOINT],
	['InvalidHeaderValue', byReason([[/API version/i, OLD_VERSION]], WRONG_ENDPOINT)],
	[
		'BlobArchived',
		(_answer, target) => ({
			message: `${objectName(target)} is archived: restore it first`,
			description:
				'Change its access tier to Hot or Cool in the Azure portal, which takes up to 15 hours, then try again.',
			cause: 'configuration-invalid',
			objectOnly: true,
		}),
	],
	[
		'BlobBeingRehydrated',
		(_answer, target) => ({
			message: `${objectName(target)} is still being restored from the archive`,
			description: 'Restoring takes up to 15 hours. Try again when it is done.',
			cause: 'configuration-invalid',
			objectOnly: true,
		}),
	],
	[
		'BlobImmutableDueToPolicy',
		(_answer, target) => ({
			message: `${objectName(target)} is locked by an immutability policy and can't be overwritten`,
			description: 'Wait until the retention interval ends, or use another container.',
			cause: 'configuration-invalid',
			objectOnly: true,
		}),
	],
	[
		'KeyVaultEncryptionKeyNotFound KeyVaultAccessTokenCannotBeAcquired KeyVaultVaultNotFound',
		{
			message: 'The storage account of the %s cannot use its encryption key',
			description:
				'Check the key in Key Vault and the access of the storage account to it, under Security + networking > Encryption.',
			cause: 'configuration-invalid',
		},
	],
	['ServerBusy IngressIsLimited EgressIsLimited', TOO_MANY],
	['OperationTimedOut InternalError AccountBeingCreated', UNAVAILABLE],
]);

/**
 * Explains an error answer of the Blob service, by its code, the detail of a failed authentication, and its status.
 * Nothing of the answer is repeated but its code.
 *
 * @param target the request that was refused; `temporary` for a shared access signature
 */
export function azureFault(answer: HttpResponse, target: StorageTarget): Fault {
	const text = explain(answer, target, AZURE_ERRORS);
	return faultOf(answer, 'container', target, text);
}
