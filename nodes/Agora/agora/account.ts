import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { memoizePerExecution, type Context } from '../http/concurrency';
import { Fault } from '../http/errors';
import { mayCarrySecrets } from '../http/request';

/** The values of the Agora API credential. */
export interface AgoraApiCredential {
	customerId: string;
	customerSecret: string;
	appId?: string;
	appCertificate?: string;
	host: 'global' | 'china' | 'custom';
	customHost?: string;
	allowPlainHttp?: boolean;
}

export interface Account {
	/** Origin of Agora's REST API, without a trailing slash. */
	host: string;
	customerId: string;
	/** The default project's App ID, '' when the credential has none. */
	appId: string;
	/** Its App Certificate, a secret; '' when the credential has none. */
	appCertificate: string;
	/** Secrets of the credential in the forms that requests contain, to recognize them in a response. */
	secrets: string[];
}

const HOSTS = { global: 'https://api.agora.io', china: 'https://api.sd-rtn.com' };

/** Whether the running node has an Agora API credential. */
export function hasAccount(context: Context): boolean {
	return context.getNode().credentials?.agoraApi !== undefined;
}

/**
 * Reads the Agora API credential of the running node.
 *
 * @throws Fault as `agoraHost` does
 */
export const readAccount = memoizePerExecution(async (context): Promise<Account> => {
	if (!hasAccount(context)) {
		throw new Fault('No Agora API credential is connected to this node', {
			description: "Used for all calls to Agora's API. Choose or create it at the top of the node.",
			cause: 'configuration-invalid',
		});
	}
	const credential = await context.getCredentials<AgoraApiCredential>('agoraApi');
	return {
		host: agoraHost(credential),
		customerId: trimmed(credential.customerId),
		appId: credential.appId?.trim() ?? '',
		appCertificate: credential.appCertificate?.trim() ?? '',
		secrets: secretsOf(credential),
	};
});

/**
 * @param option value of the option App ID
 * @returns the App ID of the option, or of the credential
 * @throws Fault when neither is set
 */
export function readAppId(option: unknown, account: Account): string {
	const appId = String(option ?? '').trim() || account.appId;
	if (appId !== '') return appId;
	throw new Fault('No App ID is set', {
		description:
			'Enter the App ID of your project in the Agora API credential, or under Options > App ID.',
		cause: 'configuration-invalid',
	});
}

/** Pasted values often have a line break or a space at the end. */
function trimmed(value: unknown): string {
	return String(value ?? '').trim();
}

/** Basic authentication sends ID and secret together, in Base64. */
function secretsOf({ customerId, customerSecret, appCertificate }: AgoraApiCredential): string[] {
	const [id, secret] = [trimmed(customerId), trimmed(customerSecret)];
	return [secret, trimmed(appCertificate), Buffer.from(`${id}:${secret}`).toString('base64')];
}

/**
 * @returns the origin of the credential's host, without a path
 * @throws Fault when the custom host is not a URL, doesn't point where it appears to, or is unencrypted HTTP to another
 *   machine without *Allow Plain HTTP*
 */
export function agoraHost({ host, customHost, allowPlainHttp }: AgoraApiCredential): string {
	if (host !== 'custom') return HOSTS[host];
	const text = customHost?.trim() ?? '';
	const url = URL.canParse(text) ? new URL(text) : null;
	if (url === null || !/^https?:$/.test(url.protocol)) {
		throw invalidHost(
			'is not an https URL',
			'Enter it like https://api-eu-west-1.agora.io, or choose another API Host.',
		);
	}
	// A user name before an @, or similar letters of another alphabet, can make a URL look like another host's.
	if (url.username || url.password || /[^!-~]/.test(text)) {
		throw invalidHost(
			"contains a user name or non-ASCII characters, so it doesn't point where it appears to",
			`It points to ${url.host}. Enter only the host, in ASCII, like https://api-eu-west-1.agora.io.`,
		);
	}
	if (!mayCarrySecrets(url, allowPlainHttp === true)) {
		throw invalidHost(
			'is unencrypted HTTP',
			'Customer ID and Customer Secret would be sent in clear text. Use https, or turn on Allow Plain HTTP in the credential if you trust the network. Not needed for localhost.',
		);
	}
	return url.origin;
}

function invalidHost(what: string, description: string): Fault {
	return new Fault(`The Custom Host of the Agora API credential ${what}`, {
		description,
		cause: 'configuration-invalid',
	});
}

/** The HTTP Request node still uses the older name of `url`. */
type RequestOptions = IHttpRequestOptions & { uri?: string };

/**
 * Adds Customer ID and Customer Secret to a request to Agora (n8n: a credential's `authenticate`; Agora: RESTful
 * authentication, HTTP Basic).
 *
 * @param data the decrypted credential
 * @param options a request of this node, of the credential's test, or of an HTTP Request node, which can use any host
 * @returns the options with authentication
 * @throws Fault when the credential's host is not valid, or when the secret would be sent in clear text
 */
export function authorizedRequest(
	data: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): IHttpRequestOptions {
	const credential = data as unknown as AgoraApiCredential;
	const host = agoraHost(credential);
	const { url = '', uri, baseURL } = options as RequestOptions;
	const requested = url || uri || '';
	const target = URL.canParse(requested, baseURL) ? new URL(requested, baseURL) : null;
	const mayBePlain = credential.allowPlainHttp === true && target?.origin === host;
	if (target === null || !mayCarrySecrets(target, mayBePlain)) throw notEncrypted(target);
	const { customerId, customerSecret } = credential;
	return {
		...options,
		auth: { username: trimmed(customerId), password: trimmed(customerSecret) },
		sendCredentialsOnCrossOriginRedirect: false,
	};
}

function notEncrypted(target: URL | null): Fault {
	return new Fault(
		`The Agora API credential is not sent to ${target?.origin ?? 'an invalid URL'}`,
		{
			description:
				'It is only sent over https, or unencrypted to localhost, or to the Custom Host if Allow Plain HTTP is turned on in the credential.',
			cause: 'configuration-invalid',
		},
	);
}
