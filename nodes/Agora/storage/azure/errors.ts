import type { Fault } from '../../http/fault';
import type { Answer } from '../../http/send';
import type { Meaning } from '../errors';
import {
	CLOCK_IS_WRONG,
	IN_CREDENTIAL,
	TOO_MANY,
	UNAVAILABLE,
	errorCode,
	faultOf,
	unknownMeaning,
} from '../errors';

const NOT_ALLOWED: Meaning = {
	says: 'does not allow this',
	todo: `The Shared Access Signature ${IN_CREDENTIAL} needs the permissions Read and List for the container, over the protocol and from the addresses in use.`,
	cause: 'credential-invalid',
};
const GONE: Meaning = {
	says: 'does not exist',
	todo: `Check Bucket (the container’s name), Access Key (the account’s name) and Endpoint ${IN_CREDENTIAL}.`,
	cause: 'configuration-invalid',
};

/** The error codes that a person can act on (Azure: Common REST API error codes, Blob service error codes). */
const MEANINGS = new Map<string, Meaning>(
	Object.entries({
		AuthenticationFailed: {
			says: 'does not accept the signature',
			todo: `Check Secret Key ${IN_CREDENTIAL}: it must be a key of the account in Access Key. A shared access signature may have ended, or be of another container.`,
			cause: 'credential-invalid',
		},
		InvalidAuthenticationInfo: {
			says: 'does not understand the signature',
			todo: `Check Secret Key and Shared Access Signature ${IN_CREDENTIAL}.`,
			cause: 'credential-invalid',
		},
		KeyBasedAuthenticationNotPermitted: {
			says: 'takes no account key',
			todo: 'Allow storage account key access in the storage account’s Configuration: Agora has no other way in.',
			cause: 'configuration-invalid',
		},
		AuthorizationFailure: {
			says: 'refuses the request',
			todo: `Check Secret Key or Shared Access Signature ${IN_CREDENTIAL}: a signature may have ended. If they are right, look at the storage account’s Networking settings: they may not let this n8n in.`,
			cause: 'credential-invalid',
		},
		AuthorizationPermissionMismatch: NOT_ALLOWED,
		AuthorizationProtocolMismatch: NOT_ALLOWED,
		AuthorizationResourceTypeMismatch: NOT_ALLOWED,
		AuthorizationServiceMismatch: NOT_ALLOWED,
		AuthorizationSourceIPMismatch: NOT_ALLOWED,
		InsufficientAccountPermissions: NOT_ALLOWED,
		AccountIsDisabled: {
			says: 'belongs to a storage account that is disabled',
			todo: 'Look at the storage account and its subscription in the Azure portal.',
			cause: 'configuration-invalid',
		},
		ContainerNotFound: GONE,
		ContainerBeingDeleted: GONE,
		ResourceNotFound: GONE,
		BlobArchived: {
			says: 'has this file in its archive',
			todo: 'Bring the blob back to the hot or cool tier in the Azure portal, which takes hours, then try again.',
			cause: 'configuration-invalid',
		},
		ServerBusy: TOO_MANY,
		OperationTimedOut: UNAVAILABLE,
		InternalError: UNAVAILABLE,
	}),
);

/**
 * Puts an error answer of the Blob service into words a person can act on. Never repeats what it says about
 * keys and signatures, so none can slip out.
 *
 * @param container its name
 */
export function azureFault(answer: Answer, container: string): Fault {
	const code = errorCode(answer);
	const meaning = isOld(answer)
		? CLOCK_IS_WRONG
		: (MEANINGS.get(code) ??
			unknownMeaning(answer.status, code, 'Bucket, Access Key and Endpoint'));
	return faultOf(answer, `The container “${container}”`, meaning);
}

/** Azure has one code for a wrong signature and a wrong clock; only its detail tells them apart. */
function isOld({ body }: Answer): boolean {
	return body.includes('Request date header too old');
}
