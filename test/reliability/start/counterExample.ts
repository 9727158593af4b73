import fc from 'fast-check';
import { inWords, type Schedule } from './schedule.ts';

/** As long as a person waits for a simpler one. */
const MOST_MS = 120_000;

/**
 * Goes from a schedule that failed to the simplest that still fails, with fast-check.
 *
 * @param run which of the schedules of this seed it was
 * @param broken what did not hold the first time
 * @param brokenBy runs a schedule, and says what did not hold
 * @returns it in words, with what did not hold
 */
export async function simplest(
	schedules: fc.Arbitrary<Schedule>,
	{
		seed,
		run,
		schedule,
		broken,
	}: { seed: number; run: number; schedule: Schedule; broken: string[] },
	brokenBy: (schedule: Schedule) => Promise<string[]>,
): Promise<string> {
	const property = fc.asyncProperty(schedules, async (each) => {
		const broken = await brokenBy(each);
		if (broken.length > 0) throw new Error(broken.join('; '));
	});
	const options = { seed, path: String(run), numRuns: 1, interruptAfterTimeLimit: MOST_MS };
	const { counterexample, errorInstance, numShrinks } = await fc.check(property, options);
	if (counterexample === null) {
		return `${inWords(schedule)} (tried once more, it held): ${broken.join('; ')}`;
	}
	const why = (errorInstance as Error).message;
	return `${inWords(counterexample[0])} (after ${numShrinks} simplifications): ${why}`;
}
