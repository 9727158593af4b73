import type { SessionEntry } from '../../sandbox/control.ts';
import type { Lesson } from './day.ts';

/** What happened on a day. */
export interface Day {
	lessons: Lesson[];
	/** All recordings at Agora. */
	sessions: Array<Pick<SessionEntry, 'sid' | 'cname' | 'startedAt' | 'endReason'>>;
	/** The sids that each of the triggers emitted, in any order. */
	emitted: string[];
	uploaded: string[];
	/** The channels of the created and destroyed events that started the workflow. */
	created: string[];
	destroyed: string[];
	/** The sids of the copied MP4 files. */
	copies: string[];
	/** The status of each execution. */
	statuses: string[];
}

/** @returns one sentence for each claim that does not hold */
export function violations(day: Day): string[] {
	const { lessons, sessions } = day;
	const sids = sessions.map(({ sid }) => sid);
	const channels = lessons.map(({ cname }) => cname);
	const during = lessons.map(
		({ cname, start, end }) =>
			sessions.filter((each) => {
				const at = Date.parse(each.startedAt);
				return each.cname === cname && start <= at && at <= end;
			}).length,
	);
	const failed = day.statuses.filter((status) => status !== 'success').length;
	const notStopped = sessions.filter(({ endReason }) => endReason !== 'stopped').length;
	return [
		...sentence(during.filter((count) => count === 0).length, 'lessons were not recorded'),
		...sentence(during.filter((count) => count > 1).length, 'lessons were recorded twice'),
		...sentence(Math.max(0, sessions.length - lessons.length), 'recordings are of no lesson'),
		...sentence(notStopped, 'recordings were not stopped by the workflow'),
		...compare('recordings were emitted by the Agora Trigger', day.emitted, sids),
		...compare('recordings started the workflow by Files Uploaded', day.uploaded, sids),
		...compare('lessons started the workflow by Channel Created', day.created, channels),
		...compare('lessons started the workflow by Channel Destroyed', day.destroyed, channels),
		...compare('recordings were copied', day.copies, sids),
		...sentence(failed, 'executions did not succeed'),
	];
}

const sentence = (count: number, what: string) => (count > 0 ? [`${count} ${what}`] : []);

/** Compares two lists in which an element may be several times. */
function compare(what: string, found: string[], expected: string[]): string[] {
	const [counts, wanted] = [found, expected].map((list) => Map.groupBy(list, (each) => each));
	let [missing, more, unknown] = [0, 0, 0];
	for (const [each, { length }] of wanted!)
		missing += Math.max(0, length - (counts!.get(each)?.length ?? 0));
	for (const [each, { length }] of counts!) {
		if (!wanted!.has(each)) unknown += length;
		else more += Math.max(0, length - wanted!.get(each)!.length);
	}
	return [
		...sentence(missing, `of ${expected.length} ${what} never`),
		...sentence(more, `more ${what} than there were`),
		...sentence(unknown, `others ${what}`),
	];
}

/** What could go wrong, each of which `violations` must find. */
const MISTAKES: Record<string, (day: Day) => Partial<Day>> = {
	'a lesson without recording': ({ sessions }) => ({ sessions: sessions.slice(1) }),
	'a lesson recorded twice': ({ sessions }) => ({ sessions: [...sessions, sessions[0]!] }),
	'a recording that ended by itself': ({ sessions }) => ({
		sessions: sessions.with(0, { ...sessions[0]!, endReason: 'idle' }),
	}),
	'a recording that was not emitted': ({ emitted }) => ({ emitted: emitted.slice(1) }),
	'a recording emitted twice': ({ emitted }) => ({ emitted: [...emitted, emitted[0]!] }),
	'an archived recording emitted': ({ emitted }) => ({ emitted: [...emitted, 'archived'] }),
	'a lost Files Uploaded': ({ uploaded }) => ({ uploaded: uploaded.slice(1) }),
	'a repeated Files Uploaded': ({ uploaded }) => ({ uploaded: [...uploaded, uploaded[0]!] }),
	'a lost Channel Created': ({ created }) => ({ created: created.slice(1) }),
	'a repeated Channel Destroyed': ({ destroyed }) => ({ destroyed: [...destroyed, destroyed[0]!] }),
	'a recording that was not copied': ({ copies }) => ({ copies: copies.slice(1) }),
	'a failed execution': ({ statuses }) => ({ statuses: statuses.with(0, 'error') }),
};

/** @returns the mistakes that `violations` does not notice when they are made in this day */
export function unnoticedMistakes(day: Day): string[] {
	const before = violations(day).join();
	return Object.entries(MISTAKES)
		.filter(([, make]) => violations({ ...day, ...make(day) }).join() === before)
		.map(([name]) => name);
}
