import fc from 'fast-check';
import type { SessionEntry } from '../../../sandbox/control.ts';
import { startSandboxedEngine, type SandboxedEngine } from '../../integration/sandboxedEngine.ts';
import type { Figures, Part, RunContext, Summary } from '../part.ts';
import { errorText, judge, missingIn, warnsOfRecording } from './judge.ts';
import { runSchedule, type CaseOutcome, type Outcome } from './runSchedule.ts';
import { schedules } from './schedule.ts';

/** A recording is never started twice and never forgotten, whatever goes wrong while it starts. */
export const start: Part = { name: 'start', inCi: true, run };

const SCHEDULES = Number(process.env.START_SCHEDULES ?? 300);
/** They mostly wait. */
const CONCURRENT_RUNS = 40;
/** A run that fails is shrunk until then. */
const TIME_LIMIT_MS = 600_000;

/** In real time; nobody is in the channels, so that sessions run a second after their start and upload nothing. */
const PACE = { speed: 1, startSeconds: 1, exitSeconds: 0 };
/** Sometimes Agora has no free recorder and responds with code 406. */
const CHANCE = { seed: 1, overloaded: 0.05 };

async function run({ log }: RunContext): Promise<Summary> {
	const seed = Number(process.env.START_SEED ?? Math.floor(Math.random() * 2 ** 31));
	log(`${SCHEDULES} schedules of seed ${seed}`);
	const sandboxed = await startSandboxedEngine({
		pace: PACE,
		unlimited: true,
		agora: { randomFailures: CHANCE },
	});
	try {
		const tally = new Tally();
		const property = fc.asyncProperty(schedules(), async (schedule) => {
			const outcome = await runSchedule(sandboxed, schedule);
			tally.add(outcome);
			const failures = judge(outcome);
			if (failures.length > 0) throw new Error(failures.join('; '));
			if (tally.schedules % 50 === 0) log(`${tally.schedules} of ${SCHEDULES}`);
		});
		const runs = await Promise.all(
			Array.from({ length: CONCURRENT_RUNS }, async (_, index) => {
				return await fc.check(property, {
					// Seeds that follow each other would generate similar schedules.
					seed: (seed + index * 0x9e3779b1) | 0,
					numRuns: Math.ceil(SCHEDULES / CONCURRENT_RUNS),
					interruptAfterTimeLimit: TIME_LIMIT_MS,
				});
			}),
		);
		const failures = runs.filter(({ failed }) => failed).map(fc.defaultReportMessage);
		return {
			figures: { seed, ...tally.figures },
			failures: [...(failures as string[]), ...(await unlogged(sandboxed, tally))],
		};
	} finally {
		// Fails when a secret is in anything that came out.
		await sandboxed.stop();
	}
}

async function unlogged({ engine }: SandboxedEngine, tally: Tally): Promise<string[]> {
	return missingIn(await engine.log(), tally.leftByCanceled).map(
		({ cname }) => `The log does not name what a canceled execution started in ${cname}.`,
	);
}

class Tally {
	schedules = 0;
	/** Sessions of canceled executions. */
	readonly leftByCanceled: SessionEntry[] = [];
	readonly #counts: Record<string, number> = {};
	readonly #faults: Record<string, Record<string, number>> = {};

	add({ outcomes }: CaseOutcome): void {
		this.schedules++;
		if (outcomes.length > 1) this.#count('with two executions', 1);
		for (const outcome of outcomes) this.#addExecution(outcome);
	}

	#addExecution({ execution, result, sessions, injected }: Outcome): void {
		const texts = [...result.items, ...result.failedItems].map(({ json }) => JSON.stringify(json));
		const warnings = [...texts, errorText(result)].filter(warnsOfRecording);
		const isTrue = (warning: string) =>
			sessions.some(({ session }) => warning.includes(session.resourceId));
		this.#count('executions', 1);
		this.#count('items', execution.items);
		this.#count('sessions', sessions.length);
		this.#count('warnings of a running recording', warnings.length);
		this.#count('warnings that are true', warnings.filter(isTrue).length);
		if (result.status === 'canceled') {
			this.#count('canceled executions', 1);
			this.leftByCanceled.push(...sessions.map(({ session }) => session));
		}
		for (const { name, when } of injected) {
			const counts = (this.#faults[name] ??= { before: 0, after: 0 });
			counts[when]!++;
		}
	}

	#count(name: string, by: number): void {
		this.#counts[name] = (this.#counts[name] ?? 0) + by;
	}

	get figures(): Figures {
		return { schedules: this.schedules, ...this.#counts, faults: this.#faults };
	}
}
