import { errorResponse, type ApiResponse, type Routes } from '../router.ts';
import type { Account } from './account.ts';
import type { BanRule, Bans, NewBan } from './bans.ts';
import type { AgoraApi, AgoraRequest } from './gateway.ts';

type Body = AgoraRequest['body'];

const PRIVILEGES = ['join_channel', 'publish_audio', 'publish_video'];
const MAX_UID = 2 ** 32 - 1;
const DEFAULT_SECONDS = 3600;

/** The ban part of the channel management API. Source: Agora, channel management REST API, "Ban user privileges". */
export class BanApi implements AgoraApi {
	readonly #account: Account;
	readonly #bans: Bans;

	readonly routes: Routes<AgoraRequest> = {
		'POST /dev/v1/kicking-rule': ({ body }) => this.#create(body),
		'GET /dev/v1/kicking-rule': ({ query }) => this.#list(query.get('appid')),
		'PUT /dev/v1/kicking-rule': ({ body }) =>
			this.#change(body, (rule) => {
				this.#bans.extend(rule, secondsOf(body));
				return { result: { id: rule.id, ts: rule.ts } };
			}),
		'DELETE /dev/v1/kicking-rule': ({ body }) =>
			this.#change(body, (rule) => {
				this.#bans.remove(rule);
				return { id: rule.id };
			}),
	};

	constructor(account: Account, bans: Bans) {
		this.#account = account;
		this.#bans = bans;
	}

	bodyError = errorResponse;

	#create(body: Body): ApiResponse {
		const problem = this.#appIdProblem(body.appid) ?? timeProblem(body) ?? banProblem(body);
		if (problem) return errorResponse(400, problem);
		const { appid, cname, uid, ip, privileges } = body as Partial<NewBan>;
		const rule = this.#bans.create(
			{
				appid: appid!,
				cname: cname || null,
				uid: uid ?? null,
				ip: ip || null,
				privileges: privileges!,
			},
			secondsOf(body),
		);
		return success({ id: rule.id });
	}

	#list(appId: string | null): ApiResponse {
		const problem = this.#appIdProblem(appId);
		return problem ? errorResponse(400, problem) : success({ rules: this.#bans.of(appId!) });
	}

	#change(body: Body, change: (rule: BanRule) => object): ApiResponse {
		const { appid, id } = body;
		const problem = this.#appIdProblem(appid) ?? timeProblem(body);
		if (problem) return errorResponse(400, problem);
		if (!Number.isInteger(id)) return errorResponse(400, 'id must be a number');
		const rule = this.#bans.find(String(appid), id);
		return rule ? success(change(rule)) : errorResponse(404, 'rule not found');
	}

	#appIdProblem(appId: unknown): string | null {
		if (typeof appId !== 'string' || appId === '') return 'appid is required';
		return this.#account.findProject(appId)?.status === 1 ? null : 'invalid appid';
	}
}

const success = (body: object): ApiResponse => ({
	status: 200,
	body: { status: 'success', ...body },
});

/** Whom a ban concerns, and what it takes away. Unset criteria are null or missing, or empty strings. */
function banProblem({ cname, uid, ip, privileges }: Body): string | null {
	const isUnset = (value: unknown) => value === undefined || value === null || value === '';
	if (!isUnset(cname) && typeof cname !== 'string') return 'cname must be a string';
	const isUid = Number.isInteger(uid) && Number(uid) >= 1 && Number(uid) <= MAX_UID;
	if (uid !== undefined && uid !== null && !isUid) return 'uid must be a number, and cannot be 0';
	if (!isUnset(ip) && (typeof ip !== 'string' || ip === '0'))
		return 'ip must be a string, and cannot be 0';
	if ([cname, uid, ip].every(isUnset)) return 'one of cname, uid and ip is required';
	if (!Array.isArray(privileges) || privileges.length === 0) return 'privileges is required';
	const unknown: unknown = privileges.find((each) => !PRIVILEGES.includes(each as string));
	return unknown === undefined ? null : `unknown privilege ${String(unknown)}`;
}

function timeProblem({ time, time_in_seconds: seconds }: Body): string | null {
	const isTime = (value: unknown) => value === undefined || typeof value === 'number';
	return isTime(time) && isTime(seconds) ? null : 'time must be a number';
}

/** Agora replaces values outside of its range with the nearest one, except 0, which bans nobody. */
function secondsOf({ time, time_in_seconds: seconds }: Body): number {
	if (typeof seconds === 'number') return seconds === 0 ? 0 : clamp(seconds, 10, 86_430);
	if (typeof time === 'number') return time === 0 ? 0 : clamp(time, 1, 1440) * 60;
	return DEFAULT_SECONDS;
}

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max);
