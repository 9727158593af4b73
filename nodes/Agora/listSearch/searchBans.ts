import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { readAccount } from '../agora/account';
import { listBans, type Ban } from '../agora/bans';
import { toNodeError } from '../http/errors';
import { readableTime } from '../recordings/recording';
import { appIdOf } from './appIdOf';

/** Lists the bans whose channel, UID, IP address or ID contains the filter. */
export async function searchBans(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const wanted = filter.toLowerCase();
	try {
		const account = await readAccount(this);
		const bans = await listBans(this, account, appIdOf(this, account));
		return {
			results: bans
				.map((ban) => ({ name: labelOf(ban), value: String(ban.id) }))
				.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted)),
		};
	} catch (error) {
		throw toNodeError(this.getNode(), error);
	}
}

/** @returns such as `1001 in class-7b · until 23 Nov 2026, 10:00:00 UTC` */
function labelOf({ cname, uid, ip, expires_at: expires }: Ban): string {
	const who = [...(uid === null ? [] : [uid]), ...(ip === null ? [] : [ip])].join(', ');
	const target = `${who || 'Everyone'} in ${cname ?? 'all channels'}`;
	return expires === null ? target : `${target} · until ${readableTime(expires)}`;
}
