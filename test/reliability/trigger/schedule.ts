import fc from 'fast-check';
import type { Mp4Files } from '../../../nodes/Agora/trigger/detectNew.ts';

/** One life of a trigger: what is recorded into its bucket, and how it is polled meanwhile. */
export interface Schedule {
	trigger: {
		event: 'recordingCompleted' | 'recordingStarted';
		/** Null for all channels. */
		cname: string | null;
		includeExisting: boolean;
		includeSegments: boolean;
		mp4: Mp4Files;
	};
	bucket: {
		kind: (typeof BUCKETS)[number];
		pageSize: number;
		prefix: string;
		/** Minutes by which its clock is ahead of the true time. */
		ahead: number;
		/** Whether other files lie in it, too. */
		foreign: boolean;
	};
	/** The hour of the day at which the workflow is activated. */
	hour: number;
	/** How long a request takes: the bucket changes meanwhile. */
	requestMs: number;
	recordings: RecordingPlan[];
	/** Whether one program started them all: they have the kind, the place and the session record of the first. */
	alike: boolean;
	/**
	 * How many copies of the first one follow, each so many minutes after the one before; `lasts`: they run for a day;
	 * `cut`: after so many requests the time of any poll is up, and more polls follow; null for no limit.
	 */
	crowd: { more: number; apart: number; lasts: boolean; cut: number | null };
	/** After so many requests the time of the first poll is up; null for no limit. */
	firstCut: number | null;
	/** What follows the first poll. */
	steps: Step[];
	/** How many polls there are between the last step and the last change, evenly spread. */
	tail: number;
}

/** Times are in minutes. */
export interface RecordingPlan {
	/** After the activation; negative for before. */
	begins: number;
	place: 'flat' | 'day' | 'sub' | 'subDay';
	kind: (typeof KINDS)[number];
	channel: (typeof CHANNELS)[number];
	/** Whether Start noted a session record. */
	record: boolean;
	/** Whether Start entered it into the index. */
	index: boolean;
	/** What its sid begins with. */
	sid: (typeof SIDS)[number];
	slices: number;
	/** From one slice, or screenshot, to the next. */
	pace: number;
	/** False for one whose playlists nobody closes. */
	ends: boolean;
	/** How long after the playlist the MP4 comes. */
	video: number;
	/** How much later the MP4 of the second user comes. */
	videoLag: number;
	/** A new MP4 begins after so many slices, and the one before arrives while the recording runs; null for one MP4. */
	parts: number | null;
	/** Nothing is recorded for so many minutes after so many slices; null for none. */
	silence: { after: number; minutes: number } | null;
	/** Stop notes the end in the session record, so many minutes after the beginning; null where nobody stops it. */
	stop: { at: number; status: (typeof UPLOADING)[number] } | null;
	/** The recorder fails, and another one goes on, with all users or only the first of them; null for none. */
	takeover: { after: number; slices: number; allStay: boolean } | null;
	/** Uploads from this one on come so much later. */
	late: { from: number; by: number };
	/** A file of another tool whose name begins with the sid; `at` counts from the beginning, null for none. */
	lookalike: { at: number; name: (typeof LOOKALIKES)[number] } | null;
	mishaps: Mishap[];
}

export interface Mishap {
	/** Counted from the recording's beginning. */
	at: number;
	what: (typeof MISHAPS)[number];
}

export type Step = PollStep | StartStep | JumpStep;

export interface PollStep {
	does: 'poll';
	/** Minutes since the step before. */
	gap: number;
	/** How often it is repeated, a minute apart. */
	repeats: number;
	/** The request that the bucket refuses; null for none. */
	refused: number | null;
	/** After so many requests its time is up; null for no limit. */
	cut: number | null;
	/**
	 * A second poll from the same state that runs while this one waits for its nth request; null for none.
	 * `sameProcess`: in the same n8n, else in another one.
	 */
	overlap: { at: number; endsLast: boolean; sameProcess: boolean } | null;
}

export interface StartStep {
	does: 'start';
	gap: number;
	/** How many polls are forgotten when n8n is started; 0 where only the execution of the last one is. */
	polls: number;
}

export interface JumpStep {
	does: 'jump';
	gap: number;
	/** Where the machine's clock then is, in minutes ahead of the true time. */
	ahead: number;
}

export const BUCKETS = [
	'S3',
	'folds nothing',
	'ignores start-after',
	'folds nothing, ignores start-after',
	'cannot begin in the middle',
] as const;
export const KINDS = [
	'HLS',
	'HLS and MP4',
	'individual HLS',
	'individual HLS and MP4',
	'screenshots',
	'no playlist',
] as const;
/** `break playlists`: they cannot be read until the recorder writes them again, or somebody brings them back. */
const MISHAPS = [
	'upload again',
	'upload playlists beside',
	'break playlists',
	'delete some',
	'delete all',
	'bring back',
] as const;
/** What Agora answers to a stop as `uploadingStatus`; '' for nothing. */
const UPLOADING = ['', 'uploaded', 'backuped', 'stranded', 'unknown'] as const;
/**
 * Names of what other tools put beside a recording, after the sid. The last two could be Agora's: they come after the
 * first file of the recording.
 */
const LOOKALIKES = ['_notes.txt', '_en.vtt', '_a.json', '_thumb.jpg', '_0_merge_av.mp4'] as const;
/** The second is the first in file names; one is watched where a channel is. */
export const CHANNELS = ['class_7b', 'class.7b', 'staff'] as const;
/** Before, between and after folders of days. */
const SIDS = ['c0ffee', '20261124', '202611', '2026', '00', 'ff'] as const;

const DAY = 24 * 60;

const often = <T>(usual: fc.Arbitrary<T>, weight: number, other: fc.Arbitrary<T>) =>
	fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });
const rarely = <T>(weight: number, arbitrary: fc.Arbitrary<T>) =>
	often<T | null>(fc.constant(null), weight, arbitrary);
const minutes = (from: number, to: number) => fc.integer({ min: from, max: to });

const mishap: fc.Arbitrary<Mishap> = fc.record({
	at: often(minutes(0, 200), 3, minutes(0, 4 * DAY)),
	what: fc.constantFrom(...MISHAPS),
});

/** Agora's recorder waits in a silent channel for thirty days at most. */
const silence = fc.oneof(
	{ weight: 3, arbitrary: minutes(30, 300) },
	{ weight: 2, arbitrary: minutes(60, 3 * DAY) },
	{ weight: 1, arbitrary: minutes(DAY, 31 * DAY) },
);

const anyRecording: fc.Arbitrary<RecordingPlan> = fc.record({
	begins: fc.oneof(
		{ weight: 7, arbitrary: minutes(-100, 240) },
		{ weight: 2, arbitrary: minutes(-4 * DAY, 4 * DAY) },
		{ weight: 1, arbitrary: minutes(-40 * DAY, 0) },
	),
	place: fc.constantFrom('flat', 'day', 'sub', 'subDay'),
	kind: fc.constantFrom(...KINDS),
	channel: fc.constantFrom(...CHANNELS),
	record: fc.boolean(),
	index: fc.boolean(),
	sid: fc.constantFrom(...SIDS),
	slices: often(minutes(1, 4), 50, minutes(70, 100)),
	pace: often(minutes(1, 5), 3, minutes(1, 60)),
	ends: often(fc.constant(true), 4, fc.constant(false)),
	video: often(minutes(0, 9), 3, minutes(0, 30)),
	videoLag: often(fc.constant(0), 1, minutes(0, 9)),
	parts: rarely(3, minutes(1, 3)),
	silence: rarely(3, fc.record({ after: minutes(1, 3), minutes: silence })),
	stop: rarely(
		4,
		fc.record({
			at: often(minutes(0, 200), 3, minutes(0, 4 * DAY)),
			status: fc.constantFrom(...UPLOADING),
		}),
	),
	takeover: rarely(
		4,
		fc.record({ after: minutes(0, 90), slices: minutes(1, 3), allStay: fc.boolean() }),
	),
	late: fc.record({
		from: minutes(0, 6),
		by: fc.oneof(
			{ weight: 5, arbitrary: fc.constant(0) },
			{ weight: 2, arbitrary: minutes(0, 300) },
			{ weight: 1, arbitrary: minutes(0, 3 * DAY) },
		),
	}),
	lookalike: rarely(8, fc.record({ at: minutes(-10, 60), name: fc.constantFrom(...LOOKALIKES) })),
	mishaps: often(fc.constant([]), 2, fc.array(mishap, { minLength: 1, maxLength: 3 })),
});

/** What could be Agora's and is left alone when the rest is deleted passes for a recording that was moved. */
const recording = anyRecording.map((plan): RecordingPlan => {
	const { lookalike, mishaps } = plan;
	const isDeleted = mishaps.some(({ what }) => what.startsWith('delete'));
	return lookalike !== null && isDeleted
		? { ...plan, lookalike: { ...lookalike, name: '_notes.txt' } }
		: plan;
});

const gap = fc.oneof(
	{ weight: 8, arbitrary: minutes(1, 20) },
	{ weight: 3, arbitrary: minutes(1, 150) },
	{ weight: 1, arbitrary: minutes(1, 2 * DAY) },
);

const poll: fc.Arbitrary<PollStep> = fc.record({
	does: fc.constant('poll'),
	gap,
	repeats: often(fc.constant(0), 12, minutes(2, 10)),
	refused: rarely(6, minutes(1, 12)),
	cut: rarely(4, minutes(0, 25)),
	overlap: rarely(
		5,
		fc.record({ at: minutes(1, 8), endsLast: fc.boolean(), sameProcess: fc.boolean() }),
	),
});
const start: fc.Arbitrary<StartStep> = fc.record({
	does: fc.constant('start'),
	gap,
	polls: minutes(0, 4),
});
const jump: fc.Arbitrary<JumpStep> = fc.record({
	does: fc.constant('jump'),
	gap,
	ahead: minutes(-600, 600),
});

/** Schedules of every sort. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
	trigger: fc.record({
		event: often<Schedule['trigger']['event']>(
			fc.constant('recordingCompleted'),
			2,
			fc.constant('recordingStarted'),
		),
		cname: often<string | null>(fc.constant(null), 2, fc.constant(CHANNELS[0])),
		includeExisting: fc.boolean(),
		includeSegments: fc.boolean(),
		mp4: fc.constantFrom<Mp4Files>('detect', 'expect', 'ignore'),
	}),
	bucket: fc.record({
		kind: often(fc.constant(BUCKETS[0]), 1, fc.constantFrom(...BUCKETS)),
		pageSize: fc.constantFrom(1000, 2, 3, 7),
		prefix: fc.constantFrom('', 'recordings/'),
		ahead: often(fc.constant(0), 2, minutes(-300, 300)),
		foreign: fc.boolean(),
	}),
	hour: fc.integer({ min: 0, max: 23 }),
	requestMs: fc.constantFrom(100, 1000, 20_000),
	recordings: fc.array(recording, { minLength: 1, maxLength: 6, size: 'max' }),
	alike: often(fc.constant(false), 3, fc.constant(true)),
	crowd: often(
		fc.constant({ more: 0, apart: 0, lasts: false, cut: null }),
		25,
		fc.record({
			more: minutes(10, 40),
			apart: minutes(0, 10),
			lasts: fc.boolean(),
			cut: rarely(1, minutes(8, 25)),
		}),
	),
	firstCut: rarely(6, minutes(0, 25)),
	steps: fc.array(
		fc.oneof(
			{ weight: 12, arbitrary: poll },
			{ weight: 2, arbitrary: start },
			{ weight: 1, arbitrary: jump },
		),
		{ maxLength: 14, size: 'max' },
	),
	tail: minutes(0, 6),
});
