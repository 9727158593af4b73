import { request } from 'undici';
import type { Cluster } from './cluster.ts';
import type { Gate } from './gate.ts';
import type { Services } from './services.ts';

/** What every trial of this part works with. */
export interface Stage {
	cluster: Cluster;
	services: Services;
	gate: Gate;
	say(line: string): void;
}

/** What came of a trial. */
export interface Outcome {
	/** What is counted, and the count, as they stand in the table. */
	figures: Array<[what: string, count: string | number]>;
	/** Sentences below the table. */
	notes: string[];
	/** What did not hold. */
	broken: string[];
}

/**
 * Calls a webhook of n8n.
 *
 * @returns its answer
 * @throws Error when the answer is not 200
 */
export async function call<Answer>(
	{ cluster }: Stage,
	path: string,
	body: object,
): Promise<Answer> {
	const answer = await request(`${cluster.url}/webhook/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
		headersTimeout: 120_000,
	});
	const text = await answer.body.text();
	if (answer.statusCode === 200) return JSON.parse(text) as Answer;
	throw new Error(`the webhook ${path} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
}
