import { Fault } from '../../../nodes/Agora/http/errors';
import { listSession } from '../../../nodes/Agora/recordings/listFiles';
import {
	hasPlaylist,
	hasVideo,
	loadByPrefixes,
	loadKnownSession,
	loadSession,
	loadSessions,
} from '../../../nodes/Agora/recordings/loadSession';
import { collectSessions, type SessionFiles } from '../../../nodes/Agora/recordings/sessionFiles';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import {
	addComposite,
	HOUR,
	MINUTE,
	playlistText,
	sessionRecordOf,
	sidOf,
} from '../recordedSession';

const SID = sidOf(1);
const START = Date.UTC(2026, 10, 23, 9);

describe('loadSession', () => {
	it('returns null if the playlists were deleted after the listing', async () => {
		const bucket = memoryBucket({ now: START + 2 * MINUTE });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const opened = await listSession(bucket, ['a/'], false);
		bucket.remove(`a/${SID}_class-7b.m3u8`);
		bucket.add(`a/${SID}_class-7b.txt`, START);
		expect(await loadSession(bucket, opened!.session, bucket.now)).toBeNull();
	});

	it('returns a session without playlists', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		bucket.add(`${SID}_class-7b_0.mp4`, START);
		const loaded = await list(bucket);
		expect(loaded).toMatchObject({ playlists: [], unreadable: [], status: 'completed' });
	});

	it('returns a session one of whose playlists was deleted after the listing', async () => {
		const bucket = withUsers(1, 2);
		const { session } = (await listSession(bucket, [`${SID}_`], false))!;
		bucket.remove(playlistOf(1));
		const loaded = await loadSession(bucket, session, bucket.now);
		expect(loaded!.playlists.map(({ object }) => object.key)).toEqual([playlistOf(2)]);
		expect(loaded!.unreadable).toEqual([]);
	});

	it.each([
		['an error page', '<html>Forbidden</html>'],
		['empty', ''],
	])('reports a playlist whose content is %s', async (_, text) => {
		const bucket = withUsers(1, 2);
		bucket.add(playlistOf(1), START, text);
		const loaded = await list(bucket);
		expect(loaded!.unreadable).toEqual([
			{ filename: playlistOf(1), reason: 'The file is not a playlist.' },
		]);
		expect(loaded!.playlists.map(({ object }) => object.key)).toEqual([playlistOf(2)]);
	});

	it('reports a playlist that may not be read, and returns the session also if it is the only one', async () => {
		const bucket = withUsers(1);
		bucket.getText = async () => {
			throw new Fault('The file is archived', { description: 'Restore it.', onlyThisObject: true });
		};
		bucket.now = START + 30 * MINUTE;
		expect(await list(bucket)).toMatchObject({
			status: 'recording',
			playlists: [],
			unreadable: [{ filename: playlistOf(1), reason: 'The file is archived. Restore it.' }],
		});
	});

	it('reports a playlist that the storage lists but does not return', async () => {
		const bucket = withUsers(1, 2);
		const { getText } = bucket;
		bucket.getText = async (key) => (key === playlistOf(1) ? null : await getText(key));
		const loaded = await list(bucket);
		expect(loaded!.unreadable).toEqual([
			{
				filename: playlistOf(1),
				reason: expect.stringMatching(
					/^The storage lists this file, but does not return it\. Check/,
				),
			},
		]);
		expect(bucket.requests.lists.at(-1)).toEqual({ prefix: playlistOf(1).replace('m3u8', '') });
	});

	it.each([
		['an error of the whole bucket', new Fault('The bucket does not exist')],
		['an error that is not a Fault', new TypeError('a bug')],
	])('throws %s', async (_, error) => {
		const bucket = withUsers(1);
		bucket.getText = async () => {
			throw error;
		};
		await expect(list(bucket)).rejects.toBe(error);
	});

	it('does not read a session record that is already loaded', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { sid: SID, start: START, record: {} });
		const { session } = (await listSession(bucket, [`${SID}_`], false))!;
		const known = sessionRecordOf(SID, { cname: 'known' });
		bucket.forgetRequests();
		expect((await loadSession(bucket, session, bucket.now, known))!.record).toBe(known);
		expect(bucket.requests.reads).toEqual([`${SID}_class-7b.m3u8`]);
	});

	it('ignores master playlists', async () => {
		const bucket = withUsers(1);
		const master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n';
		bucket.add(`${SID}_class-7b__uid_s_1__uid_e_av2.m3u8`, START, master);
		const loaded = await list(bucket);
		expect(loaded).toMatchObject({ status: 'completed', unreadable: [] });
		expect(loaded!.playlists.map(({ object }) => object.key)).toEqual([playlistOf(1)]);
	});

	it.each<[string, boolean, string[] | null, boolean | undefined, boolean]>([
		['its record requests none', true, ['hls'], true, false],
		['its record requests one', false, ['hls', 'mp4'], false, true],
		['there is no record, but another MP4', true, null, undefined, true],
		['there is no record and no MP4', false, null, undefined, false],
		['there is no record, but the caller expects one', false, null, true, true],
		['there is no record, and the caller expects none', true, null, false, false],
	])(
		'reports after ten minutes whether an MP4 is missing: %s',
		async (_, hasOld, avFileType, expected, lacks) => {
			const record = avFileType === null ? undefined : { avFileType };
			const bucket = memoryBucket({ now: START });
			const end = addComposite(bucket, { sid: SID, start: START, record });
			if (hasOld) bucket.add(`${SID}_class-7b_0.mp4`, START);
			bucket.now = end + 10 * MINUTE;
			const { session, now } = (await listSession(bucket, [`${SID}_`], false))!;
			const loaded = (await loadSession(bucket, session, now, null, expected))!;
			expect(loaded).toMatchObject({
				status: 'completed',
				lacksMp4: lacks,
				idleMs: 10 * MINUTE,
			});
			const earlier = (await loadSession(bucket, session, now - 1, null, expected))!;
			expect(earlier).toMatchObject({
				status: lacks ? 'recording' : 'completed',
				lacksMp4: false,
			});
		},
	);
});

const playlistOf = (uid: number) => `${SID}_class-7b__uid_s_${uid}__uid_e_av.m3u8`;

/** A bucket with a finished playlist for each user. */
function withUsers(...users: number[]) {
	const bucket = memoryBucket({ now: START + HOUR });
	for (const uid of users) bucket.add(playlistOf(uid), START, playlistText(4, true));
	return bucket;
}

/** Lists and loads the session. */
async function list(bucket: MemoryBucket) {
	return await loadByPrefixes(bucket, [`${SID}_`], false);
}

describe('what a session has', () => {
	it.each([
		['a playlist', 'class-7b.m3u8', true, false],
		['a manifest', 'class-7b.mpd', true, false],
		['an MP4', 'class-7b_0.mp4', false, true],
		['an audio file', 'class-7b_0.mp3', false, false],
	])('%s', async (_, name, playlist, video) => {
		const bucket = memoryBucket();
		bucket.add(`${SID}_${name}`, START);
		bucket.add(`${SID}_class-7b_20261123090000000.jpg`, START);
		const { session } = (await listSession(bucket, [''], false))!;
		expect([hasPlaylist(session), hasVideo(session)]).toEqual([playlist, video]);
	});
});

describe('loadKnownSession', () => {
	const known = { sid: SID, folder: 'a/', record: null };
	const load = async (bucket: MemoryBucket) => await loadKnownSession(bucket, known, true);

	it('combines the files of every recorder if the first one has not finished', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START, ended: false });
		const later = { folder: 'a/', sid: SID, start: START + 2 * MINUTE };
		addComposite(bucket, { ...later, takeover: 'bak0_' });
		const loaded = await load(bucket);
		expect(loaded).toMatchObject({ status: 'completed', session: { segmentCount: 8 } });
		expect(loaded!.session.segments).toHaveLength(8);
	});

	it('sends no request for a second recorder if the first one has finished', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const loaded = await load(bucket);
		expect(loaded!.session.segments).toHaveLength(4);
		expect(bucket.requests.lists).toHaveLength(1);
	});

	it.each([
		['has no playlist', [`${SID}_class-7b_20261123090000000.jpg`]],
		['has a playlist for each user', [playlistOf(1)]],
		['has a playlist for each user and mixed audio', [playlistOf(1), `${SID}_class-7b_0.mp3`]],
		[
			'has an unfinished playlist next to a finished one',
			[`${SID}_class-7b.m3u8`, `${SID}_class-7b_1606357122528_3.m3u8`],
		],
	])('searches for a second recorder if the first one %s', async (_, names) => {
		const bucket = memoryBucket({ now: START + HOUR });
		for (const [i, name] of names.entries()) {
			bucket.add(`a/${name}`, START, playlistText(4, i === 0));
		}
		expect(await load(bucket)).not.toBeNull();
		expect(bucket.requests.lists).toHaveLength(2);
	});

	it('returns null if there are only files of other tools', async () => {
		const bucket = memoryBucket();
		bucket.add(`a/${SID}_notes.txt`, START);
		expect(await load(bucket)).toBeNull();
		expect(await loadByPrefixes(bucket, [`a/${SID}_`], false)).toBeNull();
		expect(await loadByPrefixes(bucket, ['b/'], false)).toBeNull();
	});

	it('returns null if the playlist was deleted after the listing', async () => {
		const bucket = memoryBucket();
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		bucket.getText = async (key) => {
			bucket.remove(key);
			return null;
		};
		expect(await load(bucket)).toBeNull();
	});
});

describe('loadSessions', () => {
	/** Sessions with a session record and a playlist for each of several users. */
	async function mostInFlight(users: number, count: number): Promise<number> {
		const names = Array.from({ length: count }, (_, n) => sidOf(n)).flatMap((sid) => [
			`${sid}_class-7b.session.json`,
			...Array.from({ length: users }, (_, uid) => `${sid}_class-7b__uid_s_${uid}__uid_e_av.m3u8`),
		]);
		const sessions = new Map<string, SessionFiles>();
		collectSessions(
			sessions,
			names.map((key) => ({ key, size: 1, lastModified: START })),
			false,
		);
		const bucket = memoryBucket();
		let [requests, inFlight, most] = [0, 0, 0];
		bucket.getText = async () => {
			requests++;
			most = Math.max(most, ++inFlight);
			await new Promise((resolve) => setImmediate(resolve));
			inFlight--;
			return '#EXTM3U';
		};
		await loadSessions(bucket, [...sessions.values()], START);
		expect(requests).toBe(names.length);
		return most;
	}

	it('has about 32 requests in flight, for any number of playlists', async () => {
		expect(await mostInFlight(1, 100)).toBe(32);
		expect(await mostInFlight(7, 20)).toBe(32);
		expect(await mostInFlight(1, 3)).toBe(6);
	});

	it('leaves out sessions whose playlists were deleted after the listing', async () => {
		const bucket = memoryBucket({ now: START + HOUR });
		const sessions = [];
		for (const n of [1, 2, 3]) {
			addComposite(bucket, { sid: sidOf(n), start: START });
			sessions.push((await listSession(bucket, [`${sidOf(n)}_`], false))!.session);
		}
		bucket.remove(`${sidOf(2)}_class-7b.m3u8`);
		const loaded = await loadSessions(bucket, sessions, bucket.now);
		expect(loaded.map(({ session }) => session.sid)).toEqual([sidOf(1), sidOf(3)]);
	});

	it('loads a session with more playlists than that alone', async () => {
		expect(await mostInFlight(34, 4)).toBe(35);
	});
});
