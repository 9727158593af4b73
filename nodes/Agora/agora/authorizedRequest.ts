import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { Fault } from '../http/fault';
import { mayCarrySecrets } from '../http/plainHttp';
import { agoraHost, type AgoraApiCredential } from './account';

/** The HTTP Request node still fills the older field for the address. */
type Options = IHttpRequestOptions & { uri?: string };

/**
 * Authorizes a request to Agora with Customer ID and Customer Secret (n8n: a credential's `authenticate`; Agora:
 * RESTful authentication, HTTP Basic).
 *
 * @param data the decrypted credential
 * @param options of the node, of the credential's test, or of an HTTP Request node, which may ask any host
 * @returns the options to send
 * @throws Fault when the credential's host cannot be right, or when the keys would travel readable
 */
export function authorizedRequest(
	data: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): IHttpRequestOptions {
	const credential = data as unknown as AgoraApiCredential;
	const host = agoraHost(credential);
	const { url = '', uri, baseURL } = options as Options;
	const address = url || uri || '';
	const target = URL.canParse(address, baseURL) ? new URL(address, baseURL) : null;
	const mayBePlain = credential.allowPlainHttp === true && target?.origin === host;
	if (target === null || !mayCarrySecrets(target, mayBePlain)) throw readable(target);
	const { customerId, customerSecret = '' } = credential;
	return {
		...options,
		auth: { username: customerId, password: customerSecret },
		sendCredentialsOnCrossOriginRedirect: false,
	};
}

function readable(target: URL | null): Fault {
	return new Fault(
		`The Agora API credential is not sent to ${target?.origin ?? 'what is no address'}`,
		{
			description:
				'It goes by https only, and by plain http to this machine itself, or to the Custom Host where Allow Plain HTTP is switched on in the credential.',
			cause: 'configuration-invalid',
		},
	);
}
