import { setTimeout as wait } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { LAYOUTS } from './school.ts';

/** A lesson that took place. */
export interface Lesson {
	cname: string;
	/** When its first user joined and its last user left, Unix milliseconds. */
	start: number;
	end: number;
}

/** One period of the timetable: all channels begin within the first part, so that all are live for some time. */
const PERIOD_MS = 60_000;
const BEGIN_WITHIN_MS = 20_000;
const LESSON_MS = 30_000;

/**
 * Holds lessons in all channels, one a minute in each. Users join and leave as planned, whether or not the channel is
 * recorded.
 *
 * @returns the lessons, once the last one is over
 */
export async function holdLessons(
	{ control }: Sandbox,
	channels: number,
	minutes: number,
	log: (line: string) => void,
): Promise<Lesson[]> {
	const began = Date.now();
	const lessons: Lesson[] = [];
	const teach = async (channel: number) => {
		const { prefix } = LAYOUTS[channel % LAYOUTS.length]!;
		const cname = `${prefix}${String(channel).padStart(3, '0')}`;
		for (let period = 0; period < minutes; period++) {
			// Another order in each period.
			const place = ((channel * 7 + period * 11) % channels) / channels;
			await wait(began + period * PERIOD_MS + place * BEGIN_WITHIN_MS - Date.now());
			const start = Date.now();
			control.setChannel(cname, { uids: ['1001', '1002'], seconds: null });
			await wait(LESSON_MS);
			lessons.push({ cname, start, end: Date.now() });
			control.setChannel(cname, { uids: [], seconds: null });
		}
	};
	const clock = setInterval(() => {
		const running = control.sessions().filter(({ live }) => live).length;
		log(`${lessons.length} lessons are over, ${running} recordings are running`);
	}, PERIOD_MS / 2);
	try {
		await Promise.all(Array.from({ length: channels }, async (_, channel) => teach(channel)));
	} finally {
		clearInterval(clock);
	}
	return lessons;
}
