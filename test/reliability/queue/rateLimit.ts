import { until, type Items } from '../../e2e/executions.ts';
import { CONCURRENCY } from './cluster.ts';
import { fullLoads, type FullLoad } from './fullLoad.ts';
import { executionsOf, isUnderWay, runOf } from './executions.ts';
import type { LiveSession } from './handOver.ts';
import { call, type Outcome, type Stage } from './stage.ts';

/** How many sessions each execution asks for; as many executions run as the workers take at once. */
const QUERIES_EACH = [10, 20, 40];
const PATIENCE_SECONDS = 300;

const WORKERS_AT_FULL_LOAD = [1, 2, 3, 5, 10];
/** Up to here a load without any pause is to be answered, but for the share below. */
const MOST_WORKERS = 5;
const FAILING_SHARE = 0.02;

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
		const { queries, answered, tooMany } = load;
		stage.say(`${answered} of ${queries} queries at once are answered, after ${tooMany} × 429`);
		loads.push(load);
	}
	return { figures: [], notes: table(loads), broken: loads.flatMap(judge) };
}

/** The same with more workers and for longer, by the nodes' code alone. */
export async function overloadForLonger(): Promise<Outcome> {
	const loads = await fullLoads(WORKERS_AT_FULL_LOAD);
	return { figures: [], notes: tableOfFullLoad(loads), broken: loads.flatMap(judgeFullLoad) };
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

function judge({ queries, answered, failed, tooMany }: Load): string[] {
	const what = `of ${queries} queries at once`;
	return [
		...(failed > 0 ? [`${failed} ${what} failed without saying that it was the rate`] : []),
		...(answered < queries * (1 - FAILING_SHARE) ? [`only ${answered} ${what} were answered`] : []),
		...(tooMany === 0 ? [`the rate ${what} was not too much`] : []),
	];
}

function judgeFullLoad({ workers, answered, failed }: FullLoad): string[] {
	const share = failed / (answered + failed);
	if (workers > MOST_WORKERS || share <= FAILING_SHARE) return [];
	return [`of the queries of ${workers} workers at full load ${percent(share)} failed`];
}

function tableOfFullLoad(loads: FullLoad[]): string[] {
	return [
		'How far that goes: a minute of full load, 50 queries under way on each worker and never a pause. Here the workers are copies of the nodes’ code that know nothing of each other.',
		'',
		'| Workers | Answered | Failed | | Requests | Answered with 429 |',
		'| --: | --: | --: | --: | --: | --: |',
		...loads.map(({ workers, answered, failed, requests, tooMany }) => {
			const share = percent(failed / (answered + failed));
			return `| ${[workers, answered, failed, share, requests, tooMany].join(' | ')} |`;
		}),
	];
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
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
