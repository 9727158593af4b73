/**
 * The bucket's own process: s3rver, which checks signatures, told over the process channel what to
 * spoil and asked there what was requested. Ends with its parent.
 */
import { rename } from 'node:fs/promises';
import S3rver from '@20minutes/s3rver';
import S3Error from '@20minutes/s3rver/lib/models/error.js';
import { Faults, type Fault } from '../faults.ts';
import { RequestLog } from '../requestLog.ts';

/** Told by the parent, answered with a message of the same id. */
export type Order = { id: number } & (
	| { do: 'fail'; fault: Fault }
	| { do: 'clearFaults' }
	| { do: 'requests' }
	| { do: 'clearRequests' }
);

const [folder = '', port = '0', ...buckets] = process.argv.slice(2);
const faults = new Faults();
const log = new RequestLog();

const s3 = new S3rver({
	address: '127.0.0.1',
	port: Number(port),
	silent: true,
	directory: folder,
	vhostBuckets: false,
	configureBuckets: buckets.map((name) => ({ name })),
});

interface Context {
	method: string;
	url: string;
	status: number;
	body: unknown;
	respond: boolean;
	headers: Record<string, string | undefined>;
	query: Record<string, string>;
	res: { destroy(): void };
	set(headers: Record<string, string>): void;
}
type Next = () => Promise<void>;

/** s3rver lets callers in who sign nothing; a private bucket does not. */
async function refuseAnonymous({ headers, query, method }: Context, next: Next) {
	const signed = headers.authorization ?? query['X-Amz-Algorithm'];
	if (!signed && method !== 'OPTIONS') throw new S3Error('AccessDenied', 'Access Denied');
	await next();
}

async function noteAndSpoil(context: Context, next: Next) {
	const entry = log.add(context.method, context.url);
	const fault = faults.take(context.method, entry.path);
	if (!fault) {
		await next();
	} else {
		if (fault.when === 'after') await next();
		spoil(context, fault.answer);
		if (typeof fault.answer === 'string') return;
	}
	entry.status = context.status;
}

function spoil(context: Context, answer: Fault['answer']) {
	if (typeof answer === 'string') {
		context.respond = false;
		if (answer === 'drop') context.res.destroy();
		return;
	}
	context.status = answer.status;
	context.set(answer.headers ?? {});
	context.body = answer.body ?? '';
}

/**
 * S3 replaces an object at once, s3rver writes over it: one store operation at a time, and new
 * content moved into place, so that nobody reads half a playlist.
 */
function makeAtomic(store: Record<string, (...args: unknown[]) => Promise<unknown>>) {
	const putContent = store.putContent?.bind(store);
	store.putContent = async (path, content) => {
		const result = await putContent?.(`${path as string}.part`, content);
		await rename(`${path as string}.part`, path as string);
		return result;
	};
	let queue: Promise<unknown> = Promise.resolve();
	for (const name of ['listObjects', 'getObject', 'putObject', 'copyObject', 'deleteObject']) {
		const operation = store[name]?.bind(store);
		store[name] = (...args) => {
			const result = queue.then(() => operation?.(...args));
			queue = result.catch(() => undefined);
			return result;
		};
	}
}

function obey(order: Order): unknown {
	switch (order.do) {
		case 'fail':
			return faults.add(order.fault);
		case 'clearFaults':
			return faults.clear();
		case 'requests':
			return log.all();
		case 'clearRequests':
			return log.clear();
	}
}

makeAtomic(s3.store);
s3.middleware.unshift(noteAndSpoil, refuseAnonymous);
process.on('message', (order: Order) => process.send?.({ id: order.id, result: obey(order) }));
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);

s3.run().then(
	(address: { port: number }) => process.send?.({ port: address.port }),
	(error: Error) => {
		console.error(error.message);
		process.exit(1);
	},
);
