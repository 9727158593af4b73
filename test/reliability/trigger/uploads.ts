import type { Incident, RecordingPlan, Scenario } from './scenario.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** One change of the bucket. Times are true ones, Unix milliseconds. */
export interface Write {
	at: number;
	key: string;
	/** Null if the object is deleted. */
	body: string | null;
	type: 'segment' | 'screenshot' | 'playlist' | 'mp4' | 'session record' | 'other';
	/** Which recorder wrote it: 0 for the first. */
	recorder: number;
	/** Whose track it is; '' if all are mixed. */
	user: string;
	/** Whether a playlist is finished. */
	ended: boolean;
	/** Whether a playlist cannot be read. */
	broken: boolean;
	/** What Stop wrote into the session record; null while nobody has stopped the recording. */
	stop: { at: number; status: string } | null;
	/** When its content began; null if the name does not contain it. */
	recordedAt: number | null;
}

/** One recording, with all that happens to its files. */
export interface PlannedRecording {
	/** From 1. */
	number: number;
	plan: RecordingPlan;
	sid: string;
	/** '' or with a trailing slash. */
	folder: string;
	/** When the day of its folder began, Unix milliseconds; null for none. */
	day: number | null;
	/** In the order of their times. */
	writes: Write[];
	/** Its entries in the session index, which the trigger ignores. */
	indexEntries: Write[];
}

/** @returns when the workflow is activated, Unix milliseconds */
export function activationOf({ hour }: Scenario): number {
	return Date.UTC(2026, 10, 24, hour);
}

export function plannedRecordings(scenario: Scenario): PlannedRecording[] {
	const { crowd } = scenario;
	const [first] = scenario.recordings as [RecordingPlan];
	const { kind, folder, hasRecord } = first;
	const alike = scenario.alike ? { kind, folder, hasRecord } : {};
	const recordings = scenario.recordings.map((plan) => withoutGaps({ ...plan, ...alike }));
	const copies = Array.from({ length: crowd.copies }, (_, i) => ({
		...recordings[0]!,
		...(crowd.lastsForADay && { segments: DAY_OF_SEGMENTS, pace: SLOW_PACE, silence: null }),
		begins: first.begins + (i + 1) * crowd.minutesApart,
	}));
	return [...recordings, ...copies].map((plan, i) => {
		const begin = activationOf(scenario) + plan.begins * MINUTE;
		const sid = plan.sid + String(i + 1).padStart(32 - plan.sid.length, '0');
		const day = plan.folder.endsWith('day') ? begin - (begin % DAY) : null;
		const sub = plan.folder.startsWith('sub') ? 'school/' : '';
		const dayFolder = day === null ? '' : `${stampOf(day).slice(0, 8)}/`;
		const path = `${scenario.bucket.prefix}${sub}${dayFolder}`;
		const recording = { number: i + 1, plan, sid, folder: path, day };
		const writes = plannedWrites(recording, begin, scenario.bucket.ahead * MINUTE);
		return {
			...recording,
			writes: withIncidents(writes, plan.incidents, begin),
			indexEntries: indexEntriesOf(scenario, recording, begin),
		};
	});
}

/** Minutes from segment to segment: at least one an hour, so that the recording never seems to have ended. */
const SLOW_PACE = 55;
const DAY_OF_SEGMENTS = 26;

/** Lets recordings of many segments run for days. */
function withoutGaps(plan: RecordingPlan): RecordingPlan {
	return plan.segments > 10 ? { ...plan, pace: SLOW_PACE } : plan;
}

/** As in Agora's file names. */
function stampOf(time: number): string {
	return new Date(time).toISOString().replace(/\D/g, '');
}

type Named = Omit<PlannedRecording, 'writes' | 'indexEntries'>;

function plannedWrites({ plan, sid, folder }: Named, begin: number, ahead: number): Write[] {
	const { late, lookalike, hasRecord } = plan;
	const path = `${folder}${sid}_${plan.channel.replace(/[_.]/g, '-')}`;
	const uploads = inOrder(uploadsOf(plan, folder, path.slice(folder.length), begin));
	const writes = hasRecord ? recordWrites(plan, sid, path, begin, ahead) : [];
	for (const [i, upload] of uploads.entries()) {
		const delay = i >= late.from ? late.by * MINUTE : 0;
		writes.push({ ...upload, at: upload.at + delay });
	}
	if (lookalike !== null) {
		const { name } = lookalike;
		const at = begin + lookalike.at * MINUTE;
		const afterFirst = writes.find(({ type }) => type !== 'session record')!.at + SECOND;
		const couldBeAgoras = name.endsWith('.jpg') || name.endsWith('.mp4');
		writes.push({
			...NO_DETAILS,
			at: couldBeAgoras ? Math.max(at, afterFirst) : at,
			key: `${folder}${sid}${name}`,
			body: 'x',
			type: 'other',
		});
	}
	return inOrder(writes);
}

const NO_DETAILS = {
	...{ recorder: 0, user: '', ended: false, broken: false, stop: null, recordedAt: null },
};

/** What Start writes, and Stop again. The end in it is by the bucket's clock. */
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
	const of = { ...NO_DETAILS, key: `${path}.session.json`, type: 'session record' } as const;
	const writes: Write[] = [{ ...of, at: begin, body: JSON.stringify(record) }];
	if (stop === null) return writes;
	const at = begin + stop.at * MINUTE;
	const status = stop.status === '' ? {} : { uploadingStatus: stop.status };
	const stopped = { ...record, endedAt: new Date(at + ahead).toISOString(), ...status };
	writes.push({ ...of, at, body: JSON.stringify(stopped), stop: { at, status: stop.status } });
	return writes;
}

function uploadsOf(plan: RecordingPlan, folder: string, stem: string, begin: number): Write[] {
	const { kind, takeover, ends, pace, segments, silence } = plan;
	const from = begin + 2 * SECOND;
	if (takeover === null) return uploadsOfRecorder(plan, folder, stem, 0, from, segments, ends);
	const pausedFor = silence === null ? 0 : silence.minutes;
	const again = from + (segments * pace + pausedFor + takeover.after) * MINUTE;
	// Without a playlist, a recording cannot be left unfinished.
	const firstEnds = kind === 'screenshots';
	return [
		...uploadsOfRecorder(plan, folder, stem, 0, from, segments, firstEnds),
		...uploadsOfRecorder(plan, folder, stem, 1, again, takeover.segments, ends),
	];
}

function uploadsOfRecorder(
	plan: RecordingPlan,
	folder: string,
	stem: string,
	recorder: number,
	from: number,
	segments: number,
	ends: boolean,
): Write[] {
	const { kind, pace, silence, segmentsPerMp4, takeover } = plan;
	const path = `${folder}${recorder === 0 ? '' : `bak${recorder - 1}_`}${stem}`;
	const isMixed = kind === 'HLS' || kind === 'HLS and MP4';
	const isIndividual = kind.startsWith('individual');
	const hasTwoUsers = isIndividual && (recorder === 0 || takeover!.allStay);
	const users = isMixed ? [''] : hasTwoUsers ? ['11', '12'] : ['11'];
	const writes: Write[] = [];
	for (const [index, user] of users.entries()) {
		const track = user === '' ? path : `${path}__uid_s_${user}__uid_e_av`;
		const of = { ...NO_DETAILS, recorder, user };
		let mp4s = 0;
		for (let i = 0; i < segments; i++) {
			const pause = recorder === 0 && silence && i >= silence.after ? silence.minutes : 0;
			const recordedAt = from + (i * pace + pause) * MINUTE;
			const stamped = `${track}_${stampOf(recordedAt)}`;
			if (kind === 'screenshots') {
				const shot = { ...of, body: 'x', type: 'screenshot', recordedAt } as const;
				writes.push({ ...shot, at: recordedAt + SECOND, key: `${stamped}.jpg` });
				continue;
			}
			const isLast = i === segments - 1;
			// The second user leaves last.
			const at = recordedAt + pace * MINUTE + index * 30 * SECOND;
			const key = `${stamped}.${isMixed || isIndividual ? 'ts' : 'webm'}`;
			writes.push({ ...of, at, key, body: 'segment', type: 'segment', recordedAt });
			if (!isMixed && !isIndividual) continue;
			const ended = isLast && ends;
			const body = playlistText(i + 1, ended);
			writes.push({ ...of, at: at + SECOND, key: `${track}.m3u8`, body, type: 'playlist', ended });
			const isFull = segmentsPerMp4 !== null && (i + 1) % segmentsPerMp4 === 0;
			if (!kind.endsWith('MP4') || !(ended || (isFull && !isLast))) continue;
			const arrives = at + 2 * SECOND + (plan.mp4After + index * plan.secondMp4After) * MINUTE;
			const name = `${track}_${mp4s++}.mp4`;
			writes.push({ ...of, at: arrives, key: name, body: 'video', type: 'mp4' });
		}
	}
	return writes;
}

function playlistText(segments: number, ended: boolean): string {
	const lines = Array.from({ length: segments }, (_, i) => `#EXTINF:15.000000\nsegment${i}.ts\n`);
	return `#EXTM3U\n#EXT-X-VERSION:3\n${lines.join('')}${ended ? '#EXT-X-ENDLIST\n' : ''}`;
}

function inOrder(writes: Write[]): Write[] {
	return writes.sort((a, b) => a.at - b.at);
}

function withIncidents(writes: Write[], incidents: Incident[], begin: number): Write[] {
	const all = [...writes];
	for (const { at, type } of [...incidents].sort((a, b) => a.at - b.at)) {
		const time = begin + at * MINUTE;
		const before = inOrder([...all]).filter((write) => write.at <= time);
		const latest = [...new Map(before.map((write) => [write.key, write])).values()];
		const present = latest.filter(({ body }) => body !== null);
		const recorded = present.filter((write) => write.type !== 'other' && !isRecord(write));
		const playlists = recorded.filter((write) => write.type === 'playlist');
		const deleted = (write: Write) => ({ ...write, at: time, body: null });
		const intact = before.filter(({ body, broken }) => body !== null && !broken);
		const changes: Record<typeof type, () => Write[]> = {
			'upload again': () => recorded.map((write) => ({ ...write, at: time })),
			'upload copies of playlists': () =>
				playlists
					.filter(({ key }) => !key.endsWith('_0_1.m3u8'))
					.map((write) => ({ ...write, at: time, key: write.key.replace('.m3u8', '_0_1.m3u8') })),
			'break playlists': () =>
				playlists.map((write) => ({ ...write, at: time, body: 'x', ended: false, broken: true })),
			'delete some': () => recorded.filter((_, i) => i % 2 === 0).map(deleted),
			'delete all': () => present.map(deleted),
			restore: () =>
				[...new Map(intact.map((write) => [write.key, write])).values()].map((write) => ({
					...write,
					at: time,
				})),
		};
		all.push(...changes[type]());
	}
	return inOrder(all);
}

function isRecord({ type }: Write): boolean {
	return type === 'session record';
}

function indexEntriesOf({ bucket }: Scenario, { plan, sid }: Named, begin: number): Write[] {
	if (!plan.isIndexed) return [];
	const age = String(9_999_999_999_999 - begin);
	return [`by-sid/${sid}.json`, `by-channel/${'a1'.repeat(16)}/${age}_${sid}.json`].map((name) => ({
		...NO_DETAILS,
		at: begin,
		key: `${bucket.prefix}_sessions/${name}`,
		body: '{}',
		type: 'other',
	}));
}
