import fc from 'fast-check';
import { bareTrigger } from './bareTrigger.ts';
import { live } from './life.ts';
import type { Schedule } from './schedule.ts';
import type { Subject } from './subject.ts';
import { wholeTrigger } from './wholeTrigger.ts';

/** A mistake that is made in the trigger on purpose, to show that the schedules find it. */
interface Mistake {
	what: string;
	/** What the compiled code says, once. */
	right: string;
	wrong: string;
	trigger?: (change: (code: string) => string) => Promise<Subject>;
}

const MISTAKES: Mistake[] = [
	{
		what: 'an interrupted recording is emitted again at each check',
		right: 'isNew = !isKnown && !wasInterrupted',
		wrong: 'isNew = !isKnown',
	},
	{
		what: 'the MP4 of one user is enough for all',
		right: 'playlists.every(',
		wrong: 'playlists.some(',
	},
	{
		what: 'what a poll has no time for is forgotten',
		right: 'if (Date.now() > deadline || ended >= MAX_ENDED) return;',
		wrong: 'if (Date.now() > deadline) return void read.set(id, null);',
	},
	{
		what: 'a recording is forgotten where a file of another tool came first',
		right: 'session === null || isOld(',
		wrong: 'session === null || !session.isSession || isOld(',
	},
	{
		what: 'a stop in the session record is ignored',
		right: 'if (record?.endedAt === void 0) return null;',
		wrong: 'return null;',
	},
	{
		what: 'what was emitted just before a start of n8n does not come again',
		right: 'if (now - state.givenAt >= RECENT_MS) return state;',
		wrong: 'return state;',
		trigger: wholeTrigger,
	},
	{
		what: 'two polls run in one process at the same time',
		right: 'if (now - (runningSince.get(node) ?? 0) < LONGEST_POLL_MS) return skipped;',
		wrong: '',
		trigger: wholeTrigger,
	},
];

/** After so many schedules a mistake counts as not found. */
const MOST_SCHEDULES = 2_000;

/**
 * Lets each mistake live through schedules until one shows it.
 *
 * @returns what the page says, and the mistakes that no schedule showed
 * @throws Error where the trigger's code is not what a mistake replaces any more
 */
export async function tryMistakes(
	schedules: fc.Arbitrary<Schedule>,
	seed: number,
): Promise<{ page: string[]; broken: string[] }> {
	const found: string[] = [];
	const broken: string[] = [];
	for (const { what, right, wrong, trigger = bareTrigger } of MISTAKES) {
		const subject = await trigger((code) => {
			const parts = code.split(right);
			if (parts.length !== 2) throw new Error(`"${right}" is not once in the trigger's code`);
			return parts.join(wrong);
		});
		const property = fc.asyncProperty(
			schedules,
			async (schedule) => (await live(schedule, subject, false)).broken.length === 0,
		);
		const limits = { numRuns: MOST_SCHEDULES, seed, endOnFailure: true };
		const { failed, numRuns } = await fc.check(property, limits);
		if (failed) found.push(`- ${what}: at schedule ${numRuns}`);
		else broken.push(`A mistake on purpose was not found: ${what}.`);
	}
	return {
		page: ['', 'With a mistake made in the trigger on purpose, it does not hold:', '', ...found],
		broken,
	};
}
