import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../../sandbox/n8n/log.ts';
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

export interface PollCost {
	polls: number;
	/** Fewer polls than these were made where n8n was too busy, as the trigger skips one that overlaps. */
	scheduled: number;
	requestsPerPoll: number;
	/** Of n8n's process, for one poll; what n8n uses without polls is subtracted. */
	processorMs: number;
}

export interface PollCosts {
	/** What n8n uses in a second when no workflow is active, in milliseconds. */
	idleMs: number;
	/** In the order of the contenders. */
	costs: PollCost[];
}

/** How long a contender is measured. */
export interface Span extends Schedule {
	/** How often each workflow polls meanwhile. */
	rounds: number;
}

/** Until n8n has done what it does after its start. */
const START_MS = 15_000;
const IDLE_MS = 20_000;
/** Workflows that have been deactivated may still finish a poll. */
const END_MS = 3_000;
/** How long the polls with which n8n activates workflows may take. */
const ACTIVATION_LIMIT_MS = 300_000;
/** A poll at the edge of the span may be counted or not. */
const TOLERANCE = 0.1;

/**
 * Measures the processor time that polls take which find nothing new, in a real n8n, one contender after the
 * other.
 *
 * @throws Error when n8n does not start, or more polls are counted than are scheduled, or a poll fails or finds
 *   something
 */
export async function measurePolls(
	contenders: Contender[],
	span: Span,
	say: Log,
): Promise<PollCosts> {
	say('n8n starts');
	const n8n = await startPollingN8n(say);
	try {
		await wait(START_MS);
		say('n8n without active workflows');
		const idleMs = (await used(n8n, IDLE_MS)) / (IDLE_MS / 1000);
		const costs: PollCost[] = [];
		for (const contender of contenders)
			costs.push(await measure(n8n, contender, span, idleMs, say));
		return { idleMs, costs };
	} finally {
		await n8n.stop();
	}
}

async function measure(
	n8n: PollingN8n,
	{ name, node, takeRequests }: Contender,
	span: Span,
	idleMs: number,
	say: Log,
): Promise<PollCost> {
	const { workflows, everySeconds, rounds } = span;
	say(`${name}: ${workflows} workflows begin to poll`);
	const deactivate = await n8n.poll(node, span);
	await settle(name, span, takeRequests);
	const ms = everySeconds * rounds * 1000;
	say(`${name}: polls for ${ms / 1000} s`);
	const processor = await used(n8n, ms);
	const { all, first: polls } = await takeRequests();
	await deactivate();
	await wait(END_MS);
	await takeRequests();
	await n8n.assertQuiet();

	const scheduled = workflows * rounds;
	say(`${name}: ${polls} of ${scheduled} polls, ${all} requests, ${processor} ms`);
	if (polls > scheduled * (1 + TOLERANCE))
		throw new Error(`${name}: ${polls} polls were counted where ${scheduled} were scheduled`);
	return {
		polls,
		scheduled,
		requestsPerPoll: Math.round(all / polls),
		processorMs: (processor - (idleMs * ms) / 1000) / polls,
	};
}

/**
 * Waits until the polls with which n8n activates workflows, which may request more, are over: until two
 * intervals in a row bring the same number of requests.
 */
async function settle(
	name: string,
	{ everySeconds }: Schedule,
	takeRequests: Contender['takeRequests'],
): Promise<void> {
	const end = Date.now() + ACTIVATION_LIMIT_MS;
	await takeRequests();
	for (let last = 0; Date.now() < end;) {
		await wait(everySeconds * 1000);
		const { all } = await takeRequests();
		if (last > 0 && Math.abs(all / last - 1) <= TOLERANCE) return;
		last = all;
	}
	throw new Error(`${name}: its polls do not come to rest within ${ACTIVATION_LIMIT_MS / 1000} s`);
}

/** @returns milliseconds of processor time that n8n uses in a span of time */
async function used({ pid }: PollingN8n, ms: number): Promise<number> {
	const before = processorMs(pid);
	await wait(ms);
	return processorMs(pid) - before;
}
