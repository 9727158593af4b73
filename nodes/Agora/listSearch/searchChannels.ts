import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { readAccount } from '../agora/account';
import { listChannels } from '../agora/channels';
import { toNodeError } from '../http/errors';
import { appIdOf } from './appIdOf';

const SHOWN = 100;
/** Agora's API can't search, so as many as ten requests list are searched. */
const SEARCHED = 5000;

/** Lists the channels with users in them whose name contains the filter. */
export async function searchChannels(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const wanted = filter.toLowerCase();
	try {
		const account = await readAccount(this);
		const searched = wanted === '' ? SHOWN : SEARCHED;
		const channels = await listChannels(this, account, appIdOf(this, account), searched);
		return {
			results: channels
				.filter(({ channel_name: cname }) => cname.toLowerCase().includes(wanted))
				.slice(0, SHOWN)
				.map(({ channel_name: cname, user_count: users }) => ({
					name: `${cname} · ${users} ${users === 1 ? 'user' : 'users'}`,
					value: cname,
				})),
		};
	} catch (error) {
		throw toNodeError(this.getNode(), error);
	}
}
