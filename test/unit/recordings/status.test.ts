import { readPlaylist, type LoadedPlaylist } from '../../../nodes/Agora/recordings/playlist';
import { collectSessions, type SessionFiles } from '../../../nodes/Agora/recordings/sessionFiles';
import {
	durationOf,
	idleMs,
	isFinished,
	isStale,
	lacksMp4,
	lastSegmentEnd,
	mayBeRecording,
	statusOf,
} from '../../../nodes/Agora/recordings/status';
import { MINUTE, playlistText, SECOND, sessionRecordOf, sidOf, utcStamp } from '../recordedSession';

const SID = sidOf(1);
const NOW = Date.UTC(2026, 10, 23, 12);
/** Name without the sid, minutes since its last change, and for a playlist whether it has ended. */
type File = [name: string, minutesAgo: number, ended?: boolean, slices?: number];

const AUDIO = 'class__uid_s_1__uid_e_audio.m3u8';
const VIDEO = 'class__uid_s_1__uid_e_video.m3u8';

function read(files: File[]): { session: SessionFiles; playlists: LoadedPlaylist[] } {
	const sessions = new Map<string, SessionFiles>();
	const texts = new Map<string, string>();
	for (const [name, minutesAgo, ended, slices = 4] of files) {
		const key = name.replace(/^(bak\d+_)?/, `$1${SID}_`);
		const lastModified = NOW - minutesAgo * MINUTE;
		collectSessions(sessions, [{ key, size: 1, lastModified }], false);
		if (ended !== undefined) texts.set(key, playlistText(slices, ended));
	}
	const session = sessions.get(SID)!;
	const playlists = session.files
		.filter(({ key }) => texts.has(key))
		.map((object) => ({ object, ...readPlaylist(texts.get(object.key)!) }));
	return { session, playlists };
}

describe('isStale', () => {
	it.each<[string, File[], number]>([
		['a recording', [['class.m3u8', 0, false]], 60],
		['screenshots, which may be an hour apart', [['class_20261123115900000.jpg', 0]], 70],
		['segments without a playlist', [['class_20261123115900000.ts', 0]], 60],
	])('%s', (_, files, minutes) => {
		const { session } = read(files);
		expect(isStale(session, NOW + minutes * MINUTE - 1)).toBe(false);
		expect(isStale(session, NOW + minutes * MINUTE)).toBe(true);
	});
});

describe('mayBeRecording', () => {
	const DAYS = 24 * 60;
	const file: File = ['class.m3u8', 0, false];
	const record: File = ['class.session.json', 0];

	it.each<[string, File[], number]>([
		['an hour without a session record', [file], 60],
		['three days with one, as files may still be uploaded from a backup', [file, record], 3 * DAYS],
		['three days with only a session record', [record], 3 * DAYS],
	])('is false after %s', (_, files, minutes) => {
		const { session } = read(files);
		expect(mayBeRecording(session, NOW + minutes * MINUTE - 1)).toBe(true);
		expect(mayBeRecording(session, NOW + minutes * MINUTE)).toBe(false);
	});
});

describe('idleMs', () => {
	it.each<[string, File[], number]>([
		[
			'the last file',
			[
				['class.m3u8', 5],
				['class_20261123110000000.ts', 9],
			],
			5,
		],
		['the session record, without files', [['class.session.json', 7]], 7],
	])('counts from %s', (_, files, minutes) => {
		expect(idleMs(read(files).session, NOW)).toBe(minutes * MINUTE);
	});
});

describe('isFinished', () => {
	it.each<[boolean, string, File[]]>([
		[true, 'a finished playlist', [['class.m3u8', 1, true]]],
		[false, 'an unfinished playlist', [['class.m3u8', 1, false]]],
		[false, 'no playlist', [['class_0.mp3', 1]]],
		[false, 'only a session record', [['class.session.json', 1]]],
	])('is %s with %s', (expected, _, files) => {
		const { session, playlists } = read(files);
		expect(isFinished(session, playlists)).toBe(expected);
	});
});

describe('lacksMp4', () => {
	const playlist: File = ['class.m3u8', 5, true];
	const mp4 = (secondsBefore: number): File => ['class_0.mp4', 5 + secondsBefore / 60];

	it.each<[boolean, string, boolean, File[]]>([
		[true, 'one is expected and there is none', true, [playlist]],
		[false, 'none is expected', false, [playlist]],
		[false, 'there is no playlist', true, [['class_0.mp3', 5]]],
		[false, 'there is one as old as the playlist', true, [playlist, mp4(0)]],
		[false, 'there is one a second older, as times may be whole seconds', true, [playlist, mp4(1)]],
		[true, 'there is one more than a second older', true, [playlist, mp4(1.2)]],
		[true, 'there is only an audio file', true, [playlist, ['class_0.mp3', 5]]],
		[true, 'there is one of another user', true, [playlist, ['class__uid_s_1__uid_e_0.mp4', 5]]],
	])('is %s if %s', (expected, _, mp4Expected, files) => {
		const { session, playlists } = read(files);
		expect(lacksMp4(session, playlists, mp4Expected)).toBe(expected);
	});
});

describe('statusOf', () => {
	const cases: Array<[string, string, File[]]> = [
		['completed', 'the playlist has ended, just now', [['class.m3u8', 0, true]]],
		['recording', 'the playlist grows', [['class.m3u8', 1, false]]],
		[
			'recording',
			'an unfinished playlist has not changed for less than an hour',
			[['class.m3u8', 59, false]],
		],
		[
			'interrupted',
			'an unfinished playlist has not changed for an hour',
			[['class.m3u8', 60, false]],
		],
		[
			'recording',
			'segments still arrive after an old playlist',
			[
				['class.m3u8', 120, false],
				['class_20261123115900000.ts', 1],
			],
		],
		[
			'completed',
			'every track has ended',
			[
				[AUDIO, 3, true],
				[VIDEO, 2, true],
			],
		],
		[
			'recording',
			'one of two tracks has not ended',
			[
				[AUDIO, 3, true],
				[VIDEO, 2, false],
			],
		],
		[
			'interrupted',
			'one of two tracks never ended',
			[
				[AUDIO, 61, true],
				[VIDEO, 61, false],
			],
		],
		[
			'completed',
			'a second recorder took over and has ended',
			[
				['class.m3u8', 9, false],
				['bak0_class.m3u8', 1, true],
			],
		],
		[
			'recording',
			'a third recorder is running',
			[
				['class.m3u8', 9, false],
				['bak0_class.m3u8', 5, true],
				['bak1_class.m3u8', 1, false],
			],
		],
		[
			'completed',
			'the tenth recorder counts as later than the second',
			[
				['bak2_class.m3u8', 5, false],
				['bak10_class.m3u8', 1, true],
			],
		],
		[
			'completed',
			'there is a finished re-upload of the unfinished playlist',
			[
				['class.m3u8', 9, false],
				['class_1606357122528_0.m3u8', 1, true],
			],
		],
		[
			'recording',
			'screenshots without playlist may be an hour apart',
			[['class_20261123115900000.jpg', 69]],
		],
		[
			'completed',
			'screenshots without playlist have not changed',
			[['class_20261123115900000.jpg', 70]],
		],
		[
			'recording',
			'an audio file without playlist may be followed by another',
			[['class_0.mp3', 5]],
		],
		['completed', 'an audio file without playlist has not changed', [['class_0.mp3', 6]]],
		[
			'recording',
			'segments without playlist may be followed by others',
			[['class_20261123115400000.ts', 5]],
		],
		[
			'completed',
			'segments without playlist have not changed',
			[['class_20261123115400000.ts', 6]],
		],
		[
			'completed',
			'an audio file next to screenshots has not changed',
			[
				['class_0.mp3', 6],
				['class_20261123115400000.jpg', 6],
			],
		],
		[
			'completed',
			'a user left before the second recorder took over',
			[
				['class__uid_s_1__uid_e_h264.m3u8', 9, false],
				['bak0_class__uid_s_2__uid_e_h264.m3u8', 1, true],
			],
		],
		['recording', 'there is only a new record', [['class.session.json', 59]]],
		['interrupted', 'nothing has arrived after the record', [['class.session.json', 60]]],
		[
			'interrupted',
			'a record was written after the last file',
			[
				['class.m3u8', 61, false],
				['class.session.json', 1],
			],
		],
	];
	it.each(cases)('%s: %s', (status, _, files) => {
		const { session, playlists } = read(files);
		expect(statusOf(session, playlists, false, false, null, NOW)).toBe(status);
	});

	it.each<[string, number, File[]]>([
		['recording', 59, [[AUDIO, 59, true]]],
		['completed', 60, [[AUDIO, 60, true]]],
		['recording', 59, [[AUDIO, 59, false]]],
		['completed', 60, [[AUDIO, 60, false]]],
	])(
		'%s: a playlist cannot be read, and nothing has arrived for %i minutes',
		(status, minutes, files) => {
			const { session, playlists } = read([...files, [VIDEO, minutes]]);
			expect(statusOf(session, playlists, true, false, null, NOW)).toBe(status);
		},
	);

	const mp4Cases: Array<[string, string, boolean, File[]]> = [
		['recording', 'that was requested and has not arrived yet', true, [['class.m3u8', 9, true]]],
		[
			'completed',
			'that was requested and has not arrived for ten minutes',
			true,
			[['class.m3u8', 10, true]],
		],
		['completed', 'that was not requested', false, [['class.m3u8', 0, true]]],
		[
			'completed',
			'that was requested and has arrived',
			true,
			[
				['class.m3u8', 1, true],
				['class_0.mp4', 0],
			],
		],
		[
			'recording',
			'that has arrived, but an unfinished playlist',
			true,
			[
				['class.m3u8', 1, false],
				['class_0.mp4', 0],
			],
		],
		[
			'recording',
			'for each user, of which one has not arrived',
			true,
			[
				['class__uid_s_1__uid_e_h264.m3u8', 1, true],
				['class__uid_s_2__uid_e_h264.m3u8', 1, true],
				['class__uid_s_1__uid_e_0_h264.mp4', 0],
			],
		],
		[
			'completed',
			'for each user, which have all arrived',
			true,
			[
				['class__uid_s_1__uid_e_h264.m3u8', 1, true],
				['class__uid_s_2__uid_e_h264.m3u8', 1, true],
				['class__uid_s_1__uid_e_0_h264.mp4', 0],
				['class__uid_s_2__uid_e_0_h264.mp4', 0],
			],
		],
	];
	it.each(mp4Cases)('%s with an MP4 %s', (status, _, expected, files) => {
		const { session, playlists } = read(files);
		expect(statusOf(session, playlists, false, expected, null, NOW)).toBe(status);
	});
});

describe('statusOf a session that was stopped', () => {
	const nothing: File[] = [['class.session.json', 0]];
	const unfinished = (minutesAgo: number): File[] => [['class.m3u8', minutesAgo, false]];
	const finished: File[] = [['class.m3u8', 0, true]];
	const shots: File[] = [['class_20261123115900000.jpg', 1]];
	const DAYS = 24 * 60;

	it.each<[string, string, string, string | undefined, number, File[]]>([
		['completed', 'without files', 'uploaded', 'uploaded', 0, nothing],
		['completed', 'without files', 'found to have ended', undefined, 0, nothing],
		['completed', 'without files', 'by a clock ahead of the bucket', 'uploaded', -5, nothing],
		['completed', 'without files', 'nobody published', 'no_recorded_data', 0, nothing],
		['recording', 'without files', 'backed up', 'backuped', 3 * DAYS - 1, nothing],
		['completed', 'without files', 'backed up long ago', 'backuped', 3 * DAYS, nothing],
		['recording', 'without files', 'not waited for', 'in_progress', 59, nothing],
		['completed', 'without files', 'not waited for', 'in_progress', 60, nothing],
		['recording', 'without files', 'already stopping', 'already_stopping', 59, nothing],
		['completed', 'without files', 'already stopping', 'already_stopping', 60, nothing],
		['recording', 'unfinished', 'uploaded', 'uploaded', 9.9, unfinished(9.9)],
		['recording', 'unfinished', 'just uploaded', 'uploaded', 0, unfinished(1)],
		['completed', 'unfinished', 'ten minutes ago', 'uploaded', 10, unfinished(10)],
		['recording', 'unfinished', 'not known', 'unknown', 2 * DAYS, unfinished(2 * DAYS)],
		['completed', 'unfinished', 'not known', 'unknown', 3 * DAYS, unfinished(3 * DAYS)],
		['completed', 'finished', 'backed up', 'backuped', 1, finished],
		['completed', 'with screenshots', 'uploaded', 'uploaded', 0, shots],
		['recording', 'with screenshots', 'stranded', 'stranded', 100, shots],
	])('%s: %s, %s', (status, _, __, uploadingStatus, minutesAgo, files) => {
		const { session, playlists } = read(files);
		const endedAt = new Date(NOW - minutesAgo * MINUTE).toISOString();
		const record = sessionRecordOf(SID, { endedAt, uploadingStatus });
		expect(statusOf(session, playlists, false, false, record, NOW)).toBe(status);
	});
});

describe('durationOf', () => {
	const cases: Array<[string, File[], number | null]> = [
		['null without a playlist', [['class_0.mp4', 1]], null],
		['the duration of the playlist', [['class.m3u8', 1, true, 8]], 120],
		[
			'the longest track',
			[
				[AUDIO, 1, true, 8],
				[VIDEO, 1, true, 4],
			],
			120,
		],
		[
			'the sum of all recorders',
			[
				['class.m3u8', 9, false, 4],
				['bak0_class.m3u8', 1, true, 2],
			],
			90,
		],
		[
			'that of a re-upload, counted once',
			[
				['class.m3u8', 9, false, 4],
				['class_1606357122528_0.m3u8', 1, true, 6],
			],
			90,
		],
	];
	it.each(cases)('is %s', (_, files, seconds) => {
		expect(durationOf(read(files).playlists)).toBe(seconds);
	});

	it('is rounded to milliseconds', () => {
		const [playlist] = read([['class.m3u8', 1, true]]).playlists;
		expect(durationOf([{ ...playlist!, durationSeconds: 0.1 + 0.2 }])).toBe(0.3);
		expect(durationOf([{ ...playlist!, durationSeconds: 15.0016 }])).toBe(15.002);
	});
});

describe('lastSegmentEnd', () => {
	const START = NOW - 10 * MINUTE;
	const segment = (start: number, duration: number, name = utcStamp(start)) => ({
		uri: `${SID}_class_${name}.ts`,
		init: null,
		duration,
	});
	const endOf = (...lists: Array<Array<ReturnType<typeof segment>>>) => {
		const [playlist] = read([['class.m3u8', 1, true]]).playlists;
		return lastSegmentEnd(lists.map((segments) => ({ ...playlist!, segments })));
	};

	it('is the end of the segment that ends last, in any playlist', () => {
		const early = segment(START, 15);
		const long = segment(START + SECOND, 40);
		const late = segment(START + 20 * SECOND, 15);
		expect(endOf([early, late])).toBe(START + 35 * SECOND);
		expect(endOf([early, long, late])).toBe(START + 41 * SECOND);
		expect(endOf([late], [], [early])).toBe(START + 35 * SECOND);
	});

	it('ignores names without a time', () => {
		expect(endOf([segment(START, 15), segment(0, 15, 'x')])).toBe(START + 15 * SECOND);
		expect(endOf([segment(0, 15, 'x')])).toBeNull();
		expect(endOf([])).toBeNull();
		expect(endOf()).toBeNull();
	});
});
