import { startDemo, type Demo } from '../../sandbox/n8n/demo.ts';
import { freePorts } from './freePorts.ts';

/** How many times faster than real time calls and recordings run. */
export const SPEED = 5;

/**
 * Starts n8n as `npm start` does, on free ports and with faster calls.
 *
 * @param folder for n8n's data and the bucket
 * @param settings additional environment variables of n8n
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
