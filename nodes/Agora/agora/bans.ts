import type { IDataObject } from 'n8n-workflow';
import type { Context } from '../http/concurrency';
import { Fault } from '../http/errors';
import { serverTime, type HttpResponse } from '../http/request';
import type { Account } from './account';
import { channelManagementRequest, successBody } from './channelManagement';
import { withWarning } from './errors';
import { isObject, readTimestamp } from './formats';
import { agoraResponse, incompleteResponse, type AgoraCall } from './request';

/** Agora's name for a ban in URLs. */
const PATH = '/dev/v1/kicking-rule';

/** Agora: minutes of the longest ban. A longer one would be shortened without notice. */
export const MAX_MINUTES = 1440;

/** What a ban takes away (Agora: "Create a banning rule", `privileges`). */
export type Privilege = 'join_channel' | 'publish_audio' | 'publish_video';

/** Whom a ban concerns. Agora documents an IP address alone, a channel, a UID, and a UID in a channel. */
export interface BanTarget {
	cname?: string;
	/** An integer; Agora's API doesn't accept user accounts. */
	uid?: string;
	ip?: string;
}

/** A ban as the operations return it. Times are ISO 8601, UTC. */
export interface Ban extends IDataObject {
	id: number;
	/** Null for all channels. */
	cname: string | null;
	/** Null for everyone. */
	uid: string | null;
	ip: string | null;
	privileges: string[] | null;
	created_at: string | null;
	expires_at: string | null;
}

/**
 * Creates a ban. The request is not repeated: each creates another ban, and all have to be deleted to lift it.
 *
 * @param minutes how long it lasts, 1 to MAX_MINUTES
 * @returns the ban. Agora only returns its ID, so the times are counted from the `Date` of the response.
 * @throws Fault when Agora refuses. If the ban may have been created, the error contains a warning.
 *
 * Source: Agora, channel management REST API, "Create a banning rule".
 */
export async function createBan(
	context: Context,
	account: Account,
	appId: string,
	{ target, privileges, minutes }: { target: BanTarget; privileges: Privilege[]; minutes: number },
): Promise<Ban> {
	const { cname, uid, ip } = target;
	const name = 'create the ban';
	try {
		const response = await agoraResponse(context, account, {
			name,
			method: 'POST',
			path: PATH,
			// Agora forbids 0 for unset criteria, and its pages differ on empty strings, so they are left out.
			body: {
				appid: appId,
				...(cname !== undefined && { cname }),
				...(uid !== undefined && { uid: Number(uid) }),
				...(ip !== undefined && { ip }),
				time: minutes,
				privileges,
			},
			limitedBy: account.customerId,
			isRepeatable: false,
		});
		const { id } = successBody(response, name);
		if (typeof id !== 'number') throw incompleteResponse(name, 'ID of the ban');
		const created = serverTime(response);
		return {
			id,
			cname: cname ?? null,
			uid: uid ?? null,
			ip: ip ?? null,
			privileges,
			created_at: new Date(created).toISOString(),
			expires_at: new Date(created + minutes * 60_000).toISOString(),
		};
	} catch (error) {
		throw withWarning(
			error,
			'The ban may have been created. Check with Ban > Get Many before you create it again.',
		);
	}
}

/**
 * Lists the bans of a project. Agora documents that the list may lack bans when its network is unstable.
 *
 * @returns all bans, in Agora's order. The API has no pages and no filter.
 * @throws Fault when Agora refuses, or the response has no list of bans
 *
 * Source: Agora, channel management REST API, "Get the banning rule list".
 */
export async function listBans(context: Context, account: Account, appId: string): Promise<Ban[]> {
	const name = 'list the bans';
	const query = new URLSearchParams({ appid: appId });
	const { rules } = await channelManagementRequest(context, account, {
		name,
		method: 'GET',
		path: `${PATH}?${query.toString()}`,
		limitedBy: account.customerId,
	});
	const isRule = (each: unknown): each is Record<string, unknown> =>
		isObject(each) && typeof each.id === 'number';
	if (Array.isArray(rules) && rules.every(isRule)) return rules.map(toBan);
	throw incompleteResponse(name, 'list of bans');
}

/**
 * Sets when a ban expires. Repeating the request only sets the same duration again.
 *
 * @param minutes from now, 1 to MAX_MINUTES
 * @returns the ban as it is now. Agora only returns its ID and its expiry; the rest is read from the list of bans, and
 *   is null where the list lacks it.
 * @throws Fault when Agora refuses, for example because the ban doesn't exist
 *
 * Source: Agora, channel management REST API, "Update the expiration time of a banning rule".
 */
export async function updateBan(
	context: Context,
	account: Account,
	appId: string,
	{ id, minutes }: { id: number; minutes: number },
): Promise<Ban> {
	const name = `update ban ${id}`;
	const response = await agoraResponse(context, account, {
		...changeOf(account, name, { appid: appId, id, time: minutes }),
		method: 'PUT',
	});
	if (response.status === 404) throw unknownBan(id, name);
	const { result } = confirmed(response, name);
	// The ban is updated, so an incomplete or missing list is no failure.
	const bans = await listBans(context, account, appId).catch(() => []);
	const ban = bans.find((each) => each.id === id) ?? toBan({ id });
	const expiry = isObject(result) ? toTime(result.ts) : null;
	return { ...ban, expires_at: expiry ?? ban.expires_at };
}

/**
 * Deletes a ban, which lifts it at once.
 *
 * @throws Fault when Agora refuses, for example because the ban doesn't exist
 *
 * Source: Agora, channel management REST API, "Delete a banning rule".
 */
export async function deleteBan(
	context: Context,
	account: Account,
	appId: string,
	id: number,
): Promise<void> {
	const name = `delete ban ${id}`;
	const response = await agoraResponse(context, account, {
		...changeOf(account, name, { appid: appId, id }),
		method: 'DELETE',
	});
	if (response.status !== 404) confirmed(response, name);
	// Otherwise an earlier attempt of this request may have deleted it.
	else if (!response.mayBeDuplicate) throw unknownBan(id, name);
}

function changeOf(
	{ customerId }: Account,
	name: string,
	body: object,
): Pick<AgoraCall, 'name' | 'path' | 'body' | 'limitedBy'> {
	return { name, path: PATH, body, limitedBy: customerId };
}

/** Without Agora's confirmation, as from another server, the ban may be the same as before. */
function confirmed(response: HttpResponse, name: string): Record<string, unknown> {
	const json = successBody(response, name);
	if (json.status === undefined) throw incompleteResponse(name, 'status');
	return json;
}

/** Agora doesn't document its response for an ID that doesn't exist; 404 is its status for missing resources. */
function unknownBan(id: number, name: string): Fault {
	return new Fault(`Agora has no ban ${id} (could not ${name})`, {
		description:
			'It may have expired or been deleted, or belong to another project. Ban > Get Many lists the bans of a project. Otherwise check the API Host in the Agora API credential.',
		httpCode: '404',
	});
}

/**
 * Converts a rule of Agora's. `updateAt` is left out: in Agora's documentation it is 8 hours late.
 *
 * @param rule only its ID is always there; unset criteria have been documented as null, and may be empty or 0
 */
export function toBan(rule: Record<string, unknown>): Ban {
	const { id, cname, uid, ip, privileges, createAt, ts } = rule;
	return {
		id: Number(id),
		// Unlike a UID or an IP address, a channel can be named 0.
		cname: typeof cname === 'string' && cname !== '' ? cname : null,
		uid: toCriterion(uid),
		ip: toCriterion(ip),
		privileges: Array.isArray(privileges) ? privileges.map(String) : null,
		created_at: toTime(createAt),
		expires_at: toTime(ts),
	};
}

function toCriterion(value: unknown): string | null {
	const isSet = typeof value === 'number' || typeof value === 'string';
	return isSet && !['', '0'].includes(String(value)) ? String(value) : null;
}

function toTime(value: unknown): string | null {
	return readTimestamp(value)?.toISO() ?? null;
}
