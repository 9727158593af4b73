import fc from 'fast-check';
import { loadSource } from '../../source.ts';
import { hold, type Reader } from '../reader.ts';
import { hostileText } from '../text.ts';
import { arbitrarySid, SID } from './sid.ts';

const ENDINGS = ['m3u8', 'mpd', 'mp4', 'mp3', 'm4a', 'jpg', 'png', 'ts', 'webm', 'm4s', 'aac'];
const KINDS = ['playlist', 'video', 'audio', 'image', 'segment', 'sessionRecord', 'other'];

export const folders = fc.constantFrom('', 'class/', 'a/b/20261123/', '20261123/', 'x y/é/');

/** File names as Agora and Start write them. */
export const validNames: fc.Arbitrary<string> = fc
	.record({
		folder: folders,
		takeover: fc.constantFrom('', '', '', 'bak0_', 'bak12_'),
		sid: arbitrarySid,
		channel: fc.constantFrom('class-7b', 'a', 'é漢😀', 'web_page_0', 'CON', 'x.y'),
		user: fc.constantFrom(
			'',
			'',
			'__uid_s_527841__uid_e_video',
			'__uid_s_name__uid_e_audio_20261123101530000',
			'__uid_s_0__uid_e_av',
		),
		numbers: fc.constantFrom('', '', '_0', '_0_1', '_20261123101530123', '_1795428930123'),
		ending: fc.constantFrom(...ENDINGS, 'session.json', 'MP4', 'txt'),
	})
	.map((part) => {
		const { folder, takeover, sid, channel, user, numbers, ending } = part;
		return `${folder}${takeover}${sid}_${channel}${user}${numbers}.${ending}`;
	});

export const NAME_PIECES = [
	SID,
	SID.toUpperCase(),
	'_',
	'__uid_s_',
	'__uid_e_',
	'bak0_',
	'bak',
	'.',
	'.mp4',
	'.m3u8',
	'.session.json',
	'_0',
	'20261123101530123',
	'00000000000000000',
	'99999999999999999',
];

export async function fileNameReader(): Promise<Reader<string>> {
	const { readName } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/fileName')>(
			'recordings/fileName',
		);
	return {
		name: 'File names',
		input: hostileText(validNames, NAME_PIECES),
		lengthOf: (key) => key.length,
		read(key) {
			const name = readName(key);
			if (name === null) return 'refused';
			const { folder, sid, channel, kind, uid, takeover, startedAt, track } = name;
			hold(key.startsWith(folder) && /^(?:[^]*\/)?$/.test(folder), 'its folder is another');
			hold(
				!folder.split('/').some((part) => part === '..' || part === '.'),
				'its folder leads out',
			);
			const file = key.slice(folder.length);
			hold(!file.includes('/'), 'a folder is left in its name');
			hold(/^[0-9a-f]{32}$/i.test(sid), 'its sid is none');
			hold(Number.isSafeInteger(takeover) && takeover >= -1, 'its recorder is no number');
			hold(KINDS.includes(kind), 'its kind is none');
			hold(uid === null || typeof uid === 'string', 'its user is no text');
			hold(
				startedAt === null || !Number.isNaN(new Date(startedAt).getTime()),
				'its start is no time',
			);
			// Printed back, it is the beginning of the same name; what follows are numbers and the ending.
			const mark = takeover < 0 ? '' : (/^bak\d+_/i.exec(file)?.[0] ?? '?');
			hold(takeover < 0 || Number(mark.slice(3, -1)) === takeover, 'its recorder is another');
			const start = `${mark}${sid}_${track}`;
			hold(file.startsWith(start), 'it cannot be printed back');
			hold(
				/^(?:_\d+){0,2}\.(?:session\.json|[0-9a-z]+)$/i.test(file.slice(start.length)),
				'its rest is another',
			);
			hold(
				uid === null ? channel === track : file.includes(`${channel}__uid_s_${uid}__uid_e_`),
				'its channel is another',
			);
			return 'parsed';
		},
		long: {
			'a long channel': (n) => `${SID}_${'a'.repeat(n)}.mp4`,
			'dots without an end': (n) => `${SID}_${'.a'.repeat(n / 2)}!`,
			'marks of users that do not end': (n) => `${SID}_${'__uid_s_'.repeat(n / 8)}.ts`,
			'marks of users in pairs': (n) => `${SID}_${'__uid_s___uid_e_'.repeat(n / 16)}.ts`,
			numbers: (n) => `${SID}_${'_1'.repeat(n / 2)}x.m3u8`,
			'a long number': (n) => `${SID}_a_${'1'.repeat(n)}.ts`,
			'a long number of a recorder': (n) => `bak${'1'.repeat(n)}_${SID}_a.ts`,
			folders: (n) => `${'a/'.repeat(n / 2)}${SID}_a.ts`,
			'dots for folders': (n) => `${'./'.repeat(n / 2)}${SID}_a.ts`,
		},
	};
}
