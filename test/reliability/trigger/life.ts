import { CHECKED_WITHIN, Claims, isTakenBack, QUIET_AFTER } from './claims.ts';
import { lineage, Poller, type Poll } from './polls.ts';
import type { PollStep, Schedule, Step } from './schedule.ts';
import { describeRecording, describeTrigger, Story } from './story.ts';
import type { Subject } from './subject.ts';
import { MINUTE, plannedRecordings } from './writes.ts';
import { World } from './world.ts';

/** What came of living through one schedule. */
export interface Outcome {
	/** All that came out of the trigger. */
	polls: Poll[];
	/** What did not hold, at most what one poll shows; empty when all held. */
	broken: string[];
	/** What happened, a sentence a line. */
	story: string[];
	figures: Figures;
}

export interface Figures {
	schedules: number;
	recordings: number;
	polls: number;
	refused: number;
	cut: number;
	overlapped: number;
	lost: number;
	requests: number;
	emitted: number;
	/** As interrupted. */
	interrupted: number;
	/** As completed, after they were emitted as interrupted. */
	afterSilence: number;
	/** As completed, and silent when the workflow was activated. */
	silentAtFirst: number;
	/** Emitted again after a state was lost. */
	againAfterLoss: number;
	/** Emitted by both of two polls that ran at the same time. */
	againByOverlap: number;
	/** Deleted, uploaded again, and emitted again. */
	againAfterReturn: number;
	/** Emitted again because n8n was started right after it. */
	againAfterStart: number;
	/** Emitted again for none of these reasons. */
	doubled: number;
	/** Not emitted when all was over. */
	skipped: number;
	/** Letters of the largest state. */
	largestState: number;
}

/** A poll in which nothing happens. */
const CALM: PollStep = {
	does: 'poll',
	gap: 0,
	repeats: 0,
	refused: null,
	cut: null,
	overlap: null,
};

/** After the last change the trigger is polled until it emits nothing, so often at most. */
const MOST_QUIET_POLLS = 20;

/**
 * Lives through a schedule, and stops at the first thing that does not hold.
 *
 * @param tells whether to write down the story
 */
export async function live(schedule: Schedule, subject: Subject, tells: boolean): Promise<Outcome> {
	const recordings = plannedRecordings(schedule);
	const story = new Story(tells);
	const world = new World(schedule, recordings, (write) => story.tellWrite(write, recordings));
	story.head([...describeTrigger(schedule), ...recordings.map(describeRecording)]);
	const claims = new Claims(schedule, recordings);
	const poller = new Poller(world, schedule, subject);
	const broken: string[] = [];
	const realClock = Date.now;
	Date.now = () => world.machineNow;
	try {
		const steps = schedule.steps.map((step) => withCut(step, schedule.crowd.cut));
		for (const step of [{ ...CALM, cut: schedule.firstCut }, ...steps]) {
			await take(step);
			if (broken.length > 0) break;
		}
		const tail = (world.end - world.now) / (schedule.tail + 1);
		for (let i = 0; i < schedule.tail && broken.length === 0; i++) {
			world.moveTo(world.now + tail);
			await take(CALM);
		}
		world.moveTo(world.end + QUIET_AFTER);
		await pollUntilQuiet();
		// By then every silent recording is looked at once more.
		world.moveTo(world.now + CHECKED_WITHIN);
		await pollUntilQuiet();
	} finally {
		Date.now = realClock;
	}
	return {
		polls: poller.polls,
		broken,
		story: story.lines,
		figures: figuresOf(poller.polls, recordings.length, claims),
	};

	async function pollUntilQuiet(): Promise<void> {
		for (let quiet = 1; broken.length === 0; quiet++) {
			await take(CALM);
			const { emitted, stored, isCut } = poller.current!;
			const { state } = JSON.parse(stored) as { state: { starts: string } };
			if (emitted!.length === 0 && !isCut && state.starts !== '')
				broken.push('the trigger rests although it knows that something is left');
			if (emitted!.length === 0 && !isCut) break;
			if (quiet === MOST_QUIET_POLLS) broken.push('the trigger goes on although nothing happens');
			world.moveTo(world.now + 10 * MINUTE);
		}
	}

	async function take(step: Step): Promise<void> {
		// n8n polls as soon as it is started.
		world.moveTo(world.now + (poller.isAfterStart ? 0 : step.gap) * MINUTE);
		if (step.does === 'jump') {
			world.machineAhead = step.ahead * MINUTE;
			story.tell(world.now, `the machine's clock jumps to ${step.ahead} minutes ahead`);
		} else if (step.does === 'start') {
			poller.restart(step.polls);
			const last = poller.current?.number;
			story.tell(world.now, `n8n is started, with the state that poll ${last} left`);
		} else {
			await takePolls(step);
			for (let i = 0; i < step.repeats && broken.length === 0; i++) {
				world.moveTo(world.now + MINUTE);
				await takePolls(step);
			}
		}
	}

	async function takePolls(step: PollStep): Promise<void> {
		for (const poll of await poller.poll(step)) {
			story.tellPoll(poll, claims);
			broken.push(...claims.broken(poll));
		}
	}
}

/** So many polls in a row read each recording of a crowd. */
const CROWD_REPEATS = 12;

function withCut(step: Step, cut: number | null): Step {
	if (step.does !== 'poll' || cut === null) return step;
	return { ...step, cut: step.cut ?? cut, repeats: Math.max(step.repeats, CROWD_REPEATS) };
}

function figuresOf(polls: Poll[], recordings: number, claims: Claims): Figures {
	const figures: Figures = {
		schedules: 1,
		recordings,
		polls: polls.length,
		refused: polls.filter(({ wasRefused }) => wasRefused).length,
		cut: polls.filter(({ isCut }) => isCut).length,
		overlapped: polls.filter(({ fate }) => fate === 'overlapped').length,
		lost: polls.filter(({ fate }) => fate === 'lost').length,
		requests: polls.reduce((sum, { requests }) => sum + requests, 0),
		emitted: 0,
		interrupted: 0,
		afterSilence: 0,
		silentAtFirst: 0,
		againAfterLoss: 0,
		againByOverlap: 0,
		againAfterReturn: 0,
		againAfterStart: 0,
		doubled: 0,
		skipped: claims.leftOut(polls.at(-1)!),
		largestState: Math.max(...polls.map(({ stored }) => stored.length)),
	};
	const givenBy = new Map<string, Array<{ poll: Poll; status: string }>>();
	for (const poll of polls) {
		for (const given of poll.emitted ?? []) {
			const { sid, status } = given;
			figures.emitted++;
			const all = givenBy.get(sid) ?? [];
			givenBy.set(sid, [...all, { poll, status }]);
			const isCompleted = status === 'completed';
			if (status === 'interrupted') figures.interrupted++;
			if (isCompleted && all.some((each) => each.status === 'interrupted')) figures.afterSilence++;
			else if (isCompleted && claims.wasSilent(given, polls[0]!)) figures.silentAtFirst++;
			const isAgain = (each: { status: string }) => each.status === status || !isCompleted;
			const last = all.findLast(isAgain)?.poll;
			if (last === undefined) continue;
			if (isTakenBack(last, poll)) figures.againAfterStart++;
			else if (lineage(poll).includes(last) && !claims.wasUnseen(given, last.from, poll.to))
				figures.doubled++;
			else if (lineage(poll).includes(last)) figures.againAfterReturn++;
			else if (lineage(last).some(({ fate }) => fate === 'lost')) figures.againAfterLoss++;
			else figures.againByOverlap++;
		}
	}
	return figures;
}
