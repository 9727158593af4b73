import type { IDataObject } from 'n8n-workflow';
import type { Context } from '../http/concurrency';
import type { Account } from './account';
import { isObject } from './formats';
import { agoraRequest, incompleteResponse } from './request';

/** A channel with users in it. */
export interface OnlineChannel extends IDataObject {
	channel_name: string;
	user_count: number;
}

/** Agora: the largest `page_size`. */
const MAX_PAGE_SIZE = 500;

/**
 * Lists the channels of a project that have users in them. Between two pages channels come and go, so Agora may list one
 * twice or leave one out; each is returned once.
 *
 * @param limit maximum number of channels, Infinity for all
 * @returns the channels in Agora's order
 * @throws Fault when Agora refuses, or a page has no list of channels
 *
 * Source: Agora, channel management REST API, "Query channel list".
 */
export async function listChannels(
	context: Context,
	account: Account,
	appId: string,
	limit: number,
): Promise<OnlineChannel[]> {
	const size = Math.min(limit, MAX_PAGE_SIZE);
	const channels = new Map<string, OnlineChannel>();
	for (let page = 0; channels.size < limit; page++) {
		const found = await listPage(context, account, appId, page, size);
		const known = channels.size;
		for (const channel of found) channels.set(channel.channel_name, channel);
		// A page without a new channel is the same page again.
		if (found.length < size || channels.size === known) break;
	}
	return [...channels.values()].slice(0, limit);
}

async function listPage(
	context: Context,
	account: Account,
	appId: string,
	page: number,
	size: number,
): Promise<OnlineChannel[]> {
	const name = 'list the channels';
	const { data } = await agoraRequest(context, account, {
		name,
		method: 'GET',
		path: `/dev/v1/channel/${encodeURIComponent(appId)}?page_no=${page}&page_size=${size}`,
		limitedBy: appId,
	});
	const channels = isObject(data) ? data.channels : undefined;
	const isChannel = (each: unknown): each is OnlineChannel =>
		isObject(each) && typeof each.channel_name === 'string';
	if (Array.isArray(channels) && channels.every(isChannel)) return channels;
	throw incompleteResponse(name, 'list of channels');
}
