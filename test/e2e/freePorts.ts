import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those from which systems take ports for connections that go out, and may take one that is free now. */
const FIRST = 20_000;
const LAST = 30_000;

/** Ports on this machine that nothing listens on at this moment. */
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
