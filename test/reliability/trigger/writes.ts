import type { RecordingPlan, Schedule } from './schedule.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** One change of the bucket. */
export interface Write {
	/** The true time, Unix milliseconds. */
	at: number;
	key: string;
	/** Null where the object is deleted. */
	body: string | null;
	is: 'slice' | 'screenshot' | 'playlist' | 'video' | 'session record' | 'foreign';
	/** Which recorder wrote it: 0 for the first. */
	recorder: number;
	/** Whose track it is; '' where all are mixed. */
	user: string;
	/** Of a playlist: whether it is finished. */
	ended: boolean;
	/** Of a playlist: whether its text is none. */
	broken: boolean;
	/** Of a session record: what Stop noted in it; null while nobody stopped the recording. */
	stop: { at: number; status: string } | null;
	/** When what it holds began, Unix milliseconds; null where the name does not say. */
	recordedAt: number | null;
}

/** One recording, with all that happens to its files. */
export interface PlannedRecording {
	/** As sentences name it, from 1. */
	number: number;
	plan: RecordingPlan;
	sid: string;
	/** '' or with a trailing slash. */
	folder: string;
	/** When the day began whose folder it lies in, Unix milliseconds; null for none. */
	day: number | null;
	/** In the order of their times. */
	writes: Write[];
	/** Its entries in the index, which are nobody's business. */
	index: Write[];
}

/** @returns when the workflow is activated, Unix milliseconds */
export function activationOf({ hour }: Schedule): number {
	return Date.UTC(2026, 10, 24, hour);
}

/** @returns all recordings of a schedule */
export function plannedRecordings(schedule: Schedule): PlannedRecording[] {
	const { crowd } = schedule;
	const [first] = schedule.recordings as [RecordingPlan];
	const { kind, place, record } = first;
	const alike = schedule.alike ? { kind, place, record } : {};
	const recordings = schedule.recordings.map((plan) => lastingForDays({ ...plan, ...alike }));
	const more = Array.from({ length: crowd.more }, (_, i) => ({
		...recordings[0]!,
		...(crowd.lasts && { slices: DAY_OF_SLICES, pace: DAY_PACE, silence: null }),
		begins: first.begins + (i + 1) * crowd.apart,
	}));
	return [...recordings, ...more].map((plan, i) => {
		const begin = activationOf(schedule) + plan.begins * MINUTE;
		const sid = plan.sid + String(i + 1).padStart(32 - plan.sid.length, '0');
		const day = ['day', 'subDay'].includes(plan.place) ? begin - (begin % DAY) : null;
		const sub = ['sub', 'subDay'].includes(plan.place) ? 'school/' : '';
		const dayFolder = day === null ? '' : `${stampOf(day).slice(0, 8)}/`;
		const folder = `${schedule.bucket.prefix}${sub}${dayFolder}`;
		const planned = { number: i + 1, plan, sid, folder, day };
		const ahead = schedule.bucket.ahead * MINUTE;
		const writes = withMishaps(plannedWrites(planned, begin, ahead), plan, begin);
		return { ...planned, writes, index: indexEntries(schedule, planned, begin) };
	});
}

/** As many minutes from slice to slice as leave no hour without one. */
const DAY_PACE = 55;
const DAY_OF_SLICES = 26;

/** Many slices are days of recording, with just so many uploads that it never seems over. */
function lastingForDays(plan: RecordingPlan): RecordingPlan {
	return plan.slices > 10 ? { ...plan, pace: DAY_PACE } : plan;
}

/** Agora's time in file names. */
function stampOf(time: number): string {
	return new Date(time).toISOString().replace(/\D/g, '');
}

type Named = Omit<PlannedRecording, 'writes' | 'index'>;

function plannedWrites({ plan, sid, folder }: Named, begin: number, ahead: number): Write[] {
	const { late, lookalike } = plan;
	const stem = `${sid}_${plan.channel.replace(/[_.]/g, '-')}`;
	const writes: Write[] = plan.record ? recordWrites(plan, sid, folder + stem, begin, ahead) : [];
	const uploads = inOrder(uploadsOf(plan, `${folder}`, stem, begin));
	for (const [i, upload] of uploads.entries()) {
		const delay = i >= late.from ? late.by * MINUTE : 0;
		writes.push({ ...upload, at: upload.at + delay });
	}
	if (lookalike !== null) {
		const { at, name } = lookalike;
		const first = writes.find(({ is }) => is !== 'session record')!.at + SECOND;
		const time = begin + at * MINUTE;
		writes.push({
			...BESIDE,
			at: couldBeAgoras(name) ? Math.max(time, first) : time,
			key: `${folder}${sid}${name}`,
			body: 'x',
			is: 'foreign',
		});
	}
	return inOrder(writes);
}

const BESIDE = {
	recorder: 0,
	user: '',
	ended: false,
	broken: false,
	stop: null,
	recordedAt: null,
};

function couldBeAgoras(name: string): boolean {
	return name.endsWith('.jpg') || name.endsWith('.mp4');
}

/** What Start writes, and Stop again. The end in it goes by the bucket's clock. */
function recordWrites(
	{ kind, channel, stop }: RecordingPlan,
	sid: string,
	path: string,
	begin: number,
	ahead: number,
): Write[] {
	const record = {
		sid,
		resourceId: 'fake-resource-id',
		cname: channel,
		uid: '527841',
		mode: kind.startsWith('individual') ? 'individual' : 'mix',
		appId: '0123456789abcdef0123456789abcdef',
		startedAt: new Date(begin).toISOString(),
		avFileType: kind.endsWith('MP4') ? ['hls', 'mp4'] : ['hls'],
	};
	const of = { ...BESIDE, key: `${path}.session.json`, is: 'session record' } as const;
	const writes: Write[] = [{ ...of, at: begin, body: JSON.stringify(record) }];
	if (stop === null) return writes;
	const at = begin + stop.at * MINUTE;
	const status = stop.status === '' ? {} : { uploadingStatus: stop.status };
	const stopped = { ...record, endedAt: new Date(at + ahead).toISOString(), ...status };
	writes.push({ ...of, at, body: JSON.stringify(stopped), stop: { at, status: stop.status } });
	return writes;
}

/** What the recorders upload, each file when it is there to be uploaded. */
function uploadsOf(plan: RecordingPlan, folder: string, stem: string, begin: number): Write[] {
	const { kind, takeover, ends, pace } = plan;
	const first = begin + 2 * SECOND;
	if (takeover === null) return recorderOf(plan, folder, stem, 0, first, plan.slices, ends);
	const paused = plan.silence === null ? 0 : plan.silence.minutes * MINUTE;
	const again = first + plan.slices * pace * MINUTE + paused + takeover.after * MINUTE;
	// What has no playlist cannot be left unfinished.
	return [
		...recorderOf(plan, folder, stem, 0, first, plan.slices, kind === 'screenshots'),
		...recorderOf(plan, folder, stem, 1, again, takeover.slices, ends),
	];
}

function recorderOf(
	plan: RecordingPlan,
	folder: string,
	stem: string,
	recorder: number,
	from: number,
	slices: number,
	ends: boolean,
): Write[] {
	const { kind, pace, silence, parts, takeover } = plan;
	const path = `${folder}${recorder === 0 ? '' : `bak${recorder - 1}_`}${stem}`;
	const mixed = kind === 'HLS' || kind === 'HLS and MP4';
	const hasTwo = kind.startsWith('individual') && (recorder === 0 || takeover!.allStay);
	const users = mixed ? [''] : hasTwo ? ['11', '12'] : ['11'];
	const hasPlaylist = mixed || kind.startsWith('individual');
	const writes: Write[] = [];
	for (const [lag, user] of users.entries()) {
		const track = user === '' ? path : `${path}__uid_s_${user}__uid_e_av`;
		const of = { ...BESIDE, recorder, user };
		let part = 0;
		for (let i = 0; i < slices; i++) {
			const pause = recorder === 0 && silence && i >= silence.after ? silence.minutes : 0;
			const recordedAt = from + (i * pace + pause) * MINUTE;
			const isLast = i === slices - 1;
			// The second user leaves last.
			const at = recordedAt + pace * MINUTE + lag * 30 * SECOND;
			if (kind === 'screenshots') {
				const key = `${track}_${stampOf(recordedAt)}.jpg`;
				writes.push({
					...of,
					at: recordedAt + SECOND,
					key,
					body: 'x',
					is: 'screenshot',
					recordedAt,
				});
				continue;
			}
			const key = `${track}_${stampOf(recordedAt)}.${hasPlaylist ? 'ts' : 'webm'}`;
			writes.push({ ...of, at, key, body: 'slice', is: 'slice', recordedAt });
			if (!hasPlaylist) continue;
			const ended = isLast && ends;
			const body = playlistText(i + 1, ended);
			writes.push({ ...of, at: at + SECOND, key: `${track}.m3u8`, body, is: 'playlist', ended });
			const isFull = parts !== null && (i + 1) % parts === 0;
			if (!kind.endsWith('MP4') || !(ended || (isFull && !isLast))) continue;
			const arrives = at + 2 * SECOND + (plan.video + lag * plan.videoLag) * MINUTE;
			const name = `${track}_${part++}.mp4`;
			writes.push({ ...of, at: arrives, key: name, body: 'video', is: 'video' });
		}
	}
	return writes;
}

function playlistText(slices: number, ended: boolean): string {
	const lines = Array.from({ length: slices }, (_, i) => `#EXTINF:15.000000\nslice${i}.ts\n`);
	return `#EXTM3U\n#EXT-X-VERSION:3\n${lines.join('')}${ended ? '#EXT-X-ENDLIST\n' : ''}`;
}

function inOrder(writes: Write[]): Write[] {
	return writes.sort((a, b) => a.at - b.at);
}

function withMishaps(writes: Write[], { mishaps }: RecordingPlan, begin: number): Write[] {
	const all = [...writes];
	for (const { at, what } of [...mishaps].sort((a, b) => a.at - b.at)) {
		const time = begin + at * MINUTE;
		const before = inOrder([...all]).filter((write) => write.at <= time);
		const last = [...new Map(before.map((write) => [write.key, write])).values()];
		const there = last.filter(({ body }) => body !== null);
		const recorded = there.filter(({ is }) => is !== 'foreign' && is !== 'session record');
		const playlists = recorded.filter(({ is }) => is === 'playlist');
		const gone = (write: Write) => ({ ...write, at: time, body: null });
		const contentOf = new Map(
			before
				.filter(({ body, broken }) => body !== null && !broken)
				.map((write) => [write.key, write]),
		);
		const changes: Record<typeof what, () => Write[]> = {
			'upload again': () => recorded.map((write) => ({ ...write, at: time })),
			'upload playlists beside': () =>
				playlists
					.filter(({ key }) => !key.endsWith('_0_1.m3u8'))
					.map((write) => ({ ...write, at: time, key: write.key.replace('.m3u8', '_0_1.m3u8') })),
			'break playlists': () =>
				playlists.map((write) => ({ ...write, at: time, body: 'x', ended: false, broken: true })),
			'delete some': () => recorded.filter((_, i) => i % 2 === 0).map(gone),
			'delete all': () => there.map(gone),
			'bring back': () => [...contentOf.values()].map((write) => ({ ...write, at: time })),
		};
		all.push(...changes[what]());
	}
	return inOrder(all);
}

function indexEntries({ bucket }: Schedule, { plan, sid }: Named, begin: number): Write[] {
	if (!plan.index) return [];
	const age = String(9_999_999_999_999 - begin);
	return [`by-sid/${sid}.json`, `by-channel/${'a1'.repeat(16)}/${age}_${sid}.json`].map((name) => ({
		...BESIDE,
		at: begin,
		key: `${bucket.prefix}_sessions/${name}`,
		body: '{}',
		is: 'foreign',
	}));
}
