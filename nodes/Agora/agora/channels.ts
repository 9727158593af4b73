import type { IDataObject } from 'n8n-workflow';
import type { Context } from '../http/concurrency';
import type { Account } from './account';
import { channelManagementRequest, pathSegment } from './channelManagement';
import { isObject, readTimestamp } from './formats';
import { incompleteResponse } from './request';

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
	const { data } = await channelManagementRequest(context, account, {
		name,
		method: 'GET',
		path: `/dev/v1/channel/${pathSegment(appId)}?page_no=${page}&page_size=${size}`,
		limitedBy: appId,
	});
	const channels = isObject(data) ? data.channels : undefined;
	const isChannel = (each: unknown): each is OnlineChannel =>
		isObject(each) && typeof each.channel_name === 'string';
	if (Array.isArray(channels) && channels.every(isChannel)) return channels;
	throw incompleteResponse(name, 'list of channels');
}

export interface ChannelRef {
	appId: string;
	cname: string;
}

export type ChannelProfile = 'communication' | 'live_broadcast';

/** Source: Agora, channel management REST API, "Query user list": `mode`. */
const PROFILES: Record<number, ChannelProfile> = { 1: 'communication', 2: 'live_broadcast' };

/** Agora returns no more of a channel's audience. */
export const MAX_AUDIENCE = 10_000;

export interface ChannelUser {
	uid: string;
	/** Null in a communication channel, which has no roles. */
	role: 'host' | 'audience' | null;
}

export interface ChannelUsers {
	/** Null for one that Agora doesn't document. */
	profile: ChannelProfile | null;
	/** Hosts first. */
	users: ChannelUser[];
	/** How many users are in the channel, including those not listed; null where Agora doesn't count them. */
	count: number | null;
}

/**
 * Lists the users of a channel.
 *
 * @param hostsOnly whether to leave out the audience; a communication channel has no hosts
 * @returns null when nobody is in the channel, as a channel only exists while it has users
 * @throws Fault when Agora refuses, or the response has no list of users
 *
 * Source: Agora, channel management REST API, "Query user list" and "Query host list".
 */
export async function listUsers(
	context: Context,
	account: Account,
	{ appId, cname }: ChannelRef,
	hostsOnly: boolean,
): Promise<ChannelUsers | null> {
	const name = `list the users of channel ${cname}`;
	const channel = `/dev/v1/channel/user/${pathSegment(appId)}/${pathSegment(cname)}`;
	const { data } = await channelManagementRequest(context, account, {
		name,
		method: 'GET',
		path: hostsOnly ? `${channel}/hosts_only` : channel,
		limitedBy: appId,
	});
	if (!isObject(data)) throw incompleteResponse(name, 'list of users');
	if (data.channel_exist === false) return null;
	const users = toChannelUsers(data, hostsOnly);
	if (users === null) throw incompleteResponse(name, 'list of users');
	return users;
}

/**
 * Converts Agora's description of a channel and its users.
 *
 * @param data of a channel that exists
 * @returns null when a documented list is missing, or contains something other than UIDs
 */
export function toChannelUsers(
	data: Record<string, unknown>,
	hostsOnly: boolean,
): ChannelUsers | null {
	const profile = PROFILES[Number(data.mode)] ?? null;
	if (profile === 'communication') {
		// The endpoint for hosts is not for such channels, and what it returns for them is not documented.
		if (hostsOnly) return { profile, users: [], count: null };
		const users = toUsers(data.users, null);
		return users && { profile, users, count: countOf(data.total) };
	}
	const hosts = toUsers(data.broadcasters, 'host');
	const audience = hostsOnly ? [] : toUsers(data.audience, 'audience');
	if (hosts === null || audience === null) return null;
	const total = hostsOnly ? null : countOf(data.audience_total);
	const count = total === null ? null : hosts.length + total;
	return { profile, users: [...hosts, ...audience], count };
}

function toUsers(uids: unknown, role: ChannelUser['role']): ChannelUser[] | null {
	const isUid = (uid: unknown) => typeof uid === 'number' || typeof uid === 'string';
	if (!Array.isArray(uids) || !uids.every(isUid)) return null;
	return uids.map((uid) => ({ uid: String(uid), role }));
}

function countOf(value: unknown): number | null {
	return typeof value === 'number' ? value : null;
}

export interface UserStatus extends IDataObject {
	in_channel: boolean;
	role: ChannelUser['role'];
	channel_profile: ChannelProfile | null;
	platform: string | null;
	/** ISO 8601, UTC. */
	joined_at: string | null;
}

/**
 * @param uid an integer; Agora's endpoint doesn't accept user accounts
 * @returns whether the user is in the channel, and in which role, on which platform and since when
 * @throws Fault when Agora refuses, or the response doesn't say whether the user is in the channel
 *
 * Source: Agora, channel management REST API, "Query user status".
 */
export async function getUserStatus(
	context: Context,
	account: Account,
	{ appId, cname }: ChannelRef,
	uid: string,
): Promise<UserStatus> {
	const name = `get the status of user ${uid} in channel ${cname}`;
	const user = `${pathSegment(appId)}/${pathSegment(uid)}/${pathSegment(cname)}`;
	const { data } = await channelManagementRequest(context, account, {
		name,
		method: 'GET',
		path: `/dev/v1/channel/user/property/${user}`,
		limitedBy: appId,
	});
	if (!isObject(data) || typeof data.in_channel !== 'boolean') {
		throw incompleteResponse(name, 'status of the user');
	}
	return toUserStatus(data);
}

/** Source: Agora, channel management REST API, "Query user status": `role`. 0 is an unknown role. */
const ROLES: Record<number, Pick<UserStatus, 'role' | 'channel_profile'>> = {
	1: { role: null, channel_profile: 'communication' },
	2: { role: 'host', channel_profile: 'live_broadcast' },
	3: { role: 'audience', channel_profile: 'live_broadcast' },
};
const UNKNOWN_ROLE = { role: null, channel_profile: null };

/** Source: Agora, channel management REST API, "Query user status": `platform`. */
const PLATFORMS: Record<number, string> = {
	0: 'other',
	1: 'android',
	2: 'ios',
	5: 'windows',
	6: 'linux',
	7: 'web',
	8: 'macos',
};

/**
 * Converts Agora's status of a user. Only `in_channel` is always there; earlier versions of the API had no `platform`.
 *
 * @returns a platform that Agora doesn't document as `unknown (3)`
 */
export function toUserStatus({
	in_channel: isInChannel,
	role,
	platform,
	join,
}: Record<string, unknown>): UserStatus {
	const hasPlatform = typeof platform === 'number';
	return {
		in_channel: isInChannel === true,
		...(ROLES[Number(role)] ?? UNKNOWN_ROLE),
		platform: hasPlatform ? (PLATFORMS[platform] ?? `unknown (${platform})`) : null,
		joined_at: readTimestamp(join)?.toISO() ?? null,
	};
}
