import { Fault } from '../http/fault';
import { isLoopback } from '../http/loopback';
import { oncePerExecution } from '../http/oncePerExecution';

interface AgoraApiCredential {
	customerId: string;
	appId?: string;
	appCertificate?: string;
	host: 'global' | 'china' | 'custom';
	customHost?: string;
}

export interface Account {
	/** Origin of Agora's REST API, without a trailing slash. */
	host: string;
	customerId: string;
	/** The default project's App ID, '' when the credential has none. */
	appId: string;
	/** Its App Certificate, a secret; '' when the credential has none. */
	appCertificate: string;
}

const HOSTS = { global: 'https://api.agora.io', china: 'https://api.sd-rtn.com' };

/**
 * Reads the Agora API credential of the running node.
 *
 * @throws Fault when the custom host is not an https address (plain http is for this machine only)
 */
export const readAccount = oncePerExecution(async (context): Promise<Account> => {
	const credential = await context.getCredentials<AgoraApiCredential>('agoraApi');
	return {
		host: credential.host === 'custom' ? customHost(credential.customHost) : HOSTS[credential.host],
		customerId: credential.customerId.trim(),
		appId: credential.appId?.trim() ?? '',
		appCertificate: credential.appCertificate?.trim() ?? '',
	};
});

function customHost(text = ''): string {
	const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
	const onThisMachine = isLoopback(url?.hostname ?? '');
	if (url?.protocol === 'https:' || (url?.protocol === 'http:' && onThisMachine)) return url.origin;
	throw new Fault('The Custom Host of the Agora API credential is not an https address', {
		description: 'Write it like https://api-eu-west-1.agora.io, or choose another API Host.',
		cause: 'configuration-invalid',
	});
}
