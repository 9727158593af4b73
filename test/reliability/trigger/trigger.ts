import fc from 'fast-check';
import type { Part, RunContext } from '../part.ts';
import { findMistakes } from './mistakes.ts';
import type { Poll } from './poller.ts';
import { runScenario, type Counts } from './runScenario.ts';
import { scenarios, type Scenario } from './scenario.ts';
import {
	bareTrigger,
	SECRET_KEY,
	wholeTrigger,
	type TriggerUnderTest,
} from './triggersUnderTest.ts';

const DEFAULT_COUNT = 10_000;
/** One scenario in ten is also run through everything between n8n and the HTTP client, which takes longer. */
const WHOLE_SHARE = 0.1;
const LOG_EVERY = 2_000;
/** More than one poll emits. */
const BACKLOG = 1_100;

/**
 * The trigger emits each recording exactly once, whatever happens between and during polls. `TRIGGER_SCHEDULES` sets the
 * number of scenarios, `TRIGGER_SEED` which ones.
 */
export const trigger: Part = {
	name: 'trigger',
	inCi: true,
	async run(context) {
		const count = Number(process.env.TRIGGER_SCHEDULES ?? DEFAULT_COUNT);
		const seed = Number(process.env.TRIGGER_SEED ?? Date.now() % 1e9);
		context.witness.guard({ "the trigger's secret key": SECRET_KEY });
		context.log(`${count} scenarios, TRIGGER_SEED=${seed}`);
		const whole = await wholeTrigger();
		const onS3 = scenarios.map(asS3);
		const bareRun = await runAll(scenarios, await bareTrigger(), count, seed, context);
		const wholeRun = await runAll(onS3, whole, Math.ceil(count * WHOLE_SHARE), seed + 1, context);
		context.log(`${BACKLOG} recordings at once`);
		const backlog = await runAll(fc.constant(backlogScenario()), whole, 1, seed, context);
		context.log('mistakes made on purpose');
		const mistakes = await findMistakes(onS3, seed);
		const missed = Object.entries(mistakes).filter(([, found]) => found === null);
		return {
			figures: {
				seed,
				pollBucket: { ...bareRun.counts },
				pollRecordings: { ...wholeRun.counts },
				'backlog of one poll': { ...backlog.counts },
				'scenarios until each mistake was found': Object.fromEntries(
					Object.entries(mistakes).map(([name, found]) => [name, found ?? 'not found']),
				),
			},
			failures: [
				...[bareRun, wholeRun, backlog].flatMap(({ failures }) => failures),
				...missed.map(([name]) => `A mistake on purpose was not found: ${name}`),
			],
		};
	},
};

/**
 * The whole trigger recognizes Azure by its credential, and S3 by its responses. Its time is limited: with slow requests,
 * or a crowd on short pages, listing the sessions alone would use all of it.
 */
function asS3(scenario: Scenario): Scenario {
	const { bucket, crowd, requestMs } = scenario;
	const pageSize = crowd.copies === 0 ? bucket.pageSize : 1000;
	const kind = bucket.kind === 'cannot start after a key' ? 'S3' : bucket.kind;
	return {
		...scenario,
		bucket: { ...bucket, kind, pageSize },
		requestMs: Math.min(requestMs, 100),
	};
}

/** @returns the counts, and a failure with the shrunk scenario if there is one */
async function runAll(
	arbitrary: fc.Arbitrary<Scenario>,
	underTest: TriggerUnderTest,
	count: number,
	seed: number,
	{ witness, log }: RunContext,
): Promise<{ counts: Counts; failures: string[] }> {
	let counts: Counts | null = null;
	const property = fc.asyncProperty(arbitrary, async (scenario) => {
		const result = await runScenario(scenario, underTest);
		for (const { emitted, error, stored } of result.polls) {
			for (const { item } of emitted ?? []) if (item !== null) witness.see('output', item);
			if (error !== null) witness.see('error', `${error.stack}${JSON.stringify(error)}`);
			witness.see('static data', stored);
		}
		counts = counts === null ? result.counts : sum(counts, result.counts);
		if (counts.scenarios % LOG_EVERY === 0) log(`${counts.scenarios} of ${count} scenarios`);
		if (result.violations.length === 0) return;
		throw new Error([...result.violations, ...result.polls.map(describePoll)].join('\n'));
	});
	const { counterexample, errorInstance } = await fc.check(property, { numRuns: count, seed });
	const failures =
		counterexample === null
			? []
			: [`${(errorInstance as Error).message}\n${JSON.stringify(counterexample[0])}`];
	return { counts: counts!, failures };
}

function sum(a: Counts, b: Counts): Counts {
	const names = Object.keys(a) as Array<keyof Counts>;
	const added = names.map((name) => [name, a[name] + b[name]]);
	const largest = 'largest state in bytes';
	return {
		...(Object.fromEntries(added) as unknown as Counts),
		[largest]: Math.max(a[largest], b[largest]),
	};
}

function describePoll({ number, parent, from, emitted, error, requests, isCut }: Poll): string {
	const result =
		error === null ? `emitted ${emitted!.map(({ sid }) => sid).join()}` : error.message;
	const time = new Date(from).toISOString();
	return `${time} poll ${number} after ${parent?.number ?? 'none'}, ${requests} requests${isCut ? ', out of time' : ''}: ${result}`;
}

/** More recordings at once than one poll emits. */
function backlogScenario(): Scenario {
	return {
		trigger: {
			...{ event: 'recordingCompleted', cname: null, mp4: 'detect' },
			...{ includeExisting: true, includeSegments: false },
		},
		bucket: { kind: 'S3', pageSize: 1000, prefix: '', ahead: 0, hasOtherFiles: true },
		hour: 12,
		// Slow requests would end a poll by its time, before it has emitted that many.
		requestMs: 10,
		recordings: [
			{
				...{ begins: -3 * BACKLOG, folder: 'day', kind: 'HLS and MP4', channel: 'class_7b' },
				...{ hasRecord: true, isIndexed: true, sid: 'c0ffee', segments: 2, pace: 1, ends: true },
				...{ mp4After: 3, secondMp4After: 0, segmentsPerMp4: null, silence: null, stop: null },
				...{ takeover: null, late: { from: 0, by: 0 }, lookalike: null, incidents: [] },
			},
		],
		alike: true,
		crowd: { copies: BACKLOG - 1, minutesApart: 2, lastsForADay: false, cutAfter: null },
		firstCutAfter: null,
		steps: Array.from({ length: 3 }, () => ({
			...{
				type: 'poll' as const,
				gap: 1,
				repeats: 0,
				rejected: null,
				cutAfter: null,
				overlap: null,
			},
		})),
		finalPolls: 0,
	};
}
