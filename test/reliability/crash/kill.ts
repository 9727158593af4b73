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
	/** So long after n8n's database shows that a trigger remembers something else. */
	| { at: 'memory'; ms: number }
	/** So long after n8n's database shows another execution. */
	| { at: 'execution'; ms: number }
	/** So long after it answers. */
	| { at: 'booted'; ms: number };

/** A request follows the answer before it within this. */
const NEXT_REQUEST_MS = 6;
/** n8n has written within this what a poll brought. */
const WRITING_MS = 300;
/** About as long as n8n boots. */
const BOOT_MS = 10_000;
/**
 * In which a life comes to its aim: n8n boots, may wait to activate its workflows, and polls. What it waits for may
 * have been just before: then n8n is killed where it is.
 */
const LIFE_MS = 100_000;

/** Most aim at polls: all other moments are alike. */
export function randomAim(): Aim {
	const chance = randomInt(100);
	if (chance < 10) return { at: 'start', ms: randomInt(BOOT_MS) };
	if (chance < 35) return { at: 'request', number: randomInt(1, 40), ms: randomInt(10) };
	if (chance < 50) return { at: 'quiet', ms: randomInt(NEXT_REQUEST_MS, WRITING_MS) };
	if (chance < 70) return { at: 'memory', ms: randomInt(15) };
	if (chance < 90) return { at: 'execution', ms: randomInt(15) };
	return { at: 'booted', ms: randomInt(6_000) };
}

/**
 * Waits until it has come to the aim, for so long as a life takes, and kills n8n.
 *
 * @param n8n just started
 * @param database n8n's, and what to ask it n8n's database for what triggers remember, and for the last execution
 */
export async function killAt(
	aim: Aim,
	n8n: ReturnType<typeof launchN8n>,
	traffic: Traffic,
	database: { file: string; queries: Record<'memory' | 'execution', string> },
): Promise<Kill> {
	const start = Date.now();
	let booted = false;
	const answering = n8n.ready.then(() => (booted = true));
	const until = async (isSo: () => boolean) => {
		while (!isSo() && Date.now() < start + LIFE_MS) await wait(1);
	};
	if (aim.at === 'booted') await answering;
	if (aim.at === 'request') await until(() => traffic.requests >= aim.number);
	if (aim.at === 'memory' || aim.at === 'execution') {
		// Not before: n8n must find its database for itself.
		await until(() => traffic.requests > 0);
		await untilAnother(database.file, database.queries[aim.at], until);
	}
	if (aim.at === 'quiet') await until(() => isQuiet(traffic, aim.ms));
	else await wait(aim.ms);
	const now = Date.now();
	const kill = { doing: whatIs(traffic, booted), at: now - start, afterAnswer: since(traffic) };
	await n8n.kill();
	return kill;
}

/** Waits until a query has another answer. */
async function untilAnother(
	file: string,
	query: string,
	until: (isSo: () => boolean) => Promise<void>,
): Promise<void> {
	const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
	try {
		const ask = (text: string) => JSON.stringify(database.prepare(text).all());
		// Which SQLite answers from memory, and changes with every commit.
		const version = () => ask('pragma data_version');
		let seen = version();
		const before = ask(query);
		await until(() => {
			const now = version();
			if (now === seen) return false;
			seen = now;
			return ask(query) !== before;
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
