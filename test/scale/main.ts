/**
 * `npm run test:scale`: a school with five years of recordings, and one more day of lessons in ten minutes, with n8n in
 * queue mode. Prints the figures and writes them to .reliability/summary.json. Exits with 1 when a claim does not hold.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { SessionEntry } from '../../sandbox/control.ts';
import { installN8n } from '../../sandbox/n8n/install.ts';
import { processorMs } from '../bench/polls/measurePolls.ts';
import { startServer, type CountingServer } from '../bench/servers.ts';
import { readRun, until } from '../e2e/executions.ts';
import { activateWorkflow, TRIGGER } from '../reliability/crash/workflows.ts';
import { log } from '../progress.ts';
import type { Figures, Summary } from '../reliability/part.ts';
import { startCluster, type Cluster } from '../reliability/queue/cluster.ts';
import { openServices, type Services } from '../reliability/queue/services.ts';
import { outcomeOf, saveSummary, SUMMARY_FILE } from '../reliability/report.ts';
import { unnoticedMistakes, violations, type Day } from './claims.ts';
import { holdLessons, type Lesson } from './day.ts';
import { spread, watchMemory } from './measure.ts';
import { KEYS, LAYOUTS, type Counts, type Layout } from './school.ts';
import { createWorkflows, type Workflows } from './workflows.ts';

const MINUTES = setting('SCALE_MINUTES', 10);
const ARCHIVE = setting('SCALE_ARCHIVE', 100_000);
const CHANNELS = setting('SCALE_CHANNELS', 50);
const POLL_SECONDS = setting('SCALE_POLL_SECONDS', 15);
/** More environment variables of n8n, as JSON. */
const N8N_SETTINGS = process.env.SCALE_N8N_SETTINGS ?? '{}';
/** n8n's own default. */
const CONCURRENCY = 10;
/** n8n is busy for a while after it first responds. */
const START_MS = 30_000;
const QUIET_MS = 60_000;
/** The first poll lists all files of the flat archive. */
const FIRST_POLL_SECONDS = 1800;
/** For what the last lesson left to do. */
const REST_SECONDS = 180;
/** Of the resident memory of a process, from the first third of the day to its end. */
const MAX_GROWTH = 1.25;
/** In a shorter run, the workers are still warming up. */
const WARM_MINUTES = 5;

function setting(name: string, defaultValue: number): number {
	return Number(process.env[name] ?? defaultValue);
}

/** The parts of a run. */
interface Run extends Cluster {
	services: Services;
	bucket: CountingServer<Counts>;
	workflows: Workflows;
}

const pidsOf = ({ main, workers }: Cluster) => [main, ...workers].map(({ pid }) => pid);

interface QuietPolls {
	polls: number;
	/** Requests of each. */
	requests: number;
	/** Processor time of the main n8n for each, in milliseconds. */
	processor: number;
}

/**
 * Activates the trigger of a layout, and measures its polls once they find nothing new.
 *
 * @param otherMs what else the main n8n uses, in milliseconds a second
 */
async function measureQuietPolls(
	{ api, bucket, main, services, workflows }: Run,
	{ name }: Layout,
	otherMs: number,
): Promise<{ quiet: QuietPolls; figures: Figures }> {
	const activated = Date.now();
	await bucket.reset();
	await activateWorkflow(api, workflows[name]);
	const first = { requests: 0, seconds: 0 };
	await until(`the ${name} archive is known`, FIRST_POLL_SECONDS, async () => {
		await wait(3 * POLL_SECONDS * 1000);
		const { requests, polls, reads } = await takePolls(bucket, name);
		if (polls >= 2 && reads === 0) return true;
		first.requests += requests;
		first.seconds = Math.round((Date.now() - activated) / 1000);
		return null;
	});
	const before = processorMs(main.pid);
	await wait(QUIET_MS);
	const used = processorMs(main.pid) - before - (otherMs * QUIET_MS) / 1000;
	const { requests, polls } = await takePolls(bucket, name);
	const [state] = await services.query<{ bytes: number }>(
		`select length("staticData"::text) bytes from workflow_entity where id = $1`,
		[workflows[name]],
	);
	const quiet = { polls, requests: requests / polls, processor: used / polls };
	const figures = {
		'requests of the first polls': first.requests,
		'seconds until all is known': first.seconds,
		'requests of a quiet poll': round(quiet.requests),
		'processor time of a quiet poll, ms': round(quiet.processor),
		'stored state, kB': round(state!.bytes / 1000),
	};
	log(`polls of the ${name} archive: ${JSON.stringify(figures)}`);
	return { quiet, figures };
}

async function takePolls(bucket: CountingServer<Counts>, name: Layout['name']) {
	const { requests } = await bucket.counts();
	await bucket.reset();
	const { POLL: polls = 0, LIST = 0, GET = 0 } = requests[KEYS[name]] ?? {};
	return { polls, requests: polls + LIST + GET, reads: GET };
}

/** Reads what n8n stored about its executions. */
async function readDay(run: Run, lessons: Lesson[]): Promise<Day> {
	const { sandbox, services, bucket, workflows } = run;
	const rows = await services.query<{ workflow: string; status: string; data: string }>(
		`select "workflowId" workflow, status, data from execution_entity
		join execution_data on "executionId" = id`,
	);
	const outputs = rows.map(({ workflow, data }) => ({ workflow, ...readRun(data) }));
	const itemsOf = (node: string, ...of: string[]) =>
		outputs.flatMap((each) => (of.includes(each.workflow) ? (each.outputs[node] ?? []) : []));
	const events = itemsOf('Channel created or destroyed', workflows.record);
	const channelsOf = (event: string) =>
		events.flatMap((each) => (each.event === event ? [String(each.cname)] : []));
	for (const { error } of outputs) if (error !== undefined) log(`an execution failed: ${error}`);
	return {
		lessons,
		sessions: sandbox.control.sessions(),
		emitted: itemsOf(TRIGGER, workflows.days, workflows.flat).map(({ sid }) => String(sid)),
		uploaded: itemsOf('Files uploaded', workflows.record).map(({ sid }) => String(sid)),
		created: channelsOf('channel.created'),
		destroyed: channelsOf('channel.destroyed'),
		copies: Object.keys((await bucket.counts()).copies).map((key) => key.replace('.mp4', '')),
		statuses: rows.map(({ status }) => status),
	};
}

/** Waits until nothing is left to do, or no longer: the claims tell what is missing. */
async function untilDone(run: Run, lessons: number): Promise<void> {
	const { services, bucket } = run;
	await until('everything is done', REST_SECONDS, async () => {
		const running = await services.query(
			`select id from execution_entity where status in ('new', 'running', 'waiting') limit 1`,
		);
		const { copies } = await bucket.counts();
		return running.length === 0 && Object.keys(copies).length >= lessons ? true : null;
	}).catch((error: Error) => log(error.message));
	// Two more polls, which may emit the last recordings, or any of them again.
	await wait(3 * POLL_SECONDS * 1000);
}

async function runDay(run: Run): Promise<Summary> {
	const { sandbox, bucket, main } = run;
	await wait(START_MS);
	const idle = processorMs(main.pid);
	await wait(QUIET_MS);
	const idleMs = (processorMs(main.pid) - idle) / (QUIET_MS / 1000);
	const [days, flat] = LAYOUTS as [Layout, Layout];
	const byDay = await measureQuietPolls(run, days, idleMs);
	const dayPollsMs = (byDay.quiet.polls * byDay.quiet.processor) / (QUIET_MS / 1000);
	const inOne = await measureQuietPolls(run, flat, idleMs + dayPollsMs);

	await bucket.reset();
	const pids = pidsOf(run);
	const processor = pids.map(processorMs);
	const memory = watchMemory(pids);
	const lessons = await holdLessons(sandbox, CHANNELS, MINUTES, log);
	log(`all ${lessons.length} lessons are over`);
	const grown = memory.stop();
	await untilDone(run, lessons.length);
	const [ofMain, ...ofWorkers] = pids.map((pid, i) => processorMs(pid) - processor[i]!);
	const { requests, copies } = await bucket.counts();
	const day = await readDay(run, lessons);

	const perRecording = (count: number) => round(count / day.sessions.length);
	const agora = await sandbox.control.requests('agora');
	const notices = sandbox.control.notifications().flatMap(({ attempts }) => attempts);
	const ofKey = (key: string) =>
		Object.entries(requests[key] ?? {}).flatMap(([kind, count]) =>
			kind === 'RECORDER' ? [] : [count!],
		);
	const sum = (counts: number[]) => counts.reduce((all, each) => all + each, 0);
	const late = lessons.map(({ cname, start, end }) => {
		const { sid } = day.sessions.find(
			(each) => each.cname === cname && Date.parse(each.startedAt) >= start,
		) ?? { sid: '-' };
		const copied = copies[`${sid}.mp4`];
		return copied === undefined ? Infinity : (copied - end) / 1000;
	});
	const isLong = MINUTES >= WARM_MINUTES;
	const memoryFailures = (isLong ? grown : []).flatMap(({ growth }, i) =>
		growth > MAX_GROWTH
			? [
					`the memory of ${i === 0 ? 'the main n8n' : `worker ${i}`} grew to ${growth.toFixed(2)} times`,
				]
			: [],
	);
	const failures = [...violations(day), ...memoryFailures];
	const missed = failures.length === 0 ? unnoticedMistakes(day) : [];
	return {
		figures: {
			"n8n's settings": N8N_SETTINGS,
			'archived recordings, by day and flat': `${ARCHIVE} each`,
			'channels live at once': CHANNELS,
			lessons: lessons.length,
			recordings: day.sessions.length,
			'recordings at once': mostAtOnce(sandbox.control.sessions()),
			executions: day.statuses.length,
			'notifications sent': notices.length,
			'notifications not answered with 200': notices.filter(({ status }) => status !== 200).length,
			'polls of the day': sum(LAYOUTS.map(({ name }) => requests[KEYS[name]]?.POLL ?? 0)),
			'per recording': {
				'requests to Agora': perRecording(agora.length),
				'requests to the bucket, to record and to copy': perRecording(
					sum([KEYS.record, KEYS.copy].flatMap(ofKey)),
				),
				'requests to the bucket, of polls': perRecording(
					sum([KEYS.days, KEYS.flat].flatMap(ofKey)),
				),
				'processor time of the main n8n, ms': perRecording(ofMain!),
				'processor time of the workers, ms': perRecording(sum(ofWorkers)),
			},
			'refused by Agora for their rate': agora.filter(({ status }) => status === 429).length,
			'copied after the end of the lesson, s': spread(late),
			'polls by day': byDay.figures,
			'polls of one folder': inOne.figures,
			'memory, MB': Object.fromEntries(
				['main', 'worker 1', 'worker 2'].map((name, i) => [name, grown[i]!.text]),
			),
			'processor time of the main n8n without polls, ms a second': round(idleMs),
		},
		failures: [...failures, ...missed.map((name) => `the checks do not notice ${name}`)],
	};
}

/** @returns how many of them were running at the same time */
function mostAtOnce(sessions: SessionEntry[]): number {
	const isRunning = (time: string) => (each: SessionEntry) =>
		each.startedAt <= time && time < (each.endedAt ?? '~');
	return Math.max(
		0,
		...sessions.map(({ startedAt }) => sessions.filter(isRunning(startedAt)).length),
	);
}

const round = (value: number) => Number(value.toPrecision(3));

async function main(): Promise<Summary> {
	await installN8n(log);
	const services = await openServices().catch((error: Error) => error.message);
	if (typeof services === 'string') {
		log(`SKIPPED: QUEUE MODE NEEDS POSTGRESQL AND REDIS ON THIS MACHINE (${services})`);
		return { figures: {}, failures: [], skipped: services };
	}
	const bucket = await startServer<Counts>(join(import.meta.dirname, 'bucketServer.ts'), [
		String(ARCHIVE),
	]);
	try {
		const pace = { sliceSeconds: 14 };
		const settings = { ...services.settings, ...(JSON.parse(N8N_SETTINGS) as object) };
		const cluster = await startCluster({ ...services, settings }, CONCURRENCY, { pace });
		try {
			log('n8n is running');
			const workflows = await createWorkflows(cluster, bucket.origin, POLL_SECONDS);
			return await runDay({ ...cluster, services, bucket, workflows });
		} finally {
			await cluster.stop();
		}
	} finally {
		// The database goes also if the bucket's process has ended.
		await bucket.stop().finally(services.drop);
	}
}

const started = new Date();
const summary = await main().catch((error: Error): Summary => ({
	figures: {},
	failures: [`It broke off: ${error.stack}`],
}));
saveSummary({ name: 'scale' }, summary, started);
log(`${outcomeOf(summary)} ${JSON.stringify(summary, null, 2)}`);
log(`written to ${SUMMARY_FILE}`);
process.exit(summary.failures.length > 0 ? 1 : 0);
