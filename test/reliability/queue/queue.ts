import { installN8n } from '../../../sandbox/n8n/install.ts';
import type { Finding, Part, Trial } from '../part.ts';
import type { Witness } from '../witness.ts';
import { archiveAll } from './archiving.ts';
import { CONCURRENCY, startCluster, type Worker } from './cluster.ts';
import { show } from './evidence.ts';
import { executionsOf } from './executions.ts';
import { Gate } from './gate.ts';
import { startOnEach, stopElsewhere } from './handOver.ts';
import { overload, overloadForLonger } from './rateLimit.ts';
import { absentService, openServices } from './services.ts';
import type { Outcome, Stage } from './stage.ts';

const WORKERS = 2;
const STARTED_ON_EACH = 2;

/** n8n in queue mode: work goes on whichever worker dies, and Agora's rate limit is kept together. */
export const queue: Part = { name: 'queue', title: 'Many workers', inCi: false, try: attempt };

async function attempt({ say, witness }: Trial): Promise<Finding> {
	const absent = await absentService();
	if (absent !== null) return skipped(absent, say);
	await installN8n(say);
	const services = await openServices();
	if (typeof services === 'string') return skipped(services, say);
	const gate = new Gate();
	try {
		const cluster = await startCluster(services, WORKERS, gate.spoil, say);
		try {
			return await tryAll({ cluster, services, gate, say }, witness);
		} finally {
			gate.open();
			await cluster.stop();
		}
	} finally {
		await services.drop();
	}
}

function skipped(why: string, say: Trial['say']): Finding {
	const line = `SKIPPED: QUEUE MODE NEEDS POSTGRESQL AND REDIS ON THIS MACHINE (${why})`;
	say(line);
	return { page: [`**${line}**`], broken: [], skipped: true };
}

async function tryAll(stage: Stage, witness: Witness): Promise<Finding> {
	const [first, second] = stage.cluster.workers as [Worker, Worker];
	const live = await startOnEach(stage, STARTED_ON_EACH);
	const stopOfFirst = async () => await stopElsewhere(stage, live.get(first)!, second);
	// It hardly takes anything but time.
	const [archived, longer] = await Promise.all([
		archiveAll(stage, stopOfFirst),
		overloadForLonger(),
	]);
	const givings = (await executionsOf(stage, 'announce')).length;
	const overloaded = await overload(stage, live.get(second)!);
	const later = (await executionsOf(stage, 'announce')).length - givings;
	await show(stage, witness);
	const outcomes = [archived, overloaded, longer];
	return {
		page: page(archived, [...overloaded.notes, '', ...longer.notes]),
		broken: [
			...outcomes.flatMap(({ broken }) => broken),
			...(later > 0 ? ['the trigger gave out something when there was nothing new'] : []),
			...witness.leaks.map((leak) => `A secret got out: ${leak}`),
		],
	};
}

function page(archived: Outcome, ofTheRate: string[]): string[] {
	return [
		`One main n8n and ${WORKERS} workers in queue mode, ${CONCURRENCY} executions at once on each; they share PostgreSQL and Redis and no folder. The trigger runs on the main; each recording it gives out has an execution of its own: Get by sid, Download, S3 upload.`,
		'',
		'| | |',
		'| --- | --: |',
		...archived.figures.map(([what, count]) => `| ${what} | ${count} |`),
		'',
		...archived.notes,
		'',
		'### Agora’s rate limit',
		'',
		'All places on all workers ask Agora for the state of running recordings. Agora takes ten requests a second; each worker keeps to that for itself, what all of them send together is too much, and whoever is refused goes slower.',
		'',
		...ofTheRate,
	];
}
