import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sanitizeFilename } from 'n8n-workflow';
import { firstFile, namedFile } from '../../../nodes/Agora/recordings/singleFile';
import { wholeRecording } from '../../../nodes/Agora/recordings/wholeRecording';
import { readName } from '../../../nodes/Agora/recordings/fileName';
import { problemWithFileName } from './fileSystemName';
import { describeReader, hostileText, OTHER_SID, SID } from './hostileInput';
import { loadedSessionOf } from './session';

const KINDS = ['playlist', 'video', 'audio', 'image', 'segment', 'sessionRecord', 'other'];
const ENDINGS = ['m3u8', 'mpd', 'mp4', 'mp3', 'm4a', 'jpg', 'png', 'ts', 'webm', 'm4s', 'aac'];

/** Keys as Agora and Start write them. */
const validKeys = fc
	.record({
		folder: fc.constantFrom('', 'class/', 'a/b/20261123/', '20261123/', 'x y/é/'),
		takeover: fc.constantFrom('', '', '', 'bak0_', 'bak12_'),
		sid: fc.constantFrom(SID, SID, OTHER_SID, SID.toUpperCase()),
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
const TOKENS = [
	...[SID, SID.toUpperCase(), '_', '__uid_s_', '__uid_e_', 'bak0_', 'bak', '.', '.mp4', '.m3u8'],
	...['.session.json', '_0', '20261123101530123', '00000000000000000', '99999999999999999'],
];

describeReader('File names', {
	input: hostileText(validKeys, TOKENS),
	read(key) {
		const name = readName(key);
		if (name === null) return false;
		const { folder, sid, channel, kind, uid, takeover, startedAt, track } = name;
		assert(key.startsWith(folder) && /^(?:[^]*\/)?$/.test(folder));
		assert(!folder.split('/').some((part) => part === '..' || part === '.'));
		const file = key.slice(folder.length);
		assert(!file.includes('/'));
		assert.match(sid, /^[0-9a-f]{32}$/i);
		assert(Number.isSafeInteger(takeover) && takeover >= -1);
		assert(KINDS.includes(kind));
		assert(startedAt === null || !Number.isNaN(new Date(startedAt).getTime()));
		// The parts, joined again, are the beginning of the name; numbers and the ending follow.
		const mark = takeover < 0 ? '' : (/^bak\d+_/i.exec(file)?.[0] ?? 'none');
		assert(takeover < 0 || Number(mark.slice(3, -1)) === takeover);
		const start = `${mark}${sid}_${track}`;
		assert(file.startsWith(start));
		assert.match(file.slice(start.length), /^(?:_\d+){0,2}\.(?:session\.json|[0-9a-z]+)$/i);
		if (uid === null) assert.equal(channel, track);
		else assert(file.includes(`${channel}__uid_s_${uid}__uid_e_`));
		return true;
	},
	long: {
		'a channel': (n) => `${SID}_${'a'.repeat(n)}.mp4`,
		'dots before no extension': (n) => `${SID}_${'.a'.repeat(n / 2)}!`,
		'user marks without an end': (n) => `${SID}_${'__uid_s_'.repeat(n / 8)}.ts`,
		'user marks in pairs': (n) => `${SID}_${'__uid_s___uid_e_'.repeat(n / 16)}.ts`,
		numbers: (n) => `${SID}_${'_1'.repeat(n / 2)}x.m3u8`,
		'one number': (n) => `${SID}_a_${'1'.repeat(n)}.ts`,
		'the number of a recorder': (n) => `bak${'1'.repeat(n)}_${SID}_a.ts`,
		folders: (n) => `${'a/'.repeat(n / 2)}${SID}_a.ts`,
		'dots as folders': (n) => `${'./'.repeat(n / 2)}${SID}_a.ts`,
	},
});

const DEVICES = ['CON', 'nul.', 'COM1.x', 'LPT¹ ', '\u202E', '\u2066', 'é'.repeat(200), ' ', '.'];
const labels = hostileText(fc.constantFrom('class-7b', ...DEVICES), [...DEVICES, ...TOKENS]);

describeReader('Names of downloaded files', {
	input: fc.oneof(
		{ weight: 2, arbitrary: labels.map((label) => `class/${SID}_${label}_0.mp4`) },
		{ weight: 1, arbitrary: hostileText(validKeys, TOKENS) },
	),
	read(key) {
		const kind = readName(key)?.kind;
		if (kind === undefined || kind === 'segment' || kind === 'sessionRecord') return false;
		const session = loadedSessionOf([key]);
		const single = kind === 'other' ? namedFile(session, key) : firstFile(session, kind);
		for (const { filename } of [single, ...wholeRecording(session).downloads]) {
			assert.equal(problemWithFileName(filename), null);
			assert.equal(sanitizeFilename(filename), filename);
			assert.match(filename, /\.[0-9a-z]+$/i);
		}
		return true;
	},
	long: {
		'a channel': (n) => `class/${SID}_${'é'.repeat(n / 2)}_0.mp4`,
		'characters that no file name may contain': (n) => `class/${SID}_${':'.repeat(n)}_0.mp4`,
		dots: (n) => `class/${SID}_${'.'.repeat(n)}_0.mp4`,
	},
});
