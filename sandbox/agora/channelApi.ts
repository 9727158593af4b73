import { errorResponse, type ApiResponse, type Routes } from '../router.ts';
import type { Channels } from './channels.ts';
import type { AgoraApi, AppRequest } from './gateway.ts';

const MAX_PAGE_SIZE = 500;
const DEFAULT_PAGE_SIZE = 100;

/** The channel management API. Source: Agora, channel management REST API, "Query channel list". */
export class ChannelApi implements AgoraApi {
	readonly #channels: Channels;

	readonly routes: Routes<AppRequest> = {
		'GET /dev/v1/channel/:appId': ({ params, query }) => this.#listChannels(params.appId!, query),
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
		return { status: 200, body: { success: true, data: { channels, total_size: online.length } } };
	}
}
