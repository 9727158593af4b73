import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Account } from '../../../agora/account';
import { Fault, mayBeRunning, withAdvice } from '../../../http/errors';
import { returnRunning } from './alreadyRecording';
import { derivedUid, type RunningRecording, type StartPlan } from './plan';

/** Results by input item, for as long as n8n keeps the item. */
const results = new WeakMap<INodeExecutionData, Promise<IDataObject>>();
/** The recordings that failed attempts of an item may have started, as their errors named them. */
const possiblyRunning = new WeakMap<INodeExecutionData, Set<string>>();

/**
 * Starts once for each input item. With Retry On Fail, n8n runs a failed node again for all its items. An item that
 * started a recording then returns the same result; the others try again, unless that could start a second recording.
 *
 * @param item n8n passes the same object to every attempt of a run, and to no other run
 * @throws what `start` throws; if `start` must not be repeated, the same error again
 */
export async function oncePerItem(
	item: INodeExecutionData,
	start: () => Promise<IDataObject>,
): Promise<IDataObject> {
	const known = results.get(item);
	if (known !== undefined) return await known;
	const result = start().catch((error: unknown) => {
		throw error instanceof Fault ? withEarlierAttempts(item, error) : error;
	});
	results.set(item, result);
	result.catch((error: unknown) => {
		if (!mayBeRunning(error) || error.details.isRepeatable) results.delete(item);
	});
	return await result;
}

/** Adds what earlier attempts may have started, because n8n only keeps the error of the last one. */
function withEarlierAttempts(item: INodeExecutionData, fault: Fault): Fault {
	const earlier = [...(possiblyRunning.get(item) ?? [])];
	const { mayBeRunning: own, isRepeatable = own === undefined } = fault.details;
	const all = new Set([...earlier, ...(own === undefined ? [] : [own])]);
	possiblyRunning.set(item, all);
	if (earlier.length === 0) return fault;
	const advice = `A recording of an earlier attempt may be running: ${earlier.join('; ')}`;
	return withAdvice(fault, advice, { mayBeRunning: [...all].join('; '), isRepeatable });
}

/** Starts in progress in this process, by recorder. */
const inProgress = new Map<string, Promise<RunningRecording>>();

/**
 * Makes one start for all items that start the same recording at the same time. Agora would reject all but one of
 * them, and counts each against its rate limit.
 *
 * @returns the recording; for an item that shares the start of another one, as already running
 * @throws what `start` throws; Fault when the recording is shared and If Already Recording is Fail
 */
export async function shareStart(
	{ host }: Account,
	plan: StartPlan,
	start: () => Promise<RunningRecording>,
): Promise<RunningRecording> {
	const { appId, cname, mode, ifAlreadyRecording, uid = derivedUid(plan) } = plan;
	if (ifAlreadyRecording === 'startAnother') return await start();
	const key = JSON.stringify([host, appId, cname, mode, uid]);
	for (let other; (other = inProgress.get(key)) !== undefined;) {
		const running = await other.catch(() => null);
		if (running !== null) return returnRunning(plan, running);
	}
	const own = start();
	inProgress.set(key, own);
	try {
		return await own;
	} finally {
		inProgress.delete(key);
	}
}
