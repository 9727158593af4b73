import { Fault } from '../http/fault';
import { memoizePerExecution } from '../http/memoizePerExecution';
import { mayCarrySecrets } from '../http/plainHttp';

/** What the user typed in the Agora API credential. */
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
	/** What requests carry of the credential, in the forms in which an answer could say it back. */
	secrets: string[];
}

const HOSTS = { global: 'https://api.agora.io', china: 'https://api.sd-rtn.com' };

/**
 * Reads the Agora API credential of the running node.
 *
 * @throws Fault as `agoraHost` does
 */
export const readAccount = memoizePerExecution(async (context): Promise<Account> => {
	const credential = await context.getCredentials<AgoraApiCredential>('agoraApi');
	return {
		host: agoraHost(credential),
		customerId: credential.customerId.trim(),
		appId: credential.appId?.trim() ?? '',
		appCertificate: credential.appCertificate?.trim() ?? '',
		secrets: secretsOf(credential),
	};
});

/** Basic authentication sends both together, in base64. */
function secretsOf({ customerId, customerSecret, appCertificate = '' }: AgoraApiCredential) {
	const pair = Buffer.from(`${customerId}:${customerSecret}`).toString('base64');
	return [customerSecret, appCertificate, pair].map((secret) => secret.trim());
}

/**
 * @returns the origin that the credential belongs to, whatever path stands behind it
 * @throws Fault when the custom host is no address, or may be another than it seems, or is plain http to another
 *   machine, without the switch for that
 */
export function agoraHost({ host, customHost, allowPlainHttp }: AgoraApiCredential): string {
	if (host !== 'custom') return HOSTS[host];
	const text = customHost?.trim() ?? '';
	const url = URL.canParse(text) ? new URL(text) : null;
	if (url === null || !/^https?:$/.test(url.protocol)) {
		throw wrongHost(
			'is not an https address',
			'Write it like https://api-eu-west-1.agora.io, or choose another API Host.',
		);
	}
	// What stands before an @ is no host, and letters of other alphabets look like those of this one.
	if (url.username || url.password || /[^!-~]/.test(text)) {
		throw wrongHost(
			'is another than it seems',
			`It leads to ${url.host}. Write the host alone, in plain letters, like https://api-eu-west-1.agora.io.`,
		);
	}
	if (!mayCarrySecrets(url, allowPlainHttp === true)) {
		throw wrongHost(
			'is plain http',
			'Customer ID and Customer Secret would travel readable for everybody on the way. Use https. In a network that you trust, you can switch on Allow Plain HTTP in the credential; this machine itself needs no switch.',
		);
	}
	return url.origin;
}

function wrongHost(what: string, description: string): Fault {
	return new Fault(`The Custom Host of the Agora API credential ${what}`, {
		description,
		cause: 'configuration-invalid',
	});
}
