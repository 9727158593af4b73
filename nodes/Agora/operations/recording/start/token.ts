import type { Account } from '../../../agora/account';
import type { Channel } from '../../../agora/cloudRecording';
import { rtcToken } from '../../../agora/rtcToken';
import { wholeNumber } from '../../../agora/valueCheck';
import { Fault } from '../../../http/fault';
import type { Mode } from './mode';

/** As long as a recording can be under control (Agora: `acquire`). */
const MAX_HOURS = 720;

/**
 * The token with which the recorder joins the channel. It cannot be renewed, so the recording ends with it.
 *
 * @param given a token that the person made
 * @param hours lifetime of one that is made here
 * @returns none for a web page, nor without an App Certificate: and a certificate is good for its own
 *   project only
 *
 * @throws Fault when the lifetime is not 1 to 720 hours
 *
 * Source: Agora, cloud recording, `start`: `token`.
 */
export function recorderToken(
	{ appId, appCertificate }: Account,
	channel: Channel,
	mode: Mode,
	{ given, hours }: { given?: string; hours: number },
): string | undefined {
	if (mode === 'web') return undefined;
	if (given?.trim()) return given.trim();
	if (appCertificate === '' || channel.appId !== appId) return undefined;
	if (!wholeNumber(1, MAX_HOURS)(hours)) {
		throw new Fault('The field ‘Token Lifetime’ cannot have this value', {
			description: `It must be hours, 1 to ${MAX_HOURS}.`,
		});
	}
	const { cname, uid } = channel;
	return rtcToken({ appId, appCertificate, channel: cname, uid, lifetimeSeconds: hours * 3600 });
}
