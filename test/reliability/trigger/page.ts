import type { Figures } from './life.ts';

/** Figures of many schedules as those of one. */
export function sumOf(all: Figures[]): Figures {
	const [first, ...others] = all;
	return others.reduce((sum, figures) => {
		const names = Object.keys(sum) as Array<keyof Figures>;
		const added = names.map((name) => [name, sum[name] + figures[name]]);
		const most = Math.max(sum.largestState, figures.largestState);
		return { ...(Object.fromEntries(added) as unknown as Figures), largestState: most };
	}, first!);
}

const whole = (count: number) => count.toLocaleString('en-US');

const ROWS: Array<[label: string, name: keyof Figures]> = [
	['Schedules', 'schedules'],
	['Recordings', 'recordings'],
	['Polls', 'polls'],
	['– refused by the bucket in the middle', 'refused'],
	['– cut short by their time', 'cut'],
	['– whose state another poll wrote over', 'overlapped'],
	['– whose state was lost', 'lost'],
	['Requests', 'requests'],
	['Emitted', 'emitted'],
	['– as interrupted', 'interrupted'],
	['– as completed after that', 'afterSilence'],
	['– as completed, and silent at the activation', 'silentAtFirst'],
	['– again, after the state that knew it was lost', 'againAfterLoss'],
	['– again, by a poll that ran at the same time', 'againByOverlap'],
	['– again, after all of it was deleted and uploaded again', 'againAfterReturn'],
	['– again, because n8n was started right after it', 'againAfterStart'],
	['– again, without such a cause', 'doubled'],
	['Left out', 'skipped'],
	['Largest state, bytes', 'largestState'],
];

/**
 * @param bare `pollBucket` by itself
 * @param node `pollRecordings`, down to the wire
 * @param backlog the same, with many recordings at once
 * @returns what the page says
 */
export function pageOf(bare: Figures, node: Figures, backlog: Figures, seed: number): string[] {
	return [
		`Random schedules (fast-check, \`TRIGGER_SEED=${seed}\`) of recordings and polls, lived through in memory with clocks that run only as fast as the requests, and compared with a simple model that knows what is in the bucket at every moment. Recordings of every kind begin, fail over to another recorder, arrive hours or days late, are uploaded again, deleted and put back, or cannot be read for a while; polls follow each other, overlap in one process or two, are refused, run out of time, lose their state or their execution, on clocks that differ and jump, against five kinds of storage. The third column is one backlog of ${whole(backlog.recordings)} recordings.`,
		'',
		'What must hold: a poll with time enough emits all that has ended, the oldest first, and one without overtakes nothing; nothing comes that has not ended, ended before the activation, is of another channel, or was emitted by a poll whose state is remembered; what a poll emitted just before n8n was started comes again; each item counts just the files that were in the bucket; a poll that throws changes nothing, any other assigns its state once, after its last request; a state holds eight bytes for each session present and for each that was emitted last, the names of those last emitted from days that are no longer scanned, and little more.',
		'',
		'| | pollBucket | pollRecordings, to the wire | Backlog |',
		'| --- | --: | --: | --: |',
		...ROWS.map(
			([label, name]) =>
				`| ${label} | ${[bare, node, backlog].map((figures) => whole(figures[name])).join(' | ')} |`,
		),
		'',
		'What is meant to be so, and counted as right:',
		'',
		...LIMITS.map((limit) => `- ${limit}`),
	];
}

/** What the trigger does not promise, in the README or by its rules; the model allows just this. */
const LIMITS = [
	'What changed last before the activation is known, also where it could only later be told that it had ended; so is what the first poll finds ended. What changes after the activation, of a recording that had ended before, may be emitted if the first poll ran out of time, and is not otherwise.',
	'A recording that was emitted as completed is not emitted again, whatever comes later: an MP4 that no session record announced, files uploaded again. One that was emitted as interrupted is emitted once more when it completes, unless it was silent for thirty days.',
	'After all its files were deleted and a poll has seen that, a recording that is put back is a new one.',
	'In folders by day, what appears more than three days after the day’s end, and at the activation what is more than thirty days back by the machine’s clock, is not scanned.',
	'A session record, or a file of another tool, beside which no file of Agora’s arrives is watched for three days.',
	'A recording that is deleted while a poll reads it, and put back before the next one, is not emitted.',
	'Whose channel it is, the session record says, and the file names where there is none at the first look.',
	'What has rested for an hour is listed once, all else before and after its playlists are read: a file that comes back after an hour in the very seconds of that poll may be missing in the item.',
	'Where n8n is started within ten minutes after a poll, what that poll emitted comes once more: its execution may be lost.',
	'In a folder with folders of days, a recording beside them whose sid begins like a date, such as `2026`, may be leapt over until another recording lies beside it.',
	'Naming the sessions must fit into a poll’s time; where that alone takes longer, as in a folder of some hundred thousand files on storage that folds nothing, the poll fails and nothing is emitted.',
	'n8n keeps the state of the first poll with the activation; an activation that is lost has not been.',
];
