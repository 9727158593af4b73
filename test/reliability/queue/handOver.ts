import type { Worker } from './cluster.ts';
import { executionsOf, runOf } from './executions.ts';
import { call, type Outcome, type Stage } from './stage.ts';

/** A recording that runs, as Start gave it out. */
export interface LiveSession {
	sid: string;
	resourceId: string;
	cname: string;
	uid: string;
}

const MOST_CHANNELS = 24;

/**
 * Starts recordings until each worker has started some.
 *
 * @param each how many at least
 * @returns them by the worker that started them
 */
export async function startOnEach(stage: Stage, each: number): Promise<Map<Worker, LiveSession[]>> {
	const { workers } = stage.cluster;
	for (let n = 1; n <= MOST_CHANNELS; n++) {
		await call(stage, 'start', { channel: `call ${n}` });
		const started = await startedBy(stage);
		if (workers.every((worker) => (started.get(worker)?.length ?? 0) >= each)) return started;
	}
	throw new Error(`${MOST_CHANNELS} starts did not reach every worker`);
}

async function startedBy(stage: Stage): Promise<Map<Worker, LiveSession[]>> {
	const started = new Map<Worker, LiveSession[]>();
	for (const { id } of await executionsOf(stage, 'start')) {
		const { outputs } = await runOf(stage, id);
		const sessions = (outputs.Start ?? []) as unknown as LiveSession[];
		const worker = stage.cluster.workers.find(({ began }) => began().includes(id));
		if (worker) started.set(worker, [...(started.get(worker) ?? []), ...sessions]);
	}
	return started;
}

/** Stops recordings by their channels' names, on a worker that did not start them. */
export async function stopElsewhere(
	stage: Stage,
	sessions: LiveSession[],
	elsewhere: Worker,
): Promise<Outcome> {
	const broken: string[] = [];
	let stopped = 0;
	for (const { sid, cname } of sessions) {
		const answer = await call<{ sid?: string }>(stage, 'stop', { channel: cname }).catch(
			(error: Error) => ({ sid: error.message }),
		);
		const session = stage.cluster.sandbox.control.sessions().find((each) => each.sid === sid);
		if (answer.sid === sid && session?.live === false) stopped++;
		else broken.push(`“${cname}” was not stopped by a worker that did not start it: ${answer.sid}`);
	}
	const ids = (await executionsOf(stage, 'stop')).map(({ id }) => id);
	const there = new Set(elsewhere.began());
	if (!ids.every((id) => there.has(id))) broken.push('a Stop ran on another worker than it should');
	return {
		figures: [
			['Recordings started by a worker that was killed', sessions.length],
			['– stopped by another one, by the channel’s name', stopped],
		],
		notes: [],
		broken,
	};
}
