import { until, type Items } from '../../e2e/executions.ts';
import { CONCURRENCY } from './cluster.ts';
import { executionsOf, isUnderWay, runOf } from './executions.ts';
import type { LiveSession } from './handOver.ts';
import { call, type Outcome, type Stage } from './stage.ts';

/** How many sessions each execution asks for; as many executions run as the workers take at once. */
const QUERIES_EACH = [10, 20, 40];
const PATIENCE_SECONDS = 300;

interface Load {
	queries: number;
	answered: number;
	/** Failed, and the error says that it was too much at once. */
	refused: number;
	/** Failed for any other reason. */
	failed: number;
	requests: number;
	/** Requests that were answered with 429. */
	tooMany: number;
	busiestSecond: number;
	seconds: number;
}

/** Asks for more at once than Agora takes, on all workers, and sees how much is answered in the end. */
export async function overload(stage: Stage, sessions: LiveSession[]): Promise<Outcome> {
	const loads: Load[] = [];
	for (const each of QUERIES_EACH) {
		const load = await run(stage, sessions, each);
		stage.say(`${load.queries} queries at once: ${JSON.stringify(load)}`);
		loads.push(load);
	}
	const broken = loads.flatMap(judge);
	return { figures: [], notes: table(loads), broken };
}

async function run(stage: Stage, sessions: LiveSession[], each: number): Promise<Load> {
	const { control } = stage.cluster.sandbox;
	const executions = stage.cluster.workers.length * CONCURRENCY;
	const before = (await executionsOf(stage, 'query')).length;
	await control.clearRequests();
	const wanted = Array.from({ length: each }, (_, i) => sessions[i % sessions.length]);
	await Promise.all(
		Array.from(
			{ length: executions },
			async () => await call(stage, 'query', { sessions: wanted }),
		),
	);
	const rows = await until('the queries have ended', PATIENCE_SECONDS, async () => {
		const all = (await executionsOf(stage, 'query')).slice(before);
		return all.length === executions && !all.some(isUnderWay) ? all : null;
	});
	const items: Items = [];
	for (const { id } of rows) items.push(...((await runOf(stage, id)).outputs.Query ?? []));
	const answered = items.filter(({ status }) => status === 'recording').length;
	const refused = items.filter(({ error }) => /too many requests/.test(String(error))).length;
	const requests = await control.requests('agora');
	const times = requests.map(({ at }) => Date.parse(at));
	return {
		queries: executions * each,
		answered,
		refused,
		failed: executions * each - answered - refused,
		requests: requests.length,
		tooMany: requests.filter(({ status }) => status === 429).length,
		busiestSecond: busiestSecond(times),
		seconds: Math.round((times.at(-1)! - times[0]!) / 1000),
	};
}

/** @param times Unix milliseconds, in order */
function busiestSecond(times: number[]): number {
	return Math.max(
		...times.map((from, i) => times.slice(i).filter((time) => time < from + 1000).length),
	);
}

function judge({ queries, failed, tooMany }: Load): string[] {
	return [
		...(failed > 0
			? [`${failed} of ${queries} queries failed without saying that it was the rate`]
			: []),
		...(tooMany === 0 ? [`${queries} queries at once did not exceed the rate`] : []),
	];
}

function table(loads: Load[]): string[] {
	return [
		'| Queries at once | Answered | Failed as rate-limited | Failed otherwise | Requests | Answered with 429 | In the busiest second | Took |',
		'| --: | --: | --: | --: | --: | --: | --: | --: |',
		...loads.map(
			(load) =>
				`| ${[load.queries, load.answered, load.refused, load.failed, load.requests, load.tooMany, load.busiestSecond, `${load.seconds} s`].join(' | ')} |`,
		),
	];
}
