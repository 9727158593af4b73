import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { installN8n, type Log } from '../../../sandbox/n8n/install.ts';
import { startPollingN8n, type PollingN8n, type PollingNode, type Schedule } from './pollingN8n.ts';

/** A polling node, and the server that counts its requests. */
export interface Contender {
	name: string;
	node: PollingNode;
	/** @returns the requests of its polls since the last call */
	takeRequests(): Promise<Requests>;
}

export interface Requests {
	all: number;
	/** The first ones of each poll. */
	first: number;
}

/** The measured time. */
export interface Span extends Schedule {
	/** Polls of each workflow. */
	rounds: number;
}

export interface PollCost {
	polls: number;
	requestsPerPoll: number;
	/** For one poll, minus that of an n8n without active workflows. */
	processorMs: number;
}

export interface PollCosts {
	/** In the order of the contenders. */
	costs: PollCost[];
	/** Processor time of an n8n without active workflows, in milliseconds a second. */
	idleMs: number;
}

/** n8n is busy for a while after it first responds. */
const START_MS = 20_000;
const SETTLE_LIMIT_MS = 300_000;
/** Polls are steady when the requests of two intervals differ by at most this share. */
const SETTLED = 0.25;
/** Polls at either end of the span may be counted or not. */
const EDGE_POLLS = 0.1;

/**
 * Measures the processor time of polls that find nothing new. Each contender polls in a separate n8n, and another
 * n8n does not poll; all are measured in the same span of time, so that other load on the machine affects them
 * equally.
 *
 * @throws Error when an n8n does not start, more polls are counted than are scheduled, or a poll fails or finds
 *   something
 */
export async function measurePolls(
	contenders: Contender[],
	span: Span,
	log: Log,
): Promise<PollCosts> {
	await installN8n(log);
	log(`starting ${contenders.length + 1} n8n`);
	const starting = [null, ...contenders].map(async () => await startPollingN8n());
	try {
		const [idle, ...polling] = (await Promise.all(starting)) as [PollingN8n, ...PollingN8n[]];
		await wait(START_MS);
		log(`activating ${span.workflows} workflows in each except one`);
		await Promise.all(
			contenders.map(async (contender, i) => await beginToPoll(polling[i]!, contender, span)),
		);

		const ms = span.everySeconds * span.rounds * 1000;
		log(`polling for ${ms / 1000} s`);
		await Promise.all(contenders.map(async ({ takeRequests }) => await takeRequests()));
		const before = [idle, ...polling].map(({ pid }) => processorMs(pid));
		await wait(ms);
		const [idleUse, ...uses] = [idle, ...polling].map(
			({ pid }, i) => processorMs(pid) - before[i]!,
		) as [number, ...number[]];
		const costs = await Promise.all(
			contenders.map(async (contender, i) => {
				const requests = await contender.takeRequests();
				await polling[i]!.assertQuiet();
				log(`${contender.name}: ${requests.first} polls, ${requests.all} requests, ${uses[i]} ms`);
				return costOf(contender, span, requests, uses[i]! - idleUse);
			}),
		);
		return { costs, idleMs: idleUse / (ms / 1000) };
	} finally {
		const started = await Promise.allSettled(starting);
		await Promise.all(
			started.map(async (each) => {
				if (each.status === 'fulfilled') await each.value.stop();
			}),
		);
	}
}

/**
 * Activates the workflows and waits until they poll steadily: the first poll of each may send more requests, so
 * this waits until two intervals in a row have about the same number.
 */
async function beginToPoll(
	n8n: PollingN8n,
	{ name, node, takeRequests }: Contender,
	schedule: Schedule,
): Promise<void> {
	await n8n.poll(node, schedule);
	const end = Date.now() + SETTLE_LIMIT_MS;
	await takeRequests();
	for (let last = 0; Date.now() < end;) {
		await wait(schedule.everySeconds * 1000);
		const { all } = await takeRequests();
		if (last > 0 && Math.abs(all / last - 1) <= SETTLED) return;
		last = all;
	}
	throw new Error(`${name}: its polls did not become steady within ${SETTLE_LIMIT_MS / 1000} s`);
}

function costOf(
	{ name }: Contender,
	{ workflows, rounds }: Span,
	{ all, first: polls }: Requests,
	processor: number,
): PollCost {
	const scheduled = workflows * rounds;
	// Fewer are possible: the Agora Trigger skips a poll while the one before is under way.
	if (polls === 0 || polls > scheduled * (1 + EDGE_POLLS))
		throw new Error(`${name}: ${polls} polls were counted where ${scheduled} were scheduled`);
	return { polls, requestsPerPoll: Math.round(all / polls), processorMs: processor / polls };
}

/** Linux reports processor time in hundredths of a second on every architecture that Node supports. */
const TICK_MS = 10;
/** `utime` to `cstime` in proc(5), counted after the name of the program, which may contain spaces. */
const FIRST_FIELD = 11;
const FIELDS = 4;

/**
 * @returns user and system time that a process has used so far, including its threads and the child processes that
 *   it has waited for, in milliseconds
 * @throws Error without /proc, or for an unknown process
 */
export function processorMs(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const ticks = fields.slice(FIRST_FIELD, FIRST_FIELD + FIELDS).map(Number);
	return ticks.reduce((sum, count) => sum + count, 0) * TICK_MS;
}
