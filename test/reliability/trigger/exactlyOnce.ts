import fc from 'fast-check';
import type { Part, Trial } from '../part.ts';
import { bareTrigger } from './bareTrigger.ts';
import { live, type Figures } from './life.ts';
import { tryMistakes } from './mistakes.ts';
import { pageOf, sumOf } from './page.ts';
import { schedules, type Schedule } from './schedule.ts';
import type { Subject } from './subject.ts';
import { SECRET_KEY, wholeTrigger } from './wholeTrigger.ts';

const DEFAULT_SCHEDULES = 10_000;
/** Of ten schedules one is also lived through with everything between n8n and the wire, which takes longer. */
const WHOLE_SHARE = 0.1;
const PROGRESS_EVERY = 2_000;
/** More than a poll emits at once. */
const BACKLOG = 1_100;

/**
 * Every recording once, whatever happens between polls and during them. `TRIGGER_SCHEDULES` sets how many
 * schedules are lived through, `TRIGGER_SEED` which ones.
 */
export const exactlyOnce: Part = {
	name: 'trigger',
	title: 'The trigger emits each recording exactly once',
	inCi: true,
	async try(trial) {
		const count = Number(process.env.TRIGGER_SCHEDULES ?? DEFAULT_SCHEDULES);
		const seed = Number(process.env.TRIGGER_SEED ?? Date.now() % 1e9);
		trial.witness.guard({ 'secret key of the bucket': SECRET_KEY });
		trial.say(`${count} schedules, TRIGGER_SEED=${seed}`);
		const bare = await bareTrigger();
		const whole = await wholeTrigger();
		const trials = [
			await trySchedules('pollBucket', schedules, bare, count, seed, trial),
			await trySchedules(
				'pollRecordings',
				schedules.map(onS3),
				whole,
				Math.ceil(count * WHOLE_SHARE),
				seed + 1,
				trial,
			),
			await tryBacklog(whole, trial),
		];
		trial.say('the same with mistakes made on purpose');
		const mistakes = await tryMistakes(schedules.map(onS3), seed);
		const figures = trials.map((each) => sumOf(each.figures));
		return {
			page: [
				...pageOf(figures[0]!, figures[1]!, figures[2]!, seed),
				...mistakes.page,
				...trials.flatMap(({ story }) =>
					story.length === 0 ? [] : ['', '```text', ...story, '```'],
				),
			],
			broken: [...trials.flatMap((each) => each.broken), ...mistakes.broken],
		};
	},
};

interface Tried {
	figures: Figures[];
	broken: string[];
	/** The shortest schedule in which something did not hold, in sentences; empty when all held. */
	story: string[];
}

/**
 * What lies between n8n and the wire knows Azure by its credential, and S3 by its answers. Its time is limited:
 * where a request takes long, or a crowd is listed on short pages, naming the sessions takes all of it.
 */
function onS3(schedule: Schedule): Schedule {
	const { bucket, crowd, requestMs } = schedule;
	const pageSize = crowd.more === 0 ? bucket.pageSize : 1000;
	const kind = bucket.kind === 'cannot begin in the middle' ? 'S3' : bucket.kind;
	return {
		...schedule,
		bucket: { ...bucket, kind, pageSize },
		requestMs: Math.min(requestMs, 100),
	};
}

async function trySchedules(
	name: string,
	arbitrary: fc.Arbitrary<Schedule>,
	subject: Subject,
	count: number,
	seed: number,
	trial: Trial,
): Promise<Tried> {
	const figures: Figures[] = [];
	let isShrinking = false;
	const property = fc.asyncProperty(arbitrary, async (schedule) => {
		const { broken, figures: lived } = await liveSeen(schedule, subject, trial);
		if (!isShrinking) figures.push(lived);
		isShrinking ||= broken.length > 0;
		if (figures.length % PROGRESS_EVERY === 0 && !isShrinking)
			trial.say(`${name}: ${figures.length} of ${count} schedules`);
		return broken.length === 0;
	});
	const { counterexample } = await fc.check(property, { numRuns: count, seed });
	if (counterexample === null) return { figures, broken: [], story: [] };
	const shortest = await withoutNeedless(counterexample[0], subject);
	const { broken, story } = await live(shortest, subject, true);
	return { figures, story, broken: broken.map((each) => `${name}, TRIGGER_SEED=${seed}: ${each}`) };
}

async function liveSeen(schedule: Schedule, subject: Subject, { witness }: Trial) {
	const outcome = await live(schedule, subject, false);
	for (const { emitted, error, stored } of outcome.polls) {
		for (const { item } of emitted ?? []) if (item !== null) witness.see('output', item);
		if (error !== null) witness.see('error', `${error.stack}${JSON.stringify(error)}`);
		witness.see('static data', stored);
	}
	return outcome;
}

/** More recordings at once than one poll emits. */
async function tryBacklog(subject: Subject, trial: Trial): Promise<Tried> {
	const [sample] = fc.sample(schedules, { numRuns: 1, seed: 1 }) as [Schedule];
	const backlog: Schedule = {
		...sample,
		trigger: {
			event: 'recordingCompleted',
			cname: null,
			includeExisting: true,
			includeSegments: false,
			mp4: 'detect',
		},
		bucket: { kind: 'S3', pageSize: 1000, prefix: '', ahead: 0, foreign: true },
		// Slow requests would end a poll by its time, before it has emitted that many.
		requestMs: 10,
		recordings: [
			{
				begins: -3 * BACKLOG,
				place: 'day',
				kind: 'HLS and MP4',
				channel: 'class_7b',
				record: true,
				index: true,
				sid: 'c0ffee',
				slices: 2,
				pace: 1,
				ends: true,
				video: 3,
				videoLag: 0,
				parts: null,
				silence: null,
				stop: null,
				takeover: null,
				late: { from: 0, by: 0 },
				lookalike: null,
				mishaps: [],
			},
		],
		alike: true,
		crowd: { more: BACKLOG - 1, apart: 2, lasts: false, cut: null },
		firstCut: null,
		steps: Array.from({ length: 3 }, () => ({
			does: 'poll',
			gap: 1,
			repeats: 0,
			refused: null,
			cut: null,
			overlap: null,
		})),
		tail: 0,
	};
	trial.say(`pollRecordings: ${BACKLOG} recordings at once`);
	const { broken, figures } = await liveSeen(backlog, subject, trial);
	return { figures: [figures], broken, story: [] };
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
