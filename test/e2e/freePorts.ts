import { createServer } from 'node:net';

/** Ports on this machine that nothing listens on at this moment. */
export async function freePorts(count: number): Promise<number[]> {
	const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
	return await Promise.all(
		servers.map(
			(server) =>
				new Promise<number>((resolve) =>
					server.once('listening', () => {
						const { port } = server.address() as { port: number };
						server.close(() => resolve(port));
					}),
				),
		),
	);
}
