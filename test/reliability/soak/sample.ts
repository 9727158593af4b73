import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** What a process holds at one moment, after everything that can be cleared away was. */
export interface Sample {
	/** Milliseconds since the beginning. */
	at: number;
	/** Executions that have ended by then. */
	executions: number;
	/** Whether nothing was under way. */
	idle: boolean;
	heapUsed: number;
	external: number;
	arrayBuffers: number;
	rss: number;
	/** Timers, sockets, files and the like that Node waits for, by kind. */
	resources: Record<string, number>;
	/** Open file descriptors, sockets among them. */
	descriptors: number;
}

/** Takes a sample; the process must run with `--expose-gc`. */
export async function takeSample(now: Pick<Sample, 'at' | 'executions' | 'idle'>): Promise<Sample> {
	const { gc } = globalThis;
	if (gc === undefined) throw new Error('the process runs without --expose-gc');
	// What the first one lets go of may be finalised only after a turn.
	gc();
	await wait(0);
	gc();
	const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
	const resources: Record<string, number> = {};
	for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
	const descriptors = readdirSync('/proc/self/fd').length;
	return { ...now, heapUsed, external, arrayBuffers, rss, resources, descriptors };
}
