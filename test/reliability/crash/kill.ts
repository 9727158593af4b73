import { randomInt } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { launchN8n } from '../../../sandbox/n8n/server.ts';
import type { Traffic } from './traffic.ts';

/** What n8n was doing when it was killed. */
export type Doing = 'booting' | 'polling' | 'writing' | 'idle';

/** How n8n died. */
export interface Kill {
	doing: Doing;
	/** After n8n was started, milliseconds. */
	at: number;
	/** After the bucket's last answer, milliseconds; null when nothing had been asked. */
	afterAnswer: number | null;
}

/** What is waited for before n8n is killed. */
export type Aim =
	/** So long after it was started. */
	| { at: 'start'; ms: number }
	/** A moment after this request to the bucket. */
	| { at: 'request'; number: number; ms: number }
	/** So long after an answer of the bucket that nothing followed. */
	| { at: 'quiet'; ms: number }
	/** The first commit in n8n's database after an answer that nothing followed. */
	| { at: 'commit'; ms: number }
	/** So long after it answers. */
	| { at: 'booted'; ms: number };

/** A request follows the answer before it within this. */
const NEXT_REQUEST_MS = 6;
/** n8n has written within this what a poll brought. */
const WRITING_MS = 150;
/** About as long as n8n boots. */
const BOOT_MS = 10_000;
/** For an aim that does not come. */
const LIFE_MS = 75_000;

/** Most aim at polls: all other moments are alike. */
export function randomAim(): Aim {
	const chance = randomInt(100);
	if (chance < 12) return { at: 'start', ms: randomInt(BOOT_MS) };
	if (chance < 45) return { at: 'request', number: randomInt(1, 40), ms: randomInt(10) };
	if (chance < 65) return { at: 'quiet', ms: randomInt(NEXT_REQUEST_MS, 80) };
	if (chance < 90) return { at: 'commit', ms: randomInt(8) };
	return { at: 'booted', ms: randomInt(6_000) };
}

/**
 * Waits until it has come to the aim, and kills n8n.
 *
 * @param n8n just started
 * @param database n8n's, a file
 */
export async function killAt(
	aim: Aim,
	n8n: ReturnType<typeof launchN8n>,
	traffic: Traffic,
	database: string,
): Promise<Kill> {
	const start = Date.now();
	let booted = false;
	const answering = n8n.answering.then(() => (booted = true));
	const until = async (isSo: () => boolean) => {
		while (!isSo() && Date.now() < start + LIFE_MS) await wait(1);
	};
	if (aim.at === 'booted') await answering;
	if (aim.at === 'request') await until(() => traffic.requests >= aim.number);
	if (aim.at === 'quiet') await until(() => isQuiet(traffic, aim.ms));
	else {
		if (aim.at === 'commit') await untilCommit(database, traffic, until);
		await wait(aim.ms);
	}
	const now = Date.now();
	const kill = { doing: whatIs(traffic, booted), at: now - start, afterAnswer: since(traffic) };
	await n8n.kill();
	return kill;
}

async function untilCommit(
	file: string,
	traffic: Traffic,
	until: (isSo: () => boolean) => Promise<void>,
): Promise<void> {
	await until(() => traffic.answeredAt !== null);
	const database = new DatabaseSync(file, { readOnly: true });
	const version = () => database.prepare('pragma data_version').get()!.data_version;
	try {
		let before = version();
		await until(() => {
			if (!isQuiet(traffic, 0)) return void (before = version()) === 0;
			return version() !== before && isQuiet(traffic, NEXT_REQUEST_MS);
		});
	} finally {
		database.close();
	}
}

function since({ answeredAt }: Traffic): number | null {
	return answeredAt === null ? null : Date.now() - answeredAt;
}

function isQuiet(traffic: Traffic, ms: number): boolean {
	const passed = since(traffic);
	return traffic.underWay === 0 && passed !== null && passed >= ms;
}

function whatIs(traffic: Traffic, booted: boolean): Doing {
	const passed = since(traffic);
	if (traffic.underWay > 0 || (passed !== null && passed < NEXT_REQUEST_MS)) return 'polling';
	if (passed !== null && passed < WRITING_MS) return 'writing';
	return booted || passed !== null ? 'idle' : 'booting';
}
