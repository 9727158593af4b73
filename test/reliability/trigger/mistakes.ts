import fc from 'fast-check';
import { runScenario } from './runScenario.ts';
import type { Scenario } from './scenario.ts';
import { bareTrigger, wholeTrigger } from './triggersUnderTest.ts';

/** A mistake made in the trigger on purpose, which the scenarios must find. */
interface Mistake {
	name: string;
	/** Occurs once in the compiled code. */
	right: string;
	wrong: string;
	load?: typeof bareTrigger;
	/** Adds to each scenario what the mistake needs to show. */
	adapt?: (scenario: Scenario) => Scenario;
}

const MISTAKES: Mistake[] = [
	{
		name: 'an interrupted recording is emitted again at each check',
		right: 'isNew = !isKnown && !wasInterrupted',
		wrong: 'isNew = !isKnown',
	},
	{
		name: 'the MP4 of one user is enough for all',
		right: 'playlists.every(',
		wrong: 'playlists.some(',
	},
	{
		name: 'what a poll has no time for is forgotten',
		right: 'if (Date.now() > deadline || ended >= MAX_ENDED) return;',
		wrong: 'if (Date.now() > deadline) return void read.set(id, null);',
	},
	{
		name: 'each poll begins with the same recordings',
		right: 'const index = waiting.indexOf(lastRead) + 1;',
		wrong: 'const index = 0;',
		adapt: withCrowd,
	},
	{
		name: "a recording is forgotten if another tool's file came first",
		right: 'session === null || isOld(',
		wrong: 'session === null || !session.isSession || isOld(',
	},
	{
		name: 'a stop in the session record is ignored',
		right: 'if (record?.endedAt === void 0) return null;',
		wrong: 'return null;',
	},
	{
		name: 'what was emitted just before a restart is not emitted again',
		right: 'if (now - state.emittedAt >= RECENT_MS) return state;',
		wrong: 'return state;',
		load: wholeTrigger,
	},
	{
		name: 'two polls run in one process at the same time',
		right: 'if (now - (runningSince.get(node) ?? 0) < LONGEST_POLL_MS) return skipped;',
		wrong: '',
		load: wholeTrigger,
	},
];

/** More running recordings than a poll has time for. */
function withCrowd(scenario: Scenario): Scenario {
	return {
		...scenario,
		crowd: { copies: 12, minutesApart: 1, lastsForADay: true, cutAfter: 12 },
	};
}

/** After so many scenarios a mistake counts as not found. */
const MAX_SCENARIOS = 2_000;

/**
 * @returns after how many scenarios each mistake was found; null if it was not
 * @throws Error if the compiled code no longer contains what a mistake replaces
 */
export async function findMistakes(
	scenarios: fc.Arbitrary<Scenario>,
	seed: number,
): Promise<Record<string, number | null>> {
	const found: Record<string, number | null> = {};
	for (const { name, right, wrong, load = bareTrigger, adapt } of MISTAKES) {
		const trigger = await load((code) => {
			const parts = code.split(right);
			if (parts.length !== 2) throw new Error(`"${right}" is not once in the trigger's code`);
			return parts.join(wrong);
		});
		const property = fc.asyncProperty(
			adapt === undefined ? scenarios : scenarios.map(adapt),
			async (scenario) => (await runScenario(scenario, trigger)).violations.length === 0,
		);
		const limits = { numRuns: MAX_SCENARIOS, seed, endOnFailure: true };
		const { failed, numRuns } = await fc.check(property, limits);
		found[name] = failed ? numRuns : null;
	}
	return found;
}
