import type { Claims } from './claims.ts';
import type { Poll } from './polls.ts';
import type { Schedule } from './schedule.ts';
import type { PlannedRecording, Write } from './writes.ts';

/** What happens in a schedule, as sentences with their times. */
export class Story {
	readonly lines: string[] = [];
	readonly #tells: boolean;

	/** @param tells false for one that nobody reads */
	constructor(tells: boolean) {
		this.#tells = tells;
	}

	/** Puts down first what it is about. */
	head(lines: string[]): void {
		if (this.#tells) this.lines.unshift(...lines);
	}

	tell(time: number, sentence: string): void {
		if (!this.#tells) return;
		const clock = new Date(time).toISOString().slice(5, 19).replace('T', ' ');
		this.lines.push(`${clock}  ${sentence}`);
	}

	tellWrite(write: Write, recordings: PlannedRecording[]): void {
		if (!this.#tells) return;
		const owner = recordings.find(({ writes }) => writes.includes(write));
		if (owner === undefined) return;
		const name = write.key.slice(owner.folder.length).replace(owner.sid, '<sid>');
		const what = write.is === 'playlist' && write.ended ? 'finished playlist' : write.is;
		const happens = write.body === null ? 'is deleted' : 'is written';
		this.tell(write.at, `recording ${owner.number}: ${what} ${name} ${happens}`);
	}

	tellPoll(poll: Poll, claims: Claims): void {
		if (!this.#tells) return;
		const { number, parent, from, emitted, requests, isCut, error } = poll;
		const begins =
			parent === null ? 'which is the first' : `from the state of poll ${parent.number}`;
		const numbers = emitted?.map((each) => claims.recordingOf(each)?.number ?? '?').join(', ');
		const gives = numbers === '' ? 'nothing' : `recording ${numbers}`;
		const result = emitted === null ? `throws: ${error?.message}` : `emits ${gives}`;
		const time = isCut ? ', out of time' : '';
		this.tell(from, `poll ${number} begins, ${begins}`);
		this.tell(poll.to, `poll ${number} ${result} (${requests} requests${time})`);
	}
}

/** What is watched, and where. */
export function describeTrigger({ trigger, bucket, requestMs }: Schedule): string[] {
	const { event, cname, includeExisting, includeSegments, mp4 } = trigger;
	const existing = includeExisting ? ', existing recordings too' : '';
	const segments = includeSegments ? ', slices listed' : '';
	const clock = bucket.ahead === 0 ? '' : `, its clock ${bucket.ahead} minutes ahead`;
	const others = bucket.foreign ? ', with foreign files' : '';
	return [
		`Watched: ${event} of ${cname ?? 'all channels'}${existing}${segments}, MP4 files: ${mp4}.`,
		`Bucket: ${bucket.kind}, ${bucket.pageSize} entries a page, prefix '${bucket.prefix}'${clock}${others}; a request takes ${requestMs} ms.`,
	];
}

/** What a recording is. */
export function describeRecording({ number, plan, folder, sid }: PlannedRecording): string {
	const record = plan.record ? 'with' : 'without';
	return `Recording ${number}: ${plan.kind}, channel ${plan.channel}, ${record} session record, at ${folder}${sid}_….`;
}
