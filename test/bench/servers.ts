import { fork } from 'node:child_process';
import { join } from 'node:path';
import { request } from 'undici';
import type { CallCounts } from './agoraServer.ts';
import type { RequestCounts } from './archiveServer.ts';

/** A server in a separate process that counts its requests. */
export interface CountingServer<Counts> extends Counter<Counts> {
	origin: string;
	stop(): Promise<void>;
}

interface Counter<Counts> {
	counts(): Promise<Counts>;
	reset(): Promise<void>;
}

export type ArchiveServer = CountingServer<RequestCounts>;
export type AgoraServer = CountingServer<CallCounts>;

/**
 * @param latencyMs delay of each response, in milliseconds
 * @param now the time from which the archives' times are counted back, Unix milliseconds
 */
export async function startArchives(latencyMs = 0, now = Date.now()): Promise<ArchiveServer> {
	return await startServer(join(import.meta.dirname, 'archiveServer.ts'), [
		String(latencyMs),
		String(now),
	]);
}

export const startAgora = async (): Promise<AgoraServer> =>
	await startServer(join(import.meta.dirname, 'agoraServer.ts'));

/**
 * @param file the program, which sends its origin to this process, and counts its requests
 * @throws Error when it ends before
 */
export async function startServer<Counts>(
	file: string,
	args: string[] = [],
): Promise<CountingServer<Counts>> {
	const child = fork(file, args, { execArgv: [] });
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const origin = await new Promise<string>((resolve, reject) => {
		child.once('message', (message: { origin: string }) => resolve(message.origin));
		void ended.then(() => reject(new Error(`${file} exited with ${child.exitCode}`)));
	});
	return {
		origin,
		...counterOf<Counts>(origin),
		stop: async () => {
			child.disconnect();
			await ended;
		},
	};
}

/** @returns the counter of a server that another process has started */
export function counterOf<Counts>(origin: string): Counter<Counts> {
	const get = async (path: string) => await (await request(`${origin}/-/${path}`)).body.text();
	return {
		counts: async () => JSON.parse(await get('counts')) as Counts,
		reset: async () => void (await get('reset')),
	};
}
