import { loadSource } from '../../source.ts';

/** When everything in the bucket changed last. */
const CHANGED = Date.UTC(2026, 10, 23);

/**
 * @returns what Download decides by, and a function that makes the object at a key, and the session of which it
 *   is the only file
 */
export async function oneFileDownloads() {
	const { firstFile, wholeRecording } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/downloads')>(
			'recordings/downloads',
		);
	const { RecordedObject } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/sessionFiles')>(
			'recordings/sessionFiles',
		);
	const sessionOf = (key: string) => {
		const object = new RecordedObject(key, 1, CHANGED);
		const { sid, folder, channel } = object.name;
		const session = {
			sid,
			folder,
			channel,
			channelAuthority: 0,
			files: [object],
			segments: [],
			segmentCount: 0,
			sizeBytes: 1,
			firstSlice: null,
			firstChange: CHANGED,
			lastChange: CHANGED,
			record: null,
		};
		return { object, session };
	};
	return { firstFile, wholeRecording, sessionOf };
}
