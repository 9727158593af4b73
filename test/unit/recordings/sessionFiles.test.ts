import {
	collectSessions,
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
	const foreign = pages.map((page) => collectSessions(sessions, page, keepSegments));
	return { sessions, foreign: foreign.reduce((sum, n) => sum + n, 0) };
}

const keys = (objects: StoredObject[]) => objects.map(({ key }) => key).sort();

describe('collectSessions', () => {
	it('groups a listing by folder and sid, and counts unrecognized files', () => {
		const { sessions, foreign } = collected([LISTED]);
		expect(foreign).toBe(1);
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
		const normal = ({ sessions, foreign }: ReturnType<typeof collected>) => ({
			foreign,
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

describe('startOf', () => {
	it.each([
		['the first segment', LISTED.slice(0, 6), START],
		['the session record, without segments', LISTED.slice(2, 4), START + 30 * MINUTE],
		['the first file, without segments and record', LISTED.slice(2, 3), START + 2 * MINUTE],
	])('is %s', (_, listed, expected) => {
		expect(startOf(collected([listed]).sessions.get(`a/${sidOf(1)}`)!)).toBe(expected);
	});
});
