import AccessToken2Module from 'agora-token/src/AccessToken2.js';
import type { Project } from './account.ts';

const RTC_SERVICE = 1;

/**
 * Whether the recorder may join the channel. Without an App Certificate, it always may; otherwise it needs a token
 * (AccessToken2, checked by Agora's own library) for exactly that channel and user ID.
 *
 * @param token `clientRequest.token`
 */
export function mayJoin(
	project: Project,
	cname: string,
	uid: string,
	token: string | undefined,
): boolean {
	if (!project.certificateEnabled) return true;
	const { AccessToken2 } = AccessToken2Module;
	const parsed = new AccessToken2('', '', 0, 0);
	if (!parsed.from_string(token) || String(parsed.appId) !== project.vendor_key) return false;
	if (!parsed.verifySignature(project.certificate)) return false;
	if (parsed.issueTs + parsed.expire <= Date.now() / 1000) return false;
	return parsed
		.getServices(RTC_SERVICE)
		.some(
			(service: { __channel_name: unknown; __uid: unknown }) =>
				String(service.__channel_name) === cname && ['', uid].includes(String(service.__uid)),
		);
}
