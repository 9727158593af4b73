import { Claims, QUIET_AFTER } from './claims.ts';
import { lineage, Poller, type Poll, type Subject } from './polls.ts';
import type { Schedule, Step } from './schedule.ts';
import { describeRecording, describeTrigger, Story } from './story.ts';
import { MINUTE, plannedRecordings } from './writes.ts';
import { World } from './world.ts';

/** What came of living through one schedule. */
export interface Outcome {
	/** What did not hold, at most what one poll shows; empty when all held. */
	broken: string[];
	/** What happened, a sentence a line. */
	story: string[];
	figures: Figures;
}

export interface Figures {
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
	/** Letters of the largest state. */
	largestState: number;
}

/** Quiet polls at the end: the first must give out all that is left. */
const QUIET_POLLS = 3;

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
		for (let quiet = 0; quiet < QUIET_POLLS && broken.length === 0; quiet++) {
			world.moveTo(quiet === 0 ? world.end + QUIET_AFTER : world.now + 10 * MINUTE);
			await take(calm);
			const { news, stored } = poller.current!;
			if (quiet > 0 && news!.length > 0) broken.push('it goes on giving out when nothing happens');
			const { state } = JSON.parse(stored) as { state: { starts: string } };
			if (state.starts !== '') broken.push('it leaves something to do when nothing happens');
		}
	} finally {
		Date.now = realClock;
	}
	return { broken, story: story.lines, figures: figuresOf(poller.polls, recordings.length) };

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

function figuresOf(polls: Poll[], recordings: number): Figures {
	const figures: Figures = {
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
		largestState: Math.max(...polls.map(({ stored }) => stored.length)),
	};
	const givenBy = new Map<string, Poll[]>();
	for (const poll of polls) {
		for (const { session } of poll.news ?? []) {
			figures.emitted++;
			const id = `${session.folder}${session.sid}`;
			const earlier = givenBy.get(id) ?? [];
			givenBy.set(id, [...earlier, poll]);
			const last = earlier.at(-1);
			if (last === undefined) continue;
			if (lineage(poll).includes(last)) figures.againAfterReturn++;
			else if (lineage(last).some(({ fate }) => fate === 'lost')) figures.againAfterLoss++;
			else figures.againByOverlap++;
		}
	}
	return figures;
}
