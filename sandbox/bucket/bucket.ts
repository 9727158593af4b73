import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../faults.ts';
import type { RequestEntry } from '../requestLog.ts';
import type { Order } from './server.ts';

/** An S3 server on this machine, in a process of its own. */
export interface Bucket {
	/** `http://127.0.0.1:<port>` */
	origin: string;
	fail(fault: Fault): Promise<void>;
	/** Breaks off the requests that hang, too. */
	clearFaults(): Promise<void>;
	requests(): Promise<RequestEntry[]>;
	clearRequests(): Promise<void>;
	/** Removes all objects. */
	empty(): Promise<void>;
	/** Resolves when the process has ended, asked to or not. */
	ended: Promise<void>;
	stop(): Promise<void>;
}

export { BUCKET_KEYS } from './keys.ts';

const START_SECONDS = 20;

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

/**
 * Starts the S3 server with these buckets.
 *
 * @param folder where objects stay; a temporary one, removed at the end, when left out
 * @throws when it does not come up, say because the port is taken
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

	const answers = new Map<number, (result: unknown) => void>();
	let orders = 0;
	const listening = new Promise<number>((resolve, reject) => {
		const timer = setTimeout(
			() => reject(new Error('the bucket did not start')),
			START_SECONDS * 1000,
		);
		child.on('message', (message: { port?: number; id?: number; result?: unknown }) => {
			if (message.port !== undefined) resolve(message.port);
			else answers.get(message.id ?? -1)?.(message.result);
		});
		void exited.then(() => reject(new Error(`the bucket ended with ${child.exitCode}`)));
		void exited.then(() => clearTimeout(timer));
		child.once('message', () => clearTimeout(timer));
	});
	const order = <Result>(what: Unnumbered<Order>): Promise<Result> => {
		orders += 1;
		const id = orders;
		return new Promise((resolve, reject) => {
			answers.set(id, (result) => {
				answers.delete(id);
				resolve(result as Result);
			});
			child.send({ ...what, id }, (error) => error && reject(error));
		});
	};

	try {
		return {
			origin: `http://127.0.0.1:${await listening}`,
			fail: (fault) => order({ do: 'fail', fault }),
			clearFaults: () => order({ do: 'clearFaults' }),
			requests: () => order({ do: 'requests' }),
			clearRequests: () => order({ do: 'clearRequests' }),
			empty: () => order({ do: 'empty' }),
			ended: exited,
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
