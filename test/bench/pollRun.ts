/** Polls of the Agora Trigger in n8n's engine, in a process of its own, one after the other. */
import { answerJob } from '../integration/childProcess.ts';
import { Engine, type CredentialStore } from '../integration/engine.ts';
import type { Counts } from './archive/server.ts';
import { countersOf } from './servers.ts';

export interface PollJob {
	credentials: CredentialStore;
	/** How many polls follow the first. */
	steadyPolls: number;
	server: string;
}

export interface PollReport {
	ms: number;
	items: number;
	asked: Counts;
}

/** n8n grants five minutes. Who needs more than this is measured all the same, only sooner. */
const BUDGET_MS = 60_000;
const TOO_LONG_TO_REPEAT_MS = 10_000;

/** @returns the first poll, which takes what is there as known, and those that follow */
async function run({ credentials, steadyPolls, server }: PollJob): Promise<PollReport[]> {
	const engine = await Engine.start(credentials, { keepTranscript: false });
	const trigger = engine.trigger({}, { pollBudgetMs: BUDGET_MS });
	const { counts, reset } = countersOf<Counts>(server);
	const polls: PollReport[] = [];
	for (let n = 0; n <= steadyPolls; n++) {
		await reset();
		const started = performance.now();
		const items = await trigger.poll();
		const ms = performance.now() - started;
		polls.push({ ms, items: items?.length ?? 0, asked: await counts() });
		if (n > 0 && ms > TOO_LONG_TO_REPEAT_MS) break;
	}
	engine.removeFiles();
	return polls;
}

answerJob(import.meta.filename, run);
