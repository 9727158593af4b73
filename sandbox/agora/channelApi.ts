import { errorResponse, type ApiResponse, type Routes } from '../router.ts';
import type { ChannelMember, Channels } from './channels.ts';
import type { AgoraApi, AppRequest } from './gateway.ts';

const MAX_PAGE_SIZE = 500;
const DEFAULT_PAGE_SIZE = 100;
/** How many members of the audience Agora lists. */
const MAX_AUDIENCE = 10_000;

/** Agora's values of `mode`. */
const COMMUNICATION = 1;
const LIVE_BROADCAST = 2;

/** Agora's values of `role`. */
const ROLES = { user: 1, host: 2, audience: 3 };

/** Agora's value of `platform` for a browser, which all made-up users have. */
const WEB = 7;

/**
 * The queries of the channel management API. Source: Agora, channel management REST API, "Query channel list", "Query
 * user list", "Query host list" and "Query user status".
 */
export class ChannelApi implements AgoraApi {
	readonly #channels: Channels;

	readonly routes: Routes<AppRequest> = {
		'GET /dev/v1/channel/:appId': ({ params, query }) => this.#listChannels(params.appId!, query),
		'GET /dev/v1/channel/user/:appId/:cname': ({ params, query }) =>
			this.#listUsers(params, query.has('hosts_only')),
		'GET /dev/v1/channel/user/:appId/:cname/hosts_only': ({ params }) =>
			this.#listUsers(params, true),
		'GET /dev/v1/channel/user/property/:appId/:uid/:cname': ({ params }) =>
			this.#getUserStatus(params),
	};

	constructor(channels: Channels) {
		this.#channels = channels;
	}

	bodyError = errorResponse;

	#listChannels(appId: string, query: URLSearchParams): ApiResponse {
		const page = Number(query.get('page_no') ?? 0);
		const size = Number(query.get('page_size') ?? DEFAULT_PAGE_SIZE);
		if (!Number.isInteger(page) || page < 0)
			return errorResponse(400, 'page_no must be a whole number, at least 0');
		if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE_SIZE)
			return errorResponse(400, `page_size must be a whole number, 1 to ${MAX_PAGE_SIZE}`);
		const online = this.#channels.online(appId);
		const channels = online
			.slice(page * size, (page + 1) * size)
			.map(({ cname, uids }) => ({ channel_name: cname, user_count: uids.length }));
		return success({ channels, total_size: online.length });
	}

	#listUsers({ appId, cname }: AppRequest['params'], hostsOnly: boolean): ApiResponse {
		const members = this.#channels.members(appId!, cname!);
		if (members.length === 0) return success({ channel_exist: false });
		const uidsOf = (role: ChannelMember['role']) =>
			members.filter((member) => member.role === role).map(({ uid }) => Number(uid));
		const users = uidsOf('user');
		if (users.length > 0) {
			const communication = { channel_exist: true, mode: COMMUNICATION };
			return success(hostsOnly ? communication : { ...communication, total: users.length, users });
		}
		const audience = uidsOf('audience');
		return success({
			channel_exist: true,
			mode: LIVE_BROADCAST,
			broadcasters: uidsOf('host'),
			...(!hostsOnly && {
				audience: audience.slice(0, MAX_AUDIENCE),
				audience_total: audience.length,
			}),
		});
	}

	#getUserStatus({ appId, cname, uid }: AppRequest['params']): ApiResponse {
		if (!/^\d+$/.test(uid!)) return errorResponse(400, 'uid must be a number');
		const member = this.#channels.members(appId!, cname!).find((each) => each.uid === uid);
		if (!member) return success({ in_channel: false });
		return success({
			in_channel: true,
			uid: Number(uid),
			join: Math.floor(member.joinedAt / 1000),
			role: ROLES[member.role],
			platform: WEB,
		});
	}
}

const success = (data: object): ApiResponse => ({ status: 200, body: { success: true, data } });
