import { hasTime, Knowledge, momentsOf } from './knowledge.ts';
import { lastEmission, lineage, type Poll } from './poller.ts';
import type { Scenario } from './scenario.ts';
import type { Emission } from './triggersUnderTest.ts';
import { Truth, type Moment } from './truth.ts';
import { MINUTE, type PlannedRecording } from './uploads.ts';
import { Visibility } from './visibility.ts';

/** How much earlier a recording must have begun to come first: names and files are stamped by different clocks. */
const CLEARLY_EARLIER = MINUTE;

/** How often the others are read in turn before one is; twice, because one whose state changes moves in the queue. */
const MAX_ROUNDS = 2;

/** Bytes of a state without what grows with the number of recordings. */
const MAX_FIXED_BYTES = 285;

/** Compares what polls emitted with the truth. */
export class Claims {
	readonly #scenario: Scenario;
	readonly #truths: Map<string, Truth>;
	readonly #visibility: Visibility;
	readonly #knowledge: Knowledge;
	readonly #leftOut = new Map<Poll, Truth[]>();

	constructor(scenario: Scenario, recordings: PlannedRecording[]) {
		this.#scenario = scenario;
		const truthOf = (each: PlannedRecording) => new Truth(each, scenario.trigger.mp4);
		this.#truths = new Map(recordings.map((each) => [each.sid, truthOf(each)]));
		this.#visibility = new Visibility(scenario, [...this.#truths.values()]);
		this.#knowledge = new Knowledge(scenario, this.#visibility);
	}

	/** @returns whether a recording may have been deleted, or skipped with folders of days, for a moment */
	wasUnseen({ sid }: Emission, from: number, to: number): boolean {
		const truth = this.#truths.get(sid);
		if (truth === undefined) return false;
		return truth.wasAbsent(from, to) || this.#visibility.mayBeSkipped(truth, from, to);
	}

	/** @returns how many recordings a poll left out that one with enough time must emit */
	countLeftOut(poll: Poll): number {
		return poll.emitted === null ? 0 : this.#leftOutBy(poll).length;
	}

	/** @returns one sentence for each rule that a poll broke */
	violations(poll: Poll): string[] {
		const sentence = (predicate: string) => `poll ${poll.number} ${predicate}`;
		if (poll.violations.length > 0) return poll.violations.map(sentence);
		if (poll.error !== null) {
			const isExpected = poll.wasRejected || wasTooShort(poll);
			return isExpected ? [] : [sentence(`threw: ${poll.error.stack}`)];
		}
		if (poll.wasRejected) return [sentence('continued although the bucket rejected a request')];
		return [
			...poll.emitted!.flatMap((each) => this.#checkEmission(each, poll)),
			...this.#checkOrder(poll),
			...this.#checkMissing(poll),
			...this.#checkSize(poll),
		].map(sentence);
	}

	#checkEmission(emission: Emission, poll: Poll): string[] {
		const truth = this.#truths.get(emission.sid);
		if (truth === undefined) return [`emitted ${emission.sid}, which does not exist`];
		const problem = this.#problemWith(emission, truth, poll);
		return problem === null ? [] : [`emitted recording ${truth.recording.number}, ${problem}`];
	}

	#problemWith(emission: Emission, truth: Truth, poll: Poll): string | null {
		if (poll.emitted!.filter(({ sid }) => sid === emission.sid).length > 1) return 'twice';
		const root = lineage(poll).at(-1)!;
		const moments = truth.moments(poll.from, poll.to);
		if (!moments.some(({ view }) => this.#visibility.isOfChannel(truth, view)))
			return 'which is of another channel';
		const wasUnseen = (since: number) => this.wasUnseen(emission, since, poll.to);
		const earlier = lineage(poll.parent).find((each) => {
			const status = emissionOf(each, truth)?.status;
			return status !== undefined && !mayFollow(emission.status, status);
		});
		if (earlier !== undefined && !wasUnseen(earlier.from) && !isEmittedAgain(earlier, poll))
			return `which poll ${earlier.number} emitted, and its state contains`;
		const { event, includeExisting } = this.#scenario.trigger;
		if (event === 'recordingStarted') {
			const isPresent = ({ view }: Moment) => view.recorded.length > 0;
			if (!moments.some(isPresent)) return 'of which no file exists';
			const wasPresent = isPresent(truth.at(root.from)) && !wasUnseen(root.from);
			return !includeExisting && wasPresent ? 'which existed at the activation' : null;
		}
		const ended = momentsOf(truth, poll).filter((each) => truth.endingOf(each) === emission.status);
		if (ended.length === 0) return `which is not ${emission.status}`;
		if (!includeExisting) {
			if (ended.every(({ view }) => view.lastChange! < root.from))
				return 'which ended before the activation';
			const then = truth.at(root.from);
			const wasKnown =
				!root.isCut &&
				truth.isUnchanged(root.from, root.to) &&
				truth.endingOf(then) === 'completed' &&
				!truth.mayWaitForMp4(then) &&
				!wasUnseen(root.from);
			if (wasKnown) return 'which had ended at the activation';
		}
		const known = this.#knowledge.before(poll, truth);
		if (known.every((each) => each === 'done')) return 'which must not be read again';
		if (emission.status === 'interrupted' && !known.includes('open'))
			return 'which it knew to be interrupted';
		if (this.#visibility.mustWaitForMp4(truth, poll))
			return 'without the MP4 that all others of its folder have';
		const isWhole = ended.some(({ view }) => emission.files === view.recorded.length);
		return isWhole ? null : `with ${emission.files} files, which is not what the bucket contained`;
	}

	#checkOrder({ emitted, from, to }: Poll): string[] {
		const starts = emitted!
			.map((each) => this.#truths.get(each.sid)!)
			.filter((truth) => truth?.isUnchanged(from, to))
			.map((truth) => truth.startOf(truth.at(to).view))
			.filter((start) => start !== null);
		const isOldestFirst = starts.every((start, i) => i === 0 || starts[i - 1]! <= start);
		return isOldestFirst ? [] : ['did not emit the oldest first'];
	}

	/** With enough time a poll emits all that is due, else what is due before something that it emitted. */
	#checkMissing(poll: Poll): string[] {
		const leftOut = this.#leftOutBy(poll);
		if (hasTime(poll))
			return leftOut.map(({ recording }) => `left out recording ${recording.number}`);
		const starved = leftOut
			.filter((truth) => this.#isStarved(truth, poll))
			.map(({ recording }) => `never reached recording ${recording.number}`);
		// Without a start in its name, a recording's start is by the bucket's clock. After a poll that ran out of time,
		// those that it did not reach come first.
		const isOrdered = this.#scenario.bucket.ahead === 0;
		if (!isOrdered || (poll.parent !== null && !hasTime(poll.parent))) return starved;
		const emitted = [...this.#truths.values()].filter((truth) => emissionOf(poll, truth));
		const startOf = (truth: Truth) => truth.startOf(truth.at(poll.to).view);
		const overtaken = leftOut.flatMap((older) => {
			if (this.#knowledge.before(poll, older).some((each) => each !== 'open')) return [];
			const start = startOf(older);
			const younger = emitted.find((truth) => {
				const later = startOf(truth);
				return start !== null && later !== null && start + CLEARLY_EARLIER < later;
			});
			if (younger === undefined) return [];
			const [first, second] = [younger, older].map(({ recording }) => recording.number);
			return [`emitted recording ${first} before recording ${second}, which began earlier`];
		});
		return [...starved, ...overtaken];
	}

	/**
	 * Whether a recording was due while so many others were read that its turn must have come: each poll continues after
	 * those that the one before it read.
	 */
	#isStarved(truth: Truth, poll: Poll): boolean {
		const polls = lineage(poll);
		const end = polls.findIndex((each) => !this.#leftOutBy(each).includes(truth));
		const truths = [...this.#truths];
		const read = polls
			.slice(0, end < 0 ? undefined : end)
			.flatMap(({ readKeys }) =>
				truths.filter(([sid]) => readKeys.some((key) => key.includes(sid))),
			);
		const present = truths.filter(([, each]) => each.at(poll.from).view.keys > 0);
		return read.length > MAX_ROUNDS * present.length;
	}

	#leftOutBy(poll: Poll): Truth[] {
		let leftOut = this.#leftOut.get(poll);
		if (leftOut === undefined) {
			const isLeftOut = (truth: Truth) => !emissionOf(poll, truth) && this.#isDue(truth, poll);
			leftOut = [...this.#truths.values()].filter(isLeftOut);
			this.#leftOut.set(poll, leftOut);
		}
		return leftOut;
	}

	/** Whether a poll must emit a recording, whatever the polls before it have seen. */
	#isDue(truth: Truth, poll: Poll): boolean {
		const { event, includeExisting } = this.#scenario.trigger;
		const isStarted = event === 'recordingStarted';
		const root = lineage(poll).at(-1)!;
		const now = truth.at(poll.from);
		if (!truth.isUnchanged(poll.from, poll.to)) return false;
		if (!this.#visibility.isOfChannel(truth, now.view)) return false;
		const ending = truth.endingOf(now);
		if (isStarted ? now.view.recorded.length === 0 : ending === null) return false;
		if (!isStarted && truth.mayWaitForMp4(now)) return false;
		if (!includeExisting && poll === root) return false;
		// What changed last before the activation had ended by then, even if that was not visible yet.
		if (!isStarted && !includeExisting && now.view.lastChange! <= root.to) return false;
		if (isStarted && !includeExisting && now.view.firstChange! <= root.to) return false;
		if (this.#visibility.isOutsideDays(truth, poll, root)) return false;
		if (this.#visibility.mayBeSkipped(truth, poll.from, poll.to)) return false;
		return this.#knowledge.before(poll, truth).every((known) => {
			if (typeof known === 'string') return known === 'open';
			return ending === 'completed' && this.#knowledge.mustCheck(known, poll);
		});
	}

	/**
	 * A state contains eight bytes for each session that is present and each that was emitted last, fourteen for one that
	 * waits or is interrupted, eight more while it is due for a check, the ids of the one that was read last and of those
	 * emitted last from days about to be skipped, and little more.
	 */
	#checkSize(poll: Poll): string[] {
		const { stored, from, to } = poll;
		const { state } = JSON.parse(stored) as { state: Record<string, unknown> };
		const {
			seen,
			starts,
			interrupted,
			unchecked,
			open,
			emitted: packed,
			emittedIds,
			lastRead,
		} = state as Record<
			'seen' | 'starts' | 'interrupted' | 'unchecked' | 'emitted' | 'lastRead',
			string
		> &
			Record<'open' | 'emittedIds', string[]>;
		const isOfRecording = (id: string) => this.#truths.has(id.slice(id.lastIndexOf('/') + 1));
		const bytesOf = (text: string) => Buffer.from(text, 'base64').length;
		const present = [...this.#truths.values()].filter((truth) =>
			truth.moments(from, to).some(({ view }) => view.keys > 0),
		);
		const inDays = present.filter(({ recording: { day } }) => day !== null);
		const growing = {
			seen: '',
			starts: '',
			interrupted: '',
			unchecked: '',
			emitted: '',
			lastRead: '',
			open: [],
			emittedIds: [],
		};
		const fixed = JSON.stringify({ ...state, ...growing }).length;
		const emitted = lastEmission(poll)?.emitted ?? [];
		const fits =
			bytesOf(seen) / 8 + (bytesOf(starts) + bytesOf(interrupted)) / 14 <= present.length &&
			open.length <= inDays.length &&
			open.every(isOfRecording) &&
			(lastRead === '' || isOfRecording(lastRead)) &&
			bytesOf(unchecked) / 8 <= present.length &&
			bytesOf(packed) / 8 <= emitted.length &&
			emittedIds.length <= emitted.length &&
			emittedIds.every(isOfRecording) &&
			fixed < MAX_FIXED_BYTES;
		return fits ? [] : [`stored too much for ${present.length} sessions: ${stored}`];
	}
}

function emissionOf({ emitted }: Poll, { recording }: Truth): Emission | undefined {
	return (emitted ?? []).find((each) => each.sid === recording.sid);
}

/** Whether n8n was restarted right after a poll, so that what it emitted may be emitted again. */
export function isEmittedAgain(earlier: Poll, poll: Poll): boolean {
	return lineage(poll).some(({ emitsAgain }) => emitsAgain === earlier);
}

/** Whether a recording may be emitted with one status after it was emitted with the other. */
function mayFollow(status: string, earlier: string): boolean {
	return status === 'completed' && earlier === 'interrupted';
}

/** Whether a poll's time was up before it knew which sessions there are. */
function wasTooShort({ isCut, error }: Poll): boolean {
	return isCut && /took longer than n8n allows$/.test(error?.message ?? '');
}
