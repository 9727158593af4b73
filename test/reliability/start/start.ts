import fc from 'fast-check';
import type { SessionEntry } from '../../../sandbox/control.ts';
import { startSandboxedEngine, type SandboxedEngine } from '../../integration/sandboxedEngine.ts';
import type { Part, RunContext, Summary } from '../part.ts';
import { judge, missingIn } from './judge.ts';
import { runSchedule, type CaseOutcome } from './runSchedule.ts';
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
const RANDOM_FAILURES = { seed: 1, overloaded: 0.05 };

async function run({ log }: RunContext): Promise<Summary> {
	const seed = Number(process.env.START_SEED ?? Math.floor(Math.random() * 2 ** 31));
	log(`${SCHEDULES} schedules of seed ${seed}`);
	const sandboxed = await startSandboxedEngine({
		pace: PACE,
		unlimited: true,
		agora: { randomFailures: RANDOM_FAILURES },
	});
	try {
		const tally = new Tally();
		const property = fc.asyncProperty(schedules(), async (schedule) => {
			const outcome = await runSchedule(sandboxed, schedule);
			tally.add(outcome);
			const failures = judge(outcome);
			if (failures.length > 0) throw new Error(failures.join('; '));
			const { schedules: done } = tally.figures;
			if (done % 50 === 0) log(`${done} of ${SCHEDULES}`);
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
		// Throws if a secret leaked.
		await sandboxed.stop();
	}
}

async function unlogged({ engine }: SandboxedEngine, tally: Tally): Promise<string[]> {
	return missingIn(await engine.log(), tally.leftByCanceled).map(
		({ cname }) => `The log does not name what a canceled execution started in ${cname}.`,
	);
}

class Tally {
	readonly figures = { schedules: 0, executions: 0, items: 0, faults: 0, sessions: 0, canceled: 0 };
	/** Sessions of canceled executions. */
	readonly leftByCanceled: SessionEntry[] = [];

	add({ outcomes }: CaseOutcome): void {
		const { figures } = this;
		figures.schedules++;
		for (const { execution, injected, sessions, result } of outcomes) {
			figures.executions++;
			figures.items += execution.items;
			figures.faults += injected.length;
			figures.sessions += sessions.length;
			if (result.status !== 'canceled') continue;
			figures.canceled++;
			this.leftByCanceled.push(...sessions.map(({ session }) => session));
		}
	}
}
