import { startDemo, type Demo } from '../../sandbox/n8n/demo.ts';
import { freePorts } from './freePorts.ts';

/** How many times faster than the clock calls and recordings go by. */
export const SPEED = 5;

/**
 * Boots n8n as `npm start` does, on ports of its own, where calls go by faster.
 *
 * @param folder for n8n's data and the bucket
 * @param settings further ones of n8n, by the names of its environment variables
 */
export async function startQuickDemo(
	folder: string,
	settings?: Record<string, string>,
): Promise<Demo> {
	const [n8n, agora, s3] = await freePorts(3);
	return await startDemo({
		folder,
		ports: { n8n: n8n!, agora: agora!, s3: s3! },
		pace: { speed: SPEED, callSeconds: 20 },
		settings,
		log: (line) => process.stderr.write(`${line}\n`),
	});
}
