import { fork } from 'node:child_process';
import { join } from 'node:path';
import { request } from 'undici';
import type { AgoraCounts } from './agora/server.ts';
import type { Counts } from './archive/server.ts';

/** A server in a process of its own, which counts what it is asked. */
export interface CountingServer<Numbers> extends Counters<Numbers> {
	origin: string;
	stop(): Promise<void>;
}

interface Counters<Numbers> {
	counts(): Promise<Numbers>;
	reset(): Promise<void>;
}

export type ArchiveServer = CountingServer<Counts>;
export type AgoraServer = CountingServer<AgoraCounts>;

/**
 * @param latencyMs how long each request waits for its answer, as it would at a distance
 * @param now the time from which the archives' times are counted back, Unix milliseconds
 */
export async function startArchives(latencyMs = 0, now = Date.now()): Promise<ArchiveServer> {
	return await start('archive/server.ts', [String(latencyMs), String(now)]);
}

export const startAgora = async (): Promise<AgoraServer> => await start('agora/server.ts');

async function start<Numbers>(file: string, args: string[] = []): Promise<CountingServer<Numbers>> {
	const child = fork(join(import.meta.dirname, file), args, { execArgv: [] });
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const origin = await new Promise<string>((resolve, reject) => {
		child.once('message', (message: { origin: string }) => resolve(message.origin));
		void ended.then(() => reject(new Error(`${file} ended with ${child.exitCode}`)));
	});
	return {
		origin,
		...countersOf<Numbers>(origin),
		stop: async () => {
			child.disconnect();
			await ended;
		},
	};
}

/** The counters of a server that another process has started. */
export function countersOf<Numbers>(origin: string): Counters<Numbers> {
	const ask = async (path: string) => await (await request(`${origin}/-/${path}`)).body.text();
	return {
		counts: async () => JSON.parse(await ask('counts')) as Numbers,
		reset: async () => void (await ask('reset')),
	};
}
