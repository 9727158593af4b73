/** A ban, with the field names of Agora's "Get the banning rule list". */
export interface BanRule {
	id: number;
	appid: string;
	uid: number | null;
	opid: number;
	cname: string | null;
	ip: string | null;
	/** When it expires: ISO 8601, UTC. */
	ts: string;
	privileges: string[];
	createAt: string;
	updateAt: string;
}

export type NewBan = Pick<BanRule, 'appid' | 'uid' | 'cname' | 'ip' | 'privileges'>;

/** The first ID; the examples in the reference use it. */
const FIRST_ID = 1953;

/** The bans of all App IDs. They expire in real time, regardless of the speed of session time. */
export class Bans {
	#rules: BanRule[] = [];
	#nextId = FIRST_ID;

	/** @returns the new ban; one of 0 seconds never applies */
	create(ban: NewBan, seconds: number): BanRule {
		const now = Date.now();
		const id = this.#nextId++;
		const times = { createAt: toIso(now), updateAt: toIso(now), ts: toIso(now + seconds * 1000) };
		const rule: BanRule = { id, opid: id, ...ban, ...times };
		this.#rules.push(rule);
		return rule;
	}

	/** The bans of an App ID that have not expired, oldest first. */
	of(appId: string): BanRule[] {
		this.#rules = this.#rules.filter(({ ts }) => Date.parse(ts) > Date.now());
		return this.#rules.filter(({ appid }) => appid === appId);
	}

	find(appId: string, id: unknown): BanRule | undefined {
		return this.of(appId).find((rule) => rule.id === id);
	}

	/** Makes a ban expire so many seconds from now. */
	extend(rule: BanRule, seconds: number): void {
		rule.updateAt = toIso(Date.now());
		rule.ts = toIso(Date.now() + seconds * 1000);
	}

	remove(rule: BanRule): void {
		this.#rules = this.#rules.filter((each) => each !== rule);
	}

	/** Whether a user may not do this in a channel. The made-up users have no IP addresses. */
	forbid(appId: string, cname: string, uid: string, privilege: string): boolean {
		return this.of(appId).some(
			(rule) =>
				rule.privileges.includes(privilege) &&
				rule.ip === null &&
				(rule.cname ?? cname) === cname &&
				(rule.uid ?? Number(uid)) === Number(uid),
		);
	}

	/** Forgets all bans, and counts IDs from the beginning. */
	reset(): void {
		this.#rules = [];
		this.#nextId = FIRST_ID;
	}
}

const toIso = (time: number) => new Date(time).toISOString();
