import { Fault } from '../http/errors';
import { byRecorderAndName, downloadOf, type Download } from './download';
import type { LoadedSession } from './loadSession';
import type { RecordedFile } from './recording';
import { wholeRecording } from './wholeRecording';

type FirstFileKind = Exclude<RecordedFile['kind'], 'segment' | 'other'>;

/**
 * The first file of a kind: of the first recorder, and with the lowest number.
 *
 * @throws Fault when there is none
 */
export function firstFile(loaded: LoadedSession, kind: FirstFileKind): Download {
	const { session } = loaded;
	const ofKind = session.files.filter(({ name }) => name.kind === kind);
	const [first] = ofKind.sort(byRecorderAndName);
	if (first !== undefined) return downloadOf(first);
	const kinds = [...new Set(session.allFiles.map(({ name }) => name.kind))].sort();
	const available = [...kinds, ...(session.segmentCount > 0 ? ['segment'] : [])].join(', ');
	const isPlayable = kind === 'video' || kind === 'audio';
	const canMerge = isPlayable && session.segmentCount > 0 && !kinds.includes('video');
	const advice =
		canMerge && wholeRecording(loaded).downloads.length > 0
			? ' To download its segments, set What to Download to Whole Recording.'
			: '';
	const files = available === '' ? 'It has no files.' : `Its files are of type ${available}.`;
	throw new Fault(`Recording ${session.sid} has no ${kind} file`, {
		description: `${files}${advice}`,
		httpCode: '404',
	});
}

/**
 * @param filename a filename or key from `file_list`; the case of the sid in it does not matter
 * @throws Fault when the recording has no such file
 */
export function namedFile({ session }: LoadedSession, filename: string): Download {
	const objects = [...session.allFiles, ...session.segments];
	const find = (normalize: (name: string) => string) =>
		objects.find((object) =>
			[object.key, object.filename].some((name) => normalize(name) === normalize(filename)),
		);
	const found = find((name) => name) ?? find(withLowerCaseSids);
	if (found !== undefined) return downloadOf(found);
	throw new Fault(`Recording ${session.sid} has no file "${filename.slice(0, 200)}"`, {
		description:
			'Use a filename or key from file_list. Get lists segments too if Include Segments is on.',
		httpCode: '404',
	});
}

function withLowerCaseSids(name: string): string {
	return name.replace(/[\da-f]{32}/gi, (sid) => sid.toLowerCase());
}
