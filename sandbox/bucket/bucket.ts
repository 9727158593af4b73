import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../faults.ts';
import type { RequestEntry } from '../requestLog.ts';
import type { Command } from './server.ts';

/** An S3 server on this machine, in a separate process. */
export interface Bucket {
	/** `http://127.0.0.1:<port>` */
	origin: string;
	fail(fault: Fault): Promise<void>;
	/** Also closes hanging connections. */
	clearFaults(): Promise<void>;
	requests(): Promise<RequestEntry[]>;
	clearRequests(): Promise<void>;
	/** Removes all objects. */
	empty(): Promise<void>;
	/** Resolves when the process has ended. */
	ended: Promise<void>;
	stop(): Promise<void>;
}

/**
 * The only credentials that the bucket accepts. The access key and the secret differ, so that tests can check that
 * the secret isn't exposed: the access key is part of every presigned URL.
 */
export const BUCKET_CREDENTIALS = {
	accessKey: 'SANDBOXKEY',
	secretKey: 'this-secret-opens-a-sandbox-only',
};

const START_SECONDS = 60;

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/**
 * Starts the S3 server with these buckets.
 *
 * @param folder where objects are stored; the default is a temporary folder, which is removed at stop
 * @throws when it doesn't start, for example because the port is in use
 */
export async function startBucket(
	buckets: string[],
	{ port, folder }: { port: number; folder?: string },
): Promise<Bucket> {
	const objects = folder ?? (await mkdtemp(join(tmpdir(), 'agora-sandbox-')));
	await mkdir(objects, { recursive: true });
	const child = fork(join(import.meta.dirname, 'server.ts'), [objects, String(port), ...buckets], {
		execArgv: [],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const stop = async () => {
		child.kill('SIGKILL');
		await exited;
		if (folder === undefined) await rm(objects, { recursive: true, force: true });
	};

	const pending = new Map<number, (result: unknown) => void>();
	let commands = 0;
	const listening = new Promise<number>((resolve, reject) => {
		const timer = setTimeout(
			() => reject(new Error('The bucket did not start')),
			START_SECONDS * 1000,
		);
		child.on('message', (message: { port?: number; id?: number; result?: unknown }) => {
			if (message.port !== undefined) resolve(message.port);
			else pending.get(message.id ?? -1)?.(message.result);
		});
		void exited.then(() => reject(new Error(`The bucket stopped with code ${child.exitCode}`)));
		void exited.then(() => clearTimeout(timer));
		child.once('message', () => clearTimeout(timer));
	});
	const send = <Result>(command: WithoutId<Command>): Promise<Result> => {
		commands += 1;
		const id = commands;
		return new Promise((resolve, reject) => {
			pending.set(id, (result) => {
				pending.delete(id);
				resolve(result as Result);
			});
			child.send({ ...command, id }, (error) => error && reject(error));
		});
	};

	try {
		return {
			origin: `http://127.0.0.1:${await listening}`,
			fail: (fault) => send({ command: 'fail', fault }),
			clearFaults: () => send({ command: 'clearFaults' }),
			requests: () => send({ command: 'requests' }),
			clearRequests: () => send({ command: 'clearRequests' }),
			empty: () => send({ command: 'empty' }),
			ended: exited,
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
