import { Claims, isTakenBack, QUIET_AFTER } from './claims.ts';
import { lineage, Poller, type Poll } from './polls.ts';
import type { Schedule, Step } from './schedule.ts';
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
	/** Given out again after a state was lost. */
	againAfterLoss: number;
	/** Given out by both of two polls that ran at the same time. */
	againByOverlap: number;
	/** Deleted, put there anew, and given out again. */
	againAfterReturn: number;
	/** Given out again because n8n was started right after it. */
	againAfterStart: number;
	/** Given out again for none of these reasons. */
	doubled: number;
	/** Not given out when all was over. */
	skipped: number;
	/** Letters of the largest state. */
	largestState: number;
}

/** After the last change the trigger is polled until it gives out nothing, so often at most. */
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
		const calm = { does: 'poll', gap: 0, refused: null, cut: null, overlap: null } as const;
		for (const step of [calm as Step, ...schedule.steps]) {
			await take(step);
			if (broken.length > 0) break;
		}
		world.moveTo(world.end + QUIET_AFTER);
		for (let quiet = 1; broken.length === 0; quiet++) {
			await take(calm);
			const { news, stored, isCut } = poller.current!;
			const { state } = JSON.parse(stored) as { state: { starts: string } };
			if (news!.length === 0 && !isCut && state.starts !== '')
				broken.push('the trigger rests although it knows that something is left');
			if (news!.length === 0 && !isCut) break;
			if (quiet === MOST_QUIET_POLLS) broken.push('the trigger goes on although nothing happens');
			world.moveTo(world.now + 10 * MINUTE);
		}
	} finally {
		Date.now = realClock;
	}
	return {
		polls: poller.polls,
		broken,
		story: story.lines,
		figures: figuresOf(poller.polls, recordings.length, claims),
	};

	async function take(step: Step): Promise<void> {
		world.moveTo(world.now + step.gap * MINUTE);
		if (step.does === 'jump') {
			world.machineAhead = step.ahead * MINUTE;
			story.tell(world.now, `the machine's clock jumps to ${step.ahead} minutes ahead`);
		} else if (step.does === 'lose') {
			const lost = poller.lose(step.polls);
			const last = poller.current?.number;
			if (lost > 0) story.tell(world.now, `n8n falls back to the state that poll ${last} left`);
		} else {
			for (const poll of await poller.poll(step)) {
				story.tellPoll(poll, claims);
				broken.push(...claims.broken(poll));
			}
		}
	}
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
		againAfterLoss: 0,
		againByOverlap: 0,
		againAfterReturn: 0,
		againAfterStart: 0,
		doubled: 0,
		skipped: claims.leftOut(polls.at(-1)!),
		largestState: Math.max(...polls.map(({ stored }) => stored.length)),
	};
	const givenBy = new Map<string, Poll[]>();
	for (const poll of polls) {
		for (const given of poll.news ?? []) {
			const { sid } = given;
			figures.emitted++;
			const earlier = givenBy.get(sid) ?? [];
			givenBy.set(sid, [...earlier, poll]);
			const last = earlier.at(-1);
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
