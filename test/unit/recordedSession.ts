import { channelInNames } from '../../nodes/Agora/recordings/fileName';
import type { SessionRecord } from '../../nodes/Agora/recordings/sessionRecord';
import { memoryBucket, type MemoryBucket } from './memoryBucket';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** @returns a sid as Agora makes them: 32 hexadecimal digits */
export function sidOf(n: number): string {
	return `c0ffee${n.toString(16).padStart(26, '0')}`;
}

/** @returns Agora's time in file names: `yyyyMMddHHmmssSSS`, UTC */
export function utcStamp(time: number): string {
	return new Date(time).toISOString().replace(/\D/g, '');
}

/** A playlist as Agora writes it: slices of 15 seconds, no comma after the duration. */
export function playlistText(slices: number, ended: boolean): string {
	const lines = Array.from({ length: slices }, (_, i) => `#EXTINF:15.000000\nslice${i}.ts`);
	return ['#EXTM3U', '#EXT-X-VERSION:3', ...lines, ...(ended ? ['#EXT-X-ENDLIST'] : []), ''].join(
		'\n',
	);
}

export function sessionRecordOf(sid: string, changes: Partial<SessionRecord> = {}): SessionRecord {
	return {
		sid,
		resourceId: 'fake-resource-id',
		cname: 'class_7b',
		uid: '527841',
		mode: 'mix',
		appId: '0123456789abcdef0123456789abcdef',
		startedAt: '2026-11-23T09:00:00.000Z',
		avFileType: ['hls'],
		...changes,
	};
}

interface CompositeSession {
	folder?: string;
	/** `bak0_` and so on for what a replacing recorder wrote. */
	takeover?: string;
	sid: string;
	/** As file names have it. */
	channel?: string;
	/** Unix milliseconds. */
	start: number;
	slices?: number;
	ended?: boolean;
	record?: Partial<SessionRecord>;
}

/**
 * Puts a composite recording into the bucket: slices of 15 seconds, the playlist, and the session record
 * where one is given.
 *
 * @returns when its last file changed
 */
export function addComposite(bucket: MemoryBucket, session: CompositeSession): number {
	const { folder = '', takeover = '', sid, start, slices = 4, ended = true, record } = session;
	const channel = session.channel ?? channelInNames(record?.cname ?? 'class-7b');
	const path = `${folder}${takeover}${sid}_${channel}`;
	for (let i = 0; i < slices; i++) {
		const begin = start + i * 15 * SECOND;
		bucket.add(`${path}_${utcStamp(begin)}.ts`, begin + 15 * SECOND, 'slice');
	}
	const last = start + slices * 15 * SECOND;
	bucket.add(`${path}.m3u8`, last, playlistText(slices, ended));
	if (record !== undefined) {
		const text = JSON.stringify(sessionRecordOf(sid, record));
		bucket.add(`${folder}${sid}_${channel}.session.json`, start, text);
	}
	return last;
}

export const NOON = Date.UTC(2026, 10, 23, 12);

/** A bucket with sessions 1 to `count`, one a minute from noon on, each a minute long. */
export function archive(count: number, settings: Parameters<typeof memoryBucket>[0] = {}) {
	const bucket = memoryBucket({ now: NOON + 24 * HOUR, ...settings });
	const folder = settings.prefix ?? '';
	for (let n = 1; n <= count; n++) {
		addComposite(bucket, { folder, sid: sidOf(n), start: NOON + n * MINUTE });
	}
	return bucket;
}
