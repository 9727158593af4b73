import { listSession } from '../../../nodes/Agora/recordings/listFiles';
import { loadSession, type LoadedSession } from '../../../nodes/Agora/recordings/loadSession';
import { memoryBucket, type MemoryBucket } from '../memoryBucket';
import { sidOf } from '../recordedSession';

export const SID = sidOf(1);
const AT = Date.UTC(2026, 10, 23, 9);

/**
 * A bucket with these files and everything that their playlists name. Names are without folder and sid.
 *
 * @param missing names in playlists that are not in the bucket
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

/** Loads the only session in a bucket. */
export async function readFrom(bucket: MemoryBucket): Promise<LoadedSession> {
	const opened = await listSession(bucket, ['class/'], true);
	return (await loadSession(bucket, opened!.session, AT))!;
}

/** A finished playlist of segments and tags; `SID` is replaced with the sid. */
export const list = (...lines: string[]) =>
	[
		'#EXTM3U',
		...lines.flatMap((line) => (line[0] === '#' ? [line] : ['#EXTINF:15', line])),
		'#EXT-X-ENDLIST',
	].join('\n');

/** @returns a name as for `bucketWith` */
export const nameInBucket = (key: string) => key.replace('class/', '').replace(`${SID}_`, '');
