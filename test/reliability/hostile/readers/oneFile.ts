import { loadSource } from '../../source.ts';

/** When everything in the bucket changed last. */
const CHANGED = Date.UTC(2026, 10, 23);

/**
 * @returns what Download decides by, and a function that makes the object at a key, and the session of it and the
 *   files beside it
 */
export async function oneFileDownloads() {
	const { firstFile } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/singleFile')>(
			'recordings/singleFile',
		);
	const { wholeRecording } = await loadSource<
		typeof import('../../../../nodes/Agora/recordings/wholeRecording')
	>('recordings/wholeRecording');
	const { RecordedObject, SessionFiles } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/sessionFiles')>(
			'recordings/sessionFiles',
		);
	const sessionOf = (key: string, beside: string[] = []) => {
		const object = new RecordedObject(key, 1, CHANGED);
		const session = new SessionFiles(object.name);
		for (const each of [key, ...beside]) {
			const added = new RecordedObject(each, 1, CHANGED);
			// Other names than Agora's are in no session.
			if (added.name !== null) session.add(added, added.name, true);
		}
		return { object, session };
	};
	return { firstFile, wholeRecording, sessionOf };
}
