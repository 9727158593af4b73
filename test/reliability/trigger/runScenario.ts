import { Claims, isEmittedAgain } from './claims.ts';
import { lineage, Poller, type Poll } from './poller.ts';
import type { PollStep, Scenario, Step } from './scenario.ts';
import { Simulation } from './simulation.ts';
import type { TriggerUnderTest } from './triggersUnderTest.ts';
import { HOUR, MINUTE, plannedRecordings } from './uploads.ts';

export interface ScenarioResult {
	polls: Poll[];
	/** Of the first poll that broke a rule; empty if none did. */
	violations: string[];
	counts: Counts;
}

export interface Counts {
	scenarios: number;
	recordings: number;
	polls: number;
	'polls rejected by the bucket': number;
	'polls out of time': number;
	'states overwritten by another poll': number;
	'states lost': number;
	requests: number;
	emitted: number;
	'emitted as interrupted': number;
	'emitted again: completed after an interruption': number;
	'emitted again: the state was lost': number;
	'emitted again: by a poll at the same time': number;
	'emitted again: deleted and uploaded again': number;
	'emitted again: n8n was restarted right after': number;
	'emitted again: no reason': number;
	'left out by the last poll': number;
	'largest state in bytes': number;
}

const CALM: PollStep = {
	...{ type: 'poll', gap: 0, repeats: 0, rejected: null, cutAfter: null, overlap: null },
};
/** After the last change the trigger is polled until it emits nothing. */
const MAX_QUIET_POLLS = 20;
const QUIET_AFTER = 2 * HOUR;
/** Within this, every interrupted recording is checked again. */
const CHECK_INTERVAL = HOUR + MINUTE;
/** In so many polls, each recording of a crowd is read. */
const CROWD_REPEATS = 12;

/** Runs a scenario up to the first violation. */
export async function runScenario(
	scenario: Scenario,
	trigger: TriggerUnderTest,
): Promise<ScenarioResult> {
	const recordings = plannedRecordings(scenario);
	const simulation = new Simulation(scenario, recordings);
	const claims = new Claims(scenario, recordings);
	const poller = new Poller(simulation, scenario, trigger);
	const violations: string[] = [];
	const realClock = Date.now;
	Date.now = () => simulation.machineNow;
	try {
		const steps = scenario.steps.map((step) => withCut(step, scenario.crowd.cutAfter));
		for (const step of [{ ...CALM, cutAfter: scenario.firstCutAfter }, ...steps]) {
			await run(step);
			if (violations.length > 0) break;
		}
		const gap = (simulation.end - simulation.now) / (scenario.finalPolls + 1);
		for (let i = 0; i < scenario.finalPolls && violations.length === 0; i++) {
			simulation.moveTo(simulation.now + gap);
			await run(CALM);
		}
		simulation.moveTo(simulation.end + QUIET_AFTER);
		await pollUntilQuiet();
		simulation.moveTo(simulation.now + CHECK_INTERVAL);
		await pollUntilQuiet();
	} finally {
		Date.now = realClock;
	}
	return {
		polls: poller.polls,
		violations,
		counts: countsOf(poller.polls, recordings.length, claims),
	};

	async function pollUntilQuiet(): Promise<void> {
		for (let quiet = 1; violations.length === 0; quiet++) {
			await run(CALM);
			const { emitted, stored, isCut } = poller.current!;
			const { state } = JSON.parse(stored) as { state: { starts: string } };
			const isQuiet = emitted!.length === 0 && !isCut;
			if (isQuiet && state.starts !== '')
				violations.push('the last state contains unread sessions');
			if (isQuiet) break;
			if (quiet === MAX_QUIET_POLLS) violations.push('it keeps emitting although nothing changes');
			simulation.moveTo(simulation.now + 10 * MINUTE);
		}
	}

	async function run(step: Step): Promise<void> {
		// n8n polls as soon as it is started.
		simulation.moveTo(simulation.now + (poller.isAfterRestart ? 0 : step.gap) * MINUTE);
		if (step.type === 'set clock') simulation.machineAhead = step.ahead * MINUTE;
		else if (step.type === 'restart') poller.restart(step.lostPolls);
		else {
			for (let i = 0; i <= step.repeats && violations.length === 0; i++) {
				if (i > 0) simulation.moveTo(simulation.now + MINUTE);
				for (const poll of await poller.poll(step)) violations.push(...claims.violations(poll));
			}
		}
	}
}

function withCut(step: Step, cutAfter: number | null): Step {
	if (step.type !== 'poll' || cutAfter === null) return step;
	const repeats = Math.max(step.repeats, CROWD_REPEATS);
	return { ...step, cutAfter: step.cutAfter ?? cutAfter, repeats };
}

function countsOf(polls: Poll[], recordings: number, claims: Claims): Counts {
	const count = (isCounted: (poll: Poll) => boolean) => polls.filter(isCounted).length;
	const counts: Counts = {
		scenarios: 1,
		recordings,
		polls: polls.length,
		'polls rejected by the bucket': count(({ wasRejected }) => wasRejected),
		'polls out of time': count(({ isCut }) => isCut),
		'states overwritten by another poll': count(({ stateWas }) => stateWas === 'overwritten'),
		'states lost': count(({ stateWas }) => stateWas === 'lost'),
		requests: polls.reduce((sum, { requests }) => sum + requests, 0),
		emitted: 0,
		'emitted as interrupted': 0,
		'emitted again: completed after an interruption': 0,
		'emitted again: the state was lost': 0,
		'emitted again: by a poll at the same time': 0,
		'emitted again: deleted and uploaded again': 0,
		'emitted again: n8n was restarted right after': 0,
		'emitted again: no reason': 0,
		'left out by the last poll': claims.countLeftOut(polls.at(-1)!),
		'largest state in bytes': Math.max(...polls.map(({ stored }) => stored.length)),
	};
	const emissions = new Map<string, Array<{ poll: Poll; status: string }>>();
	for (const poll of polls) {
		for (const emission of poll.emitted ?? []) {
			const { sid, status } = emission;
			const earlier = emissions.get(sid) ?? [];
			emissions.set(sid, [...earlier, { poll, status }]);
			counts.emitted++;
			const isCompleted = status === 'completed';
			if (status === 'interrupted') counts['emitted as interrupted']++;
			if (isCompleted && earlier.some((each) => each.status === 'interrupted'))
				counts['emitted again: completed after an interruption']++;
			const last = earlier.findLast((each) => each.status === status || !isCompleted)?.poll;
			if (last === undefined) continue;
			if (isEmittedAgain(last, poll)) counts['emitted again: n8n was restarted right after']++;
			else if (lineage(poll).includes(last)) {
				const wasUnseen = claims.wasUnseen(emission, last.from, poll.to);
				counts[`emitted again: ${wasUnseen ? 'deleted and uploaded again' : 'no reason'}`]++;
			} else if (lineage(last).some(({ stateWas }) => stateWas === 'lost'))
				counts['emitted again: the state was lost']++;
			else counts['emitted again: by a poll at the same time']++;
		}
	}
	return counts;
}
