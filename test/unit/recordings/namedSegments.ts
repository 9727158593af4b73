import { listSession } from '../../../nodes/Agora/recordings/listFiles';
import { loadSession, type LoadedSession } from '../../../nodes/Agora/recordings/loadSession';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { sidOf } from '../recordedSession';

export const SID = sidOf(1);
const AT = Date.UTC(2026, 10, 23, 9);

/**
 * A bucket with these files, given by the rest of their names, and with everything that their playlists name.
 *
 * @param missing rests of names, as playlists write them, that are not in the bucket
 */
export function bucketWith(files: Record<string, string>, missing: string[] = []) {
	const bucket = memoryBucket({ now: AT, prefix: 'class/' });
	const keyOf = (name: string) => {
		const [, takeover = '', rest] = /^(bak\d+_)?(?:SID_)?(.*)$/.exec(name)!;
		return `class/${takeover}${SID}_${rest!}`;
	};
	for (const text of Object.values(files)) {
		const names = text.match(/(?<=^|")(?:bak\d+_)?SID_[^"\n]+/gm) ?? [];
		for (const name of names.filter((each) => !missing.includes(each.replace('SID_', ''))))
			bucket.add(keyOf(decodeURIComponent(name)), AT, 'slice');
	}
	for (const [name, body] of Object.entries(files))
		bucket.add(keyOf(name), AT, body.replaceAll('SID', SID));
	return bucket;
}

/** What is known of the only session in a bucket. */
export async function readFrom(bucket: MemoryBucket): Promise<LoadedSession> {
	const opened = await listSession(bucket, ['class/'], true);
	return (await loadSession(bucket, opened!.session, AT))!;
}

/** A finished playlist of slices and tags; `SID` is replaced by the sid. */
export const list = (...lines: string[]) =>
	[
		'#EXTM3U',
		...lines.flatMap((line) => (line[0] === '#' ? [line] : ['#EXTINF:15', line])),
		'#EXT-X-ENDLIST',
	].join('\n');

/** @returns the rest of a key's name, as `bucketWith` takes it */
export const nameInBucket = (key: string) => key.replace('class/', '').replace(`${SID}_`, '');
