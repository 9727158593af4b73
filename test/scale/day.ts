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

/**
 * One period of the timetable: all channels begin within the first half, so that all are live for some time. With fifty
 * channels, Agora sends as many notifications as one main n8n can receive.
 */
const PERIOD_MS = 120_000;
const BEGIN_WITHIN_MS = 60_000;
const LESSON_MS = 75_000;

/**
 * Holds lessons in all channels, one every two minutes in each. Users join and leave as planned, whether or not the channel is
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
		for (let at = 0; at < minutes * 60_000; at += PERIOD_MS) {
			await wait(began + at + (channel / channels) * BEGIN_WITHIN_MS - Date.now());
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
	}, PERIOD_MS / 4);
	try {
		await Promise.all(Array.from({ length: channels }, async (_, channel) => teach(channel)));
	} finally {
		clearInterval(clock);
	}
	return lessons;
}
