import { listSession } from '../../../nodes/Agora/recordings/listFiles';
import { loadSession, loadSessions } from '../../../nodes/Agora/recordings/loadSession';
import { collectSessions, type SessionFiles } from '../../../nodes/Agora/recordings/sessionFiles';
import { memoryBucket } from '../memoryBucket';
import { addComposite, MINUTE, sidOf } from '../recordedSession';

const SID = sidOf(1);
const START = Date.UTC(2026, 10, 23, 9);

describe('loadSession', () => {
	it('returns null if the playlists were deleted after the listing', async () => {
		const bucket = memoryBucket({ now: START + 2 * MINUTE });
		addComposite(bucket, { folder: 'a/', sid: SID, start: START });
		const opened = await listSession(bucket, ['a/'], false);
		bucket.remove(`a/${SID}_class-7b.m3u8`);
		expect(await loadSession(bucket, opened!.session, bucket.now)).toBeNull();
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

	it('loads a session with more playlists than that alone', async () => {
		expect(await mostInFlight(34, 4)).toBe(35);
	});
});
