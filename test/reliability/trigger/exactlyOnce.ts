import fc from 'fast-check';
import type { Finding, Part, Trial } from '../part.ts';
import { loadSource } from '../source.ts';
import { live, type Figures } from './life.ts';
import type { Subject } from './polls.ts';
import { schedules, type Schedule } from './schedule.ts';

const DEFAULT_SCHEDULES = 10_000;
const PROGRESS_EVERY = 2_000;

/** Every recording once, whatever happens between and during polls. */
export const exactlyOnce: Part = {
	name: 'trigger',
	title: 'The trigger gives out each recording exactly once',
	inCi: true,
	async try(trial) {
		const subject = await loadSubject();
		const count = Number(process.env.TRIGGER_SCHEDULES ?? DEFAULT_SCHEDULES);
		const seed = Number(process.env.TRIGGER_SEED ?? Date.now() % 1e9);
		trial.say(`${count} schedules, seed ${seed}`);
		return await trySchedules(subject, count, seed, trial);
	},
};

async function loadSubject(): Promise<Subject> {
	const { pollBucket } =
		await loadSource<typeof import('../../../nodes/Agora/trigger/pollBucket.ts')>(
			'trigger/pollBucket',
		);
	const { readState } =
		await loadSource<typeof import('../../../nodes/Agora/trigger/state.ts')>('trigger/state');
	return { pollBucket, readState };
}

async function trySchedules(
	subject: Subject,
	count: number,
	seed: number,
	{ say, witness }: Trial,
): Promise<Finding> {
	const all: Figures[] = [];
	let isShrinking = false;
	const property = fc.asyncProperty(schedules, async (schedule) => {
		const { broken, figures } = await live(schedule, subject, false);
		if (!isShrinking) all.push(figures);
		isShrinking ||= broken.length > 0;
		if (all.length % PROGRESS_EVERY === 0 && !isShrinking) say(`${all.length} schedules`);
		return broken.length === 0;
	});
	const details = await fc.check(property, { numRuns: count, seed });
	void witness;
	const [counterExample] = details.counterexample ?? [];
	const broken =
		counterExample === undefined
			? []
			: await describe(await withoutNeedless(counterExample, subject), subject, seed);
	return { page: pageOf(sumOf(all), all.length, seed), broken };
}

/** fast-check shortens lists from one end only: this leaves out of them whatever the failure does not take. */
async function withoutNeedless(schedule: Schedule, subject: Subject): Promise<Schedule> {
	const { recordings, steps } = schedule;
	const shorter: Schedule[] = [
		...recordings
			.map((_, i) => ({ ...schedule, recordings: recordings.toSpliced(i, 1) }))
			.filter((each) => each.recordings.length > 0),
		...steps.map((_, i) => ({ ...schedule, steps: steps.toSpliced(i, 1) })),
	];
	for (const each of shorter) {
		const { broken } = await live(each, subject, false);
		if (broken.length > 0) return await withoutNeedless(each, subject);
	}
	return schedule;
}

async function describe(schedule: Schedule, subject: Subject, seed: number): Promise<string[]> {
	const { broken, story } = await live(schedule, subject, true);
	return [`With TRIGGER_SEED=${seed}: ${broken.join('; ')}\n${story.join('\n')}`];
}

function sumOf(all: Figures[]): Figures {
	const sum = (of: keyof Figures) => all.reduce((total, figures) => total + figures[of], 0);
	const names = Object.keys(all[0] ?? {}) as Array<keyof Figures>;
	const sums = Object.fromEntries(names.map((name) => [name, sum(name)])) as unknown as Figures;
	return { ...sums, largestState: Math.max(...all.map(({ largestState }) => largestState)) };
}

function pageOf(figures: Figures, count: number, seed: number): string[] {
	return [JSON.stringify({ count, seed, ...figures }, null, ' ')];
}
