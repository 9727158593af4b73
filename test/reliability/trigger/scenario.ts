import fc from 'fast-check';
import type { Mp4Files } from '../../../nodes/Agora/trigger/detectNew.ts';

/** What is recorded into a bucket, and how the trigger polls it meanwhile. */
export interface Scenario {
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
		hasOtherFiles: boolean;
	};
	/** The hour of the day at which the workflow is activated. */
	hour: number;
	/** How long a request takes; the bucket may change during it. */
	requestMs: number;
	recordings: RecordingPlan[];
	/** Whether all recordings have the kind, folder and session record of the first one. */
	alike: boolean;
	/** Copies of the first recording. */
	crowd: {
		copies: number;
		minutesApart: number;
		/** Whether each copy runs for a day. */
		lastsForADay: boolean;
		/** After so many requests the time of any poll is up, and more polls follow; null for no limit. */
		cutAfter: number | null;
	};
	/** After so many requests the time of the first poll is up; null for no limit. */
	firstCutAfter: number | null;
	/** What follows the first poll. */
	steps: Step[];
	/** How many polls there are between the last step and the last change, evenly spread. */
	finalPolls: number;
}

/** Times are in minutes. */
export interface RecordingPlan {
	/** After the activation; negative for before. */
	begins: number;
	folder: 'none' | 'day' | 'sub' | 'sub and day';
	kind: (typeof KINDS)[number];
	channel: (typeof CHANNELS)[number];
	/** Whether Start wrote a session record. */
	hasRecord: boolean;
	/** Whether Start added it to the index. */
	isIndexed: boolean;
	/** What its sid begins with. */
	sid: (typeof SIDS)[number];
	segments: number;
	/** From one segment or screenshot to the next. */
	pace: number;
	/** False if its last playlist stays unfinished. */
	ends: boolean;
	/** How long after the playlist the MP4 arrives. */
	mp4After: number;
	/** How much later the MP4 of the second user arrives. */
	secondMp4After: number;
	/** A new MP4 begins after so many segments, and the one before arrives while the recording runs; null for one MP4. */
	segmentsPerMp4: number | null;
	/** A pause of so many minutes after so many segments; null for none. */
	silence: { after: number; minutes: number } | null;
	/** When, after its beginning, Stop writes the end into the session record; null for never. */
	stop: { at: number; status: (typeof UPLOADING_STATUSES)[number] } | null;
	/** Another recorder replaces the first, with all users or only the first of them; null for none. */
	takeover: { after: number; segments: number; allStay: boolean } | null;
	/** The uploads from this one on arrive so much later. */
	late: { from: number; by: number };
	/** Another tool's file whose name begins with the sid; `at` counts from the beginning. Null for none. */
	lookalike: { at: number; name: (typeof LOOKALIKES)[number] } | null;
	incidents: Incident[];
}

export interface Incident {
	/** After the beginning of the recording. */
	at: number;
	type: (typeof INCIDENTS)[number];
}

export type Step = PollStep | RestartStep | ClockStep;

export interface PollStep {
	type: 'poll';
	/** Minutes since the step before. */
	gap: number;
	/** How often it is repeated, a minute apart. */
	repeats: number;
	/** Number of the request that the bucket rejects; null for none. */
	rejected: number | null;
	/** After so many requests its time is up; null for no limit. */
	cutAfter: number | null;
	/**
	 * A second poll from the same state, run while this one waits for its nth request; null for none.
	 * `sameProcess`: in the same n8n, else in another one.
	 */
	overlap: { at: number; endsLast: boolean; sameProcess: boolean } | null;
}

/** n8n restarts. */
export interface RestartStep {
	type: 'restart';
	gap: number;
	/** How many polls' states are lost; 0 if only the execution of the last one is. */
	lostPolls: number;
}

/** The machine's clock is set. */
export interface ClockStep {
	type: 'set clock';
	gap: number;
	/** In minutes ahead of the true time. */
	ahead: number;
}

const BUCKETS = [
	'S3',
	'folds nothing',
	'ignores start-after',
	'folds nothing, ignores start-after',
	'cannot start after a key',
] as const;
const KINDS = [
	'HLS',
	'HLS and MP4',
	'individual HLS',
	'individual HLS and MP4',
	'screenshots',
	'no playlist',
] as const;
/** Broken playlists cannot be read until the recorder writes them again or they are restored. */
const INCIDENTS = [
	'upload again',
	'upload copies of playlists',
	'break playlists',
	'delete some',
	'delete all',
	'restore',
] as const;
/** `uploadingStatus` in Agora's response to stop; '' for none. */
const UPLOADING_STATUSES = ['', 'uploaded', 'backuped', 'stranded', 'unknown'] as const;
/**
 * Names of other tools' files, after the sid. The last two could be Agora's: they arrive after the first file of the
 * recording.
 */
const LOOKALIKES = ['_notes.txt', '_en.vtt', '_a.json', '_thumb.jpg', '_0_merge_av.mp4'] as const;
/** The first two are the same in file names. A trigger with a channel filter watches the first. */
const CHANNELS = ['class_7b', 'class.7b', 'staff'] as const;
/** They sort before, between and after folders of days. */
const SIDS = ['c0ffee', '20261124', '202611', '2026', '00', 'ff'] as const;

const DAY = 24 * 60;

const mostly = <T>(usual: fc.Arbitrary<T>, weight: number, other: fc.Arbitrary<T>) =>
	fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });
const rarely = <T>(weight: number, arbitrary: fc.Arbitrary<T>) =>
	mostly<T | null>(fc.constant(null), weight, arbitrary);
const minutes = (min: number, max: number) => fc.integer({ min, max });

const incident: fc.Arbitrary<Incident> = fc.record({
	at: mostly(minutes(0, 200), 3, minutes(0, 4 * DAY)),
	type: fc.constantFrom(...INCIDENTS),
});

/** Agora's recorder stays in a silent channel for up to thirty days. */
const silence = fc.oneof(
	{ weight: 3, arbitrary: minutes(30, 300) },
	{ weight: 2, arbitrary: minutes(60, 3 * DAY) },
	{ weight: 1, arbitrary: minutes(DAY, 31 * DAY) },
);

const recording: fc.Arbitrary<RecordingPlan> = fc
	.record({
		begins: fc.oneof(
			{ weight: 7, arbitrary: minutes(-100, 240) },
			{ weight: 2, arbitrary: minutes(-4 * DAY, 4 * DAY) },
			{ weight: 1, arbitrary: minutes(-40 * DAY, 0) },
		),
		folder: fc.constantFrom('none', 'day', 'sub', 'sub and day'),
		kind: fc.constantFrom(...KINDS),
		channel: fc.constantFrom(...CHANNELS),
		hasRecord: fc.boolean(),
		isIndexed: fc.boolean(),
		sid: fc.constantFrom(...SIDS),
		segments: mostly(minutes(1, 4), 50, minutes(70, 100)),
		pace: mostly(minutes(1, 5), 3, minutes(1, 60)),
		ends: mostly(fc.constant(true), 4, fc.constant(false)),
		mp4After: mostly(minutes(0, 9), 3, minutes(0, 30)),
		secondMp4After: mostly(fc.constant(0), 1, minutes(0, 9)),
		segmentsPerMp4: rarely(3, minutes(1, 3)),
		silence: rarely(3, fc.record({ after: minutes(1, 3), minutes: silence })),
		stop: rarely(
			4,
			fc.record({
				at: mostly(minutes(0, 200), 3, minutes(0, 4 * DAY)),
				status: fc.constantFrom(...UPLOADING_STATUSES),
			}),
		),
		takeover: rarely(
			4,
			fc.record({ after: minutes(0, 90), segments: minutes(1, 3), allStay: fc.boolean() }),
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
		incidents: mostly(
			fc.constant<Incident[]>([]),
			2,
			fc.array(incident, { minLength: 1, maxLength: 3 }),
		),
	})
	.map((plan: RecordingPlan): RecordingPlan => {
		// A file that could be Agora's and stays when all others are deleted looks like a recording that was moved.
		const isDeleted = plan.incidents.some(({ type }) => type.startsWith('delete'));
		if (plan.lookalike === null || !isDeleted) return plan;
		return { ...plan, lookalike: { ...plan.lookalike, name: '_notes.txt' } };
	});

const gap = fc.oneof(
	{ weight: 8, arbitrary: minutes(1, 20) },
	{ weight: 3, arbitrary: minutes(1, 150) },
	{ weight: 1, arbitrary: minutes(1, 2 * DAY) },
);
const poll: fc.Arbitrary<PollStep> = fc.record({
	type: fc.constant('poll'),
	gap,
	repeats: mostly(fc.constant(0), 12, minutes(2, 10)),
	rejected: rarely(6, minutes(1, 12)),
	cutAfter: rarely(4, minutes(0, 25)),
	overlap: rarely(
		5,
		fc.record({ at: minutes(1, 8), endsLast: fc.boolean(), sameProcess: fc.boolean() }),
	),
});
const restart: fc.Arbitrary<RestartStep> = fc.record({
	type: fc.constant('restart'),
	gap,
	lostPolls: minutes(0, 4),
});
const setClock: fc.Arbitrary<ClockStep> = fc.record({
	type: fc.constant('set clock'),
	gap,
	ahead: minutes(-600, 600),
});

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
	trigger: fc.record({
		event: mostly<Scenario['trigger']['event']>(
			fc.constant('recordingCompleted'),
			2,
			fc.constant('recordingStarted'),
		),
		cname: mostly<string | null>(fc.constant(null), 2, fc.constant(CHANNELS[0])),
		includeExisting: fc.boolean(),
		includeSegments: fc.boolean(),
		mp4: fc.constantFrom<Mp4Files>('detect', 'expect', 'ignore'),
	}),
	bucket: fc.record({
		kind: mostly(fc.constant(BUCKETS[0]), 1, fc.constantFrom(...BUCKETS)),
		pageSize: fc.constantFrom(1000, 2, 3, 7),
		prefix: fc.constantFrom('', 'recordings/'),
		ahead: mostly(fc.constant(0), 2, minutes(-300, 300)),
		hasOtherFiles: fc.boolean(),
	}),
	hour: fc.integer({ min: 0, max: 23 }),
	requestMs: fc.constantFrom(100, 1000, 20_000),
	recordings: fc.array(recording, { minLength: 1, maxLength: 6, size: 'max' }),
	alike: mostly(fc.constant(false), 3, fc.constant(true)),
	crowd: mostly(
		fc.constant({ copies: 0, minutesApart: 0, lastsForADay: false, cutAfter: null }),
		25,
		fc.record({
			copies: minutes(10, 40),
			minutesApart: minutes(0, 10),
			lastsForADay: fc.boolean(),
			cutAfter: rarely(1, minutes(8, 25)),
		}),
	),
	firstCutAfter: rarely(6, minutes(0, 25)),
	steps: fc.array(
		fc.oneof(
			{ weight: 12, arbitrary: poll },
			{ weight: 2, arbitrary: restart },
			{ weight: 1, arbitrary: setClock },
		),
		{ maxLength: 14, size: 'max' },
	),
	finalPolls: minutes(0, 6),
});
