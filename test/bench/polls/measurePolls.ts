import { setTimeout as wait } from 'node:timers/promises';
import { installN8n, type Log } from '../../../sandbox/n8n/install.ts';
import { startPollingN8n, type PollingN8n, type PollingNode, type Schedule } from './pollingN8n.ts';
import { processorMs } from './processorTime.ts';

/** A node that polls, and the server that counts what its polls request. */
export interface Contender {
	name: string;
	node: PollingNode;
	/** What its polls requested since the last call. */
	takeRequests(): Promise<Requests>;
}

export interface Requests {
	all: number;
	/** Those with which a poll begins. */
	first: number;
}

/** How long polls are measured. */
export interface Span extends Schedule {
	/** How often each workflow polls meanwhile. */
	rounds: number;
}

export interface PollCost {
	polls: number;
	requestsPerPoll: number;
	/** For one poll, without what an n8n uses that does not poll. */
	processorMs: number;
}

export interface PollCosts {
	/** In the order of the contenders. */
	costs: PollCost[];
	/** Processor time of an n8n that does not poll, in milliseconds a second. */
	idleMs: number;
}

/** n8n still works for a while after it first answers. */
const START_MS = 20_000;
const SETTLE_LIMIT_MS = 300_000;
/** Two intervals are alike when their requests differ by no more than this share. */
const SETTLED = 0.25;
/** A poll that crosses either end of the span may be counted in it or not. */
const EDGE_POLLS = 0.1;

/**
 * Measures the processor time of polls that find nothing new. Every contender polls in an n8n of its own, and
 * one more n8n does not poll; all of them are measured in the same span of time, so that other
 * load on the machine affects them equally.
 *
 * @throws Error when an n8n does not start, more polls are counted than are scheduled, or a poll fails or finds
 *   something
 */
export async function measurePolls(
	contenders: Contender[],
	span: Span,
	say: Log,
): Promise<PollCosts> {
	await installN8n(say);
	say(`${contenders.length + 1} n8n start`);
	const starting = [null, ...contenders].map(async () => await startPollingN8n());
	try {
		const [idle, ...polling] = (await Promise.all(starting)) as [PollingN8n, ...PollingN8n[]];
		await wait(START_MS);
		say(`${span.workflows} workflows are activated in each but one`);
		await Promise.all(
			contenders.map(async (contender, i) => await beginToPoll(polling[i]!, contender, span)),
		);

		const ms = span.everySeconds * span.rounds * 1000;
		say(`polls for ${ms / 1000} s`);
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
				say(`${contender.name}: ${requests.first} polls, ${requests.all} requests, ${uses[i]} ms`);
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
