import { installN8n } from '../../../sandbox/n8n/install.ts';
import { freePorts } from '../../e2e/freePorts.ts';
import type { Part, Summary } from '../part.ts';
import { loadSource } from '../source.ts';
import { runKills, type KillRun } from './killRun.ts';
import { DEFAULT_POLLER, DURABLE_POLLER, type LedgerEntry, type PollerKind } from './ledger.ts';
import { FOLDER } from './recordings.ts';

const KILLS = Number(process.env.CRASH_KILLS || 10);

type StateModule = typeof import('../../../nodes/Agora/trigger/state.ts');

/** n8n is killed while recordings complete: none is lost, and none is emitted twice without a known reason. */
export const crash: Part = {
	name: 'crash',
	inCi: false,
	async run(context) {
		await installN8n(context.log);
		const state = await loadSource<StateModule>('trigger/state');
		const [port] = await freePorts(1);
		const summary: Summary = { figures: {}, failures: [] };
		for (const poller of [DEFAULT_POLLER, DURABLE_POLLER]) {
			const run = await runKills(poller, port!, KILLS, context);
			const { figures, failures } = summarize(poller, run, state);
			summary.figures[`${poller.name} poller`] = figures;
			summary.failures.push(...failures.map((failure) => `${poller.name} poller: ${failure}`));
		}
		return summary;
	},
};

function summarize({ name }: PollerKind, run: KillRun, state: StateModule): Summary {
	const { completed, final, afterKills } = run;
	const emissions = countEmissions(final);
	const times = (sid: string) => emissions.get(sid) ?? 0;
	const lost = completed.filter((sid) => times(sid) === 0);
	const repeated = completed.filter((sid) => times(sid) > 1);
	const reasons = reasonsToRepeat(afterKills, completed, state);
	const unexplained = repeated.filter(
		(sid) => name === 'durable' || times(sid) > 1 + (reasons.get(sid) ?? 0),
	);
	const items = final.executions.flatMap((execution) => execution.items);
	const wrong = items.filter(
		({ sid, status }) => !completed.includes(sid) || status !== 'completed',
	);
	const crashed = final.executions.filter(({ status }) => status === 'crashed');
	const otherStatuses = final.executions
		.map(({ status }) => status)
		.filter((status) => status !== 'success' && status !== 'crashed');
	const checks: Array<[failed: boolean, sentence: string]> = [
		[lost.length > 0, `${lost.length} recordings were never emitted`],
		[unexplained.length > 0, `${unexplained.length} recordings were emitted again for no reason`],
		[wrong.length > 0, `${wrong.length} items were of recordings that were not completed`],
		[otherStatuses.length > 0, `executions ended as ${otherStatuses.join(', ')}`],
		[run.killsDuringPolls === 0, 'no kill hit a poll'],
	];
	return {
		figures: {
			kills: run.kills,
			'kills during a poll or while its result was saved': run.killsDuringPolls,
			'recordings completed': completed.length,
			lost: lost.length,
			'emitted more than once': repeated.length,
			'emitted more than once for no reason': unexplained.length,
			executions: final.executions.length,
			'executions that were killed': crashed.length,
		},
		failures: checks.filter(([failed]) => failed).map(([, sentence]) => sentence),
	};
}

/**
 * How often a kill allows a recording to be emitted again. After a restart, the trigger emits again what its last poll
 * emitted, as its execution may be lost. And if n8n was killed between saving an execution and the state, the next poll
 * does not know of it.
 */
function reasonsToRepeat(
	afterKills: LedgerEntry[],
	sids: string[],
	{ digestOf, readSeen }: StateModule,
): Map<string, number> {
	const reasons = new Map<string, number>();
	for (const entry of afterKills) {
		const emissions = countEmissions(entry);
		const last = new Set(readSeen({ seen: entry.state?.emitted ?? '' }));
		const seen = new Set(readSeen({ seen: entry.state?.seen ?? '' }));
		for (const sid of sids) {
			const digest = digestOf(`${FOLDER}${sid}`);
			if (!emissions.has(sid) || (!last.has(digest) && seen.has(digest))) continue;
			reasons.set(sid, (reasons.get(sid) ?? 0) + 1);
		}
	}
	return reasons;
}

function countEmissions({ executions }: LedgerEntry): Map<string, number> {
	const counts = new Map<string, number>();
	for (const { sid } of executions.flatMap(({ items }) => items))
		counts.set(sid, (counts.get(sid) ?? 0) + 1);
	return counts;
}
