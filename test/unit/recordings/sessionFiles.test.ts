import {
	collectSessions,
	groupBy,
	sessionKeyOf,
	startOf,
	type SessionFiles,
} from '../../../nodes/Agora/recordings/sessionFiles';
import type { StoredObject } from '../../../nodes/Agora/storage/types';
import { randomSource } from '../randomSource';
import { MINUTE, sidOf, utcStamp } from '../recordedSession';

const START = Date.UTC(2026, 10, 23, 9);

const object = (key: string, minutes: number, size = 1): StoredObject => ({
	key,
	size,
	lastModified: START + minutes * MINUTE,
});

/** Two sessions in two folders; the first had a second recorder. */
const LISTED = [
	object(`a/${sidOf(1)}_class_${utcStamp(START)}.ts`, 1, 10),
	object(`a/${sidOf(1)}_class_${utcStamp(START + MINUTE)}.ts`, 2, 20),
	object(`a/${sidOf(1)}_class.m3u8`, 2, 3),
	object(`a/${sidOf(1)}_class.session.json`, 30, 400),
	object(`a/bak0_${sidOf(1)}_class_${utcStamp(START + 5 * MINUTE)}.ts`, 6, 30),
	object(`a/bak0_${sidOf(1)}_class.m3u8`, 7, 4),
	object(`b/${sidOf(1)}_class_0.mp4`, 9, 5),
	object('a/readme.txt', 60, 1000),
	object(`a/${sidOf(1)}_notes.txt`, 60, 1000),
];

function collected(pages: StoredObject[][], keepSegments = false) {
	const sessions = new Map<string, SessionFiles>();
	const unrecognized = pages.map((page) => collectSessions(sessions, page, keepSegments));
	return { sessions, unrecognized: unrecognized.reduce((sum, n) => sum + n, 0) };
}

const keys = (objects: StoredObject[]) => objects.map(({ key }) => key).sort();

describe('collectSessions', () => {
	it('groups a listing by folder and sid, and counts unrecognized files', () => {
		const { sessions, unrecognized } = collected([LISTED]);
		expect(unrecognized).toBe(1);
		expect([...sessions.keys()]).toEqual([`a/${sidOf(1)}`, `b/${sidOf(1)}`]);
		expect(sessions.get(`a/${sidOf(1)}`)).toMatchObject({
			sid: sidOf(1),
			folder: 'a/',
			channel: 'class',
			segments: [],
			segmentCount: 3,
			sizeBytes: 67,
			firstSegment: START,
			firstChange: START + MINUTE,
			lastChange: START + 7 * MINUTE,
			record: { key: `a/${sidOf(1)}_class.session.json` },
		});
		expect(keys(sessions.get(`a/${sidOf(1)}`)!.files)).toEqual([
			`a/bak0_${sidOf(1)}_class.m3u8`,
			`a/${sidOf(1)}_class.m3u8`,
		]);
	});

	it('keeps segments if requested', () => {
		const { sessions } = collected([LISTED], true);
		const { segments, segmentCount } = sessions.get(`a/${sidOf(1)}`)!;
		expect(segments).toHaveLength(3);
		expect(segmentCount).toBe(3);
	});

	it('has the same result for any order and pages', () => {
		const normal = ({ sessions, unrecognized }: ReturnType<typeof collected>) => ({
			unrecognized,
			sessions: [...sessions]
				.map(
					([id, session]) =>
						[
							id,
							{
								channel: session.channel,
								files: keys(session.files),
								otherFiles: keys(session.otherFiles),
								sizeBytes: session.sizeBytes,
								segmentCount: session.segmentCount,
								firstSegment: session.firstSegment,
								firstChange: session.firstChange,
								lastChange: session.lastChange,
								record: session.record?.key,
							},
						] as const,
				)
				.sort(([a], [b]) => (a < b ? -1 : 1)),
		});
		const expected = normal(collected([LISTED]));
		const random = randomSource(3);
		for (let i = 0; i < 100; i++) {
			const rest = [...LISTED];
			const pages: StoredObject[][] = [[], [], []];
			while (rest.length > 0) {
				random.pick(pages).push(...rest.splice(random.integer(0, rest.length - 1), 1));
			}
			expect(normal(collected(pages))).toEqual(expected);
		}
	});
});

describe('sessionKeyOf', () => {
	const upper = sidOf(1).toUpperCase();
	it.each([
		[`${sidOf(1)}_`, '', sidOf(1)],
		[`a/b_c/${sidOf(1)}_`, 'a/b_c/', sidOf(1)],
		[`a\nb/${sidOf(1)}_`, 'a\nb/', sidOf(1)],
		[`bak0_${sidOf(1)}_`, '', sidOf(1)],
		[`a/bak12_${upper}_`, 'a/', upper],
	])('finds the session of %s, folded or with the rest of a name', (prefix, folder, sid) => {
		expect(sessionKeyOf(prefix)).toEqual({ prefix, folder, sid });
		expect(sessionKeyOf(`${prefix}class_0.mp4`)).toEqual({ prefix, folder, sid });
	});

	it.each([
		'',
		sidOf(1),
		`x${sidOf(1)}_`,
		`a/x_${sidOf(1)}_`,
		`bak_${sidOf(1)}_`,
		`bak0${sidOf(1)}_`,
		`bakx_${sidOf(1)}_`,
		`${sidOf(1)}_x/y`,
		`${sidOf(1).slice(1)}_`,
		`g${sidOf(1).slice(1)}_`,
		'match_',
	])('returns null for "%s"', (name) => {
		expect(sessionKeyOf(name)).toBeNull();
	});
});

describe('the channel of a session', () => {
	/** By how reliable they are, each with its own channel name. */
	const names = [
		`segment_${utcStamp(START)}.ts`,
		'playlist.m3u8',
		'record.session.json',
		`screenshot_${utcStamp(START)}.jpg`,
		'video_0.mp4',
		'thumbnail.jpg',
		'other.txt',
	];

	it('is from the most reliable file, in any order', () => {
		for (let first = 0; first < names.length; first++) {
			const listed = names.slice(first).map((name) => object(`${sidOf(1)}_${name}`, 0));
			for (const objects of [listed, listed.toReversed()]) {
				const { channel } = collected([objects]).sessions.get(sidOf(1))!;
				expect(names[first]).toMatch(new RegExp(`^${channel}\\b|^${channel}_`));
			}
		}
	});

	it('is from the first of several equally reliable files', () => {
		const listed = ['a_0.mp4', 'b_0.mp3'].map((name) => object(`${sidOf(1)}_${name}`, 0));
		expect(collected([listed]).sessions.get(sidOf(1))!.channel).toBe('a');
		expect(collected([listed.toReversed()]).sessions.get(sidOf(1))!.channel).toBe('b');
	});
});

describe('a session', () => {
	const sessionWith = (...names: string[]) =>
		collected([names.map((name, i) => object(`a/${sidOf(1)}_${name}`, i))]).sessions.get(
			`a/${sidOf(1)}`,
		)!;

	it.each([
		[true, 'a session record', 'class.session.json'],
		[true, 'a segment', `class_${utcStamp(START)}.ts`],
		[true, 'a playlist', 'class.m3u8'],
		[true, 'a video', 'class_0.mp4'],
		[false, 'only a file of another tool', 'class.vtt'],
	])('isSession is %s with %s', (expected, _, name) => {
		expect(sessionWith(name).isSession).toBe(expected);
	});

	it('has null for times without files, and the sizes of segments and files without the record', () => {
		expect(sessionWith('class.session.json', 'notes.txt')).toMatchObject({
			firstChange: null,
			lastChange: null,
			firstSegment: null,
			sizeBytes: 0,
			segmentCount: 0,
		});
	});

	it('has the earliest time of segments and screenshots, in any order', () => {
		const at = (minutes: number) => utcStamp(START + minutes * MINUTE);
		const session = sessionWith(
			`class_${at(4)}.ts`,
			`class_${at(5)}.ts`,
			`class_${at(2)}.ts`,
			`class_${at(3)}.ts`,
			`class_${at(1)}.jpg`,
		);
		expect(session.firstSegment).toBe(START + MINUTE);
		expect(session.segmentCount).toBe(4);
	});

	it('counts a file as a segment only if it is one, also between segments', () => {
		const stamp = utcStamp(START);
		const session = sessionWith(
			`class_${stamp}.ts`,
			`class_${stamp.slice(0, -2)}.m3u8`,
			`class_${stamp.slice(0, -1)}x.ts`,
			`class_${stamp.slice(0, -2)}1.jpeg`,
		);
		expect(session.segmentCount).toBe(2);
		expect(session.allFiles.map(({ filename }) => filename.slice(-5))).toEqual(['.m3u8', '.jpeg']);
	});

	it('has only its own segments if those of sessions alternate', () => {
		const stamps = [0, 1, 2].map((n) => utcStamp(START + n * MINUTE));
		const listed = stamps.flatMap((stamp) =>
			[1, 2].map((n) => object(`${sidOf(n)}_class_${stamp}.ts`, 0)),
		);
		const { sessions } = collected([listed]);
		expect([...sessions.values()].map(({ segmentCount }) => segmentCount)).toEqual([3, 3]);
	});

	it('has playlists with another channel name, but videos only with its own', () => {
		const { files, otherFiles } = sessionWith(
			`class_${utcStamp(START)}.ts`,
			'other.m3u8',
			'other_0.mp4',
			'class_0.mp4',
		);
		expect(files.map(({ filename }) => filename.slice(33))).toEqual(['other.m3u8', 'class_0.mp4']);
		expect(otherFiles.map(({ filename }) => filename.slice(33))).toEqual(['other_0.mp4']);
	});
});

describe('groupBy', () => {
	it('keeps the order of groups and values', () => {
		const groups = groupBy([3, 1, 4, 1, 5], (n) => n % 2);
		expect([...groups]).toEqual([
			[1, [3, 1, 1, 5]],
			[0, [4]],
		]);
	});
});

describe('startOf', () => {
	it.each([
		['the first segment', LISTED.slice(0, 6), START],
		['the session record, without segments', LISTED.slice(2, 4), START + 30 * MINUTE],
		['the first file, without segments and record', LISTED.slice(2, 3), START + 2 * MINUTE],
		['the first file of another tool, without others', LISTED.slice(8), START + 60 * MINUTE],
	])('is %s', (_, listed, expected) => {
		expect(startOf(collected([listed]).sessions.get(`a/${sidOf(1)}`)!)).toBe(expected);
	});
});
