import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range that systems use for outgoing connections, which could occupy a free port. */
const FIRST = 20_000;
const LAST = 30_000;

/** Returns ports of this machine that are not in use. */
export async function freePorts(count: number): Promise<number[]> {
	const free = new Set<number>();
	while (free.size < count) {
		const port = randomInt(FIRST, LAST);
		if (await isFree(port)) free.add(port);
	}
	return [...free];
}

async function isFree(port: number): Promise<boolean> {
	const server = createServer();
	return await new Promise((resolve) => {
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}
