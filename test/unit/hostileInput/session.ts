import type { Playlist } from '../../../nodes/Agora/recordings/playlist';
import type { LoadedSession } from '../../../nodes/Agora/recordings/loadSession';
import { RecordedObject, SessionFiles } from '../../../nodes/Agora/recordings/sessionFiles';

const CHANGED = Date.UTC(2026, 10, 23);

/**
 * @param keys of one session, its playlist first; other names are left out
 * @param playlist what was read from the first key
 */
export function loadedSessionOf(keys: string[], playlist?: Playlist): LoadedSession {
	const objects = keys.map((key) => new RecordedObject(key, 1, CHANGED));
	const session = new SessionFiles(objects[0]!.name);
	for (const object of objects) if (object.name !== null) session.add(object, object.name, true);
	return {
		session,
		record: null,
		playlists: playlist === undefined ? [] : [{ object: objects[0]!, ...playlist }],
		unreadable: [],
		status: 'completed',
		lacksMp4: false,
		idleMs: 0,
	};
}
