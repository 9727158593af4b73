import fc from 'fast-check';
import type { Finding, Part, Trial } from '../part.ts';
import { simplest } from './counterExample.ts';
import { judge, missingIn } from './judgement.ts';
import { runCase, type CaseOutcome } from './runCase.ts';
import { inWords, schedules, type Schedule } from './schedule.ts';
import { startServices, type Services } from './services.ts';
import { Tally } from './tally.ts';
import { page } from './page.ts';

export const start: Part = {
	name: 'start',
	title: 'A start is never doubled and never forgotten',
	inCi: true,
	try: tryStarts,
};

const CASES = Number(process.env.START_SCHEDULES ?? 300);
/** They mostly wait. */
const SIDE_BY_SIDE = 40;
/** Each takes minutes to be made simpler. */
const MOST_SIMPLIFIED = 2;
const MOST_SHOWN = 10;

async function tryStarts({ say, witness }: Trial): Promise<Finding> {
	const seed = Number(process.env.START_SEED ?? Math.floor(Math.random() * 2 ** 31));
	say(`${CASES} schedules of seed ${seed}`);
	const services = await startServices();
	witness.guard(services.secrets);
	const leaksBefore = witness.leaks.length;
	try {
		const tally = new Tally();
		const failed = await tryAll(services, seed, tally, { say, witness });
		const log = await services.engine.log();
		const inNoNote = missingIn(log, tally.leftByCancelled);
		const refused = await refusedForRate(services);
		const broken = await explained(services, seed, failed, say);
		for (const record of await services.sessionRecords()) witness.see('session record', record);
		witness.see('log', log);
		const leaks = witness.leaks.slice(leaksBefore);
		return {
			page: page(tally, seed, refused),
			broken: [
				...broken,
				...inNoNote.map(
					({ cname }) => `The log says nothing of what a cancelled execution started in ${cname}.`,
				),
				...leaks.map((leak) => `A secret came out: ${leak}.`),
			],
		};
	} finally {
		await services.stop();
	}
}

interface Failed {
	run: number;
	schedule: Schedule;
	broken: string[];
}

async function tryAll(
	services: Services,
	seed: number,
	tally: Tally,
	{ say, witness }: Trial,
): Promise<Failed[]> {
	const sample = fc.sample(schedules(), { seed, numRuns: CASES });
	const failed: Failed[] = [];
	await inLanes(sample, async (schedule, run) => {
		const outcome = await runCase(services, schedule);
		tally.add(outcome);
		showTo(witness, outcome);
		const broken = judge(outcome, services.secrets);
		if (broken.length > 0) failed.push({ run, schedule, broken });
		if (tally.cases % 50 === 0) {
			say(`${tally.cases} of ${CASES}, ${tally.sessions} sessions, ${failed.length} did not hold`);
		}
	});
	return failed;
}

function showTo(witness: Trial['witness'], { outcomes }: CaseOutcome): void {
	for (const { result } of outcomes) {
		witness.see('output', [result.items, result.failedItems]);
		if (result.error !== undefined) witness.see('error', result.error);
		witness.see('execution', result.stored);
	}
}

/** Counter-examples in words: the first ones as simple as they get. */
async function explained(
	services: Services,
	seed: number,
	failed: Failed[],
	say: Trial['say'],
): Promise<string[]> {
	const brokenBy = async (schedule: Schedule) =>
		judge(await runCase(services, schedule), services.secrets);
	const simple: string[] = [];
	for (const one of failed.slice(0, MOST_SIMPLIFIED)) {
		say(`looking for the simplest schedule that fails as number ${one.run} of seed ${seed} does`);
		simple.push(await simplest(schedules(), { seed, ...one }, brokenBy));
	}
	const others = failed
		.slice(MOST_SIMPLIFIED, MOST_SHOWN)
		.map(({ schedule, broken }) => `${inWords(schedule)}: ${broken.join('; ')}`);
	const left = failed.length - MOST_SHOWN;
	return [...simple, ...others, ...(left > 0 ? [`And ${left} more.`] : [])];
}

async function inLanes<Input>(
	inputs: Input[],
	task: (input: Input, index: number) => Promise<void>,
): Promise<void> {
	let next = 0;
	const lane = async () => {
		for (let index = next++; index < inputs.length; index = next++) {
			await task(inputs[index]!, index);
		}
	};
	await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
}

async function refusedForRate({ sandbox }: Services): Promise<number> {
	const requests = await sandbox.control.requests('agora');
	return requests.filter(({ status }) => status === 429).length;
}
