import { freePorts } from '../../e2e/freePorts.ts';
import { loadSource } from '../source.ts';
import type { Finding, Part, Trial } from '../part.ts';
import type { Account } from './account.ts';
import { pageOf } from './page.ts';
import { liveAndDie, type Memory } from './lives.ts';
import { DEFAULT_POLLER, DURABLE_POLLER } from './poller.ts';

/** Fewer make it quick while working on it. */
const KILLS = Number(process.env.CRASH_KILLS || 50);

/** n8n itself is killed again and again while recordings complete. */
export const crash: Part = {
	name: 'crash',
	title: 'n8n is killed',
	inCi: false,
	async try(trial: Trial): Promise<Finding> {
		const memory = await loadSource<Memory>('trigger/state');
		const [port, another] = await freePorts(2);
		// Side by side: both wait more than they work.
		const [byDefault, durable] = await allOf(trial, [
			liveAndDie(DEFAULT_POLLER, port!, KILLS, memory, trial),
			liveAndDie(DURABLE_POLLER, another!, KILLS, memory, trial),
		]);
		return {
			page: pageOf(byDefault!, durable!),
			broken: [...brokenOf('default', byDefault!), ...brokenOf('durable', durable!)],
		};
	},
};

/** Like `Promise.all`, but when one fails the others still come to their end: each ends its own n8n. */
async function allOf<T>({ say }: Trial, promises: Array<Promise<T>>): Promise<T[]> {
	for (const promise of promises)
		promise.catch((error: Error) => say(`given up: ${error.message}`));
	await Promise.allSettled(promises);
	return await Promise.all(promises);
}

function brokenOf(name: 'default' | 'durable', account: Account): string[] {
	const { lost, doubled, wrong, otherStatuses, kills } = account;
	// n8n's default poller saves memory and execution one after the other: what falls between is its own, and the
	// trigger, which cannot see it, gives out once more after a start what it gave out just before.
	const allowed = ({ explained }: Account['lost']) => (name === 'default' ? explained : 0);
	const hits = kills.filter(({ doing }) => doing === 'polling' || doing === 'writing').length;
	const claims: Array<[broken: boolean, claim: string]> = [
		[lost.all > allowed(lost), `${lost.all - allowed(lost)} recordings were lost`],
		[doubled.all > allowed(doubled), `${doubled.all - allowed(doubled)} recordings came twice`],
		[wrong > 0, `${wrong} items were of recordings that were not complete`],
		[otherStatuses.length > 0, `Executions ended as ${[...new Set(otherStatuses)].join(', ')}`],
		[hits < kills.length / 4, `Only ${hits} of ${kills.length} kills hit a poll or its writing`],
	];
	return claims.filter(([broken]) => broken).map(([, claim]) => `n8n’s ${name} poller: ${claim}.`);
}
