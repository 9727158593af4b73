import {
	channelInNames,
	isSameChannel,
	readName,
	safeFileName,
} from '../../../nodes/Agora/recordings/fileName';
import { randomSource } from '../randomSource';

const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';
const STAMP = '20190611073246073';
const STAMPED = Date.UTC(2019, 5, 11, 7, 32, 46, 73);
const OF_USER = `${SID}_class-7b__uid_s_1001__uid_e`;

describe('readName', () => {
	it.each([
		['composite playlist', `${SID}_class-7b.m3u8`, { kind: 'playlist' }],
		['composite slice', `${SID}_class-7b_${STAMP}.ts`, { kind: 'segment', startedAt: STAMPED }],
		['composite MP4', `${SID}_class-7b_0.mp4`, { kind: 'video' }],
		['a later MP4', `${SID}_class-7b_12.mp4`, { kind: 'video' }],
		[
			'web slice, Unix milliseconds',
			`${SID}_class-7b_1606357122528.ts`,
			{ kind: 'segment', startedAt: 1606357122528 },
		],
		[
			'slice of a channel that ends in many digits',
			`${SID}_c25081814368505348_${STAMP}.ts`,
			{ kind: 'segment', channel: 'c25081814368505348', startedAt: STAMPED },
		],
		[
			'web slice of a channel that looks like a time',
			`${SID}_room-1606357122528_1606357999999.ts`,
			{ kind: 'segment', channel: 'room-1606357122528', startedAt: 1606357999999 },
		],
		['individual v1 playlist', `${OF_USER}_audio.m3u8`, { kind: 'playlist', uid: '1001' }],
		['individual v1 DASH manifest', `${OF_USER}_video.mpd`, { kind: 'playlist', uid: '1001' }],
		[
			'individual v1 slice',
			`${OF_USER}_audio_${STAMP}.ts`,
			{ kind: 'segment', uid: '1001', startedAt: STAMPED },
		],
		[
			'individual v1 WebM slice',
			`${OF_USER}_video_${STAMP}.webm`,
			{ kind: 'segment', uid: '1001', startedAt: STAMPED },
		],
		['raw playlist', `${OF_USER}_h264.m3u8`, { kind: 'playlist', uid: '1001' }],
		['raw DASH manifest', `${OF_USER}_vp8.mpd`, { kind: 'playlist', uid: '1001' }],
		[
			'raw slice',
			`${OF_USER}_${STAMP}_h264.ts`,
			{ kind: 'segment', uid: '1001', startedAt: STAMPED },
		],
		[
			'raw slice, Unix milliseconds',
			`${OF_USER}_1606357122528_h264.ts`,
			{ kind: 'segment', uid: '1001', startedAt: 1606357122528 },
		],
		[
			'raw slice of a channel that looks like a time',
			`${SID}_c-20180611073246073__uid_s_1001__uid_e_${STAMP}_h264.ts`,
			{ kind: 'segment', uid: '1001', channel: 'c-20180611073246073', startedAt: STAMPED },
		],
		['raw DASH slice', `${OF_USER}_0_17_vp9.webm`, { kind: 'segment', uid: '1001' }],
		['raw MP4', `${OF_USER}_0_h264.mp4`, { kind: 'video', uid: '1001' }],
		[
			'individual v1 screenshot',
			`${OF_USER}_video_${STAMP}.jpg`,
			{ kind: 'image', uid: '1001', startedAt: STAMPED },
		],
		[
			'raw screenshot',
			`${OF_USER}_${STAMP}.jpg`,
			{ kind: 'image', uid: '1001', startedAt: STAMPED },
		],
		['postponed transcoding', `${OF_USER}_0.mp4`, { kind: 'video', uid: '1001' }],
		['mixed audio, MP3', `${SID}_class-7b_0.mp3`, { kind: 'audio' }],
		['mixed audio, M4A', `${SID}_class-7b_0.m4a`, { kind: 'audio' }],
		['mixed audio, AAC', `${SID}_class-7b_0.aac`, { kind: 'audio' }],
		['re-uploaded playlist', `${SID}_class-7b_1606357122528_3.m3u8`, { kind: 'playlist' }],
		[
			're-uploaded playlist of a user',
			`${OF_USER}_audio_1606357122528_3.m3u8`,
			{ kind: 'playlist', uid: '1001' },
		],
		['file of a second recorder', `bak0_${SID}_class-7b.m3u8`, { kind: 'playlist', takeover: 0 }],
		[
			'file of an eleventh recorder',
			`bak10_${OF_USER}_${STAMP}_h264.ts`,
			{ kind: 'segment', uid: '1001', takeover: 10, startedAt: STAMPED },
		],
		['session record', `${SID}_class-7b.session.json`, { kind: 'sessionRecord' }],
		[
			'session record of a channel that ends in a number',
			`${SID}_room_12.session.json`,
			{ kind: 'sessionRecord', channel: 'room_12' },
		],
		[
			'playlist of a channel that contains the second mark of a user',
			`${SID}_class-7b__uid_e_av.m3u8`,
			{ kind: 'playlist', channel: 'class-7b__uid_e_av' },
		],
		[
			'playlist of a user in such a channel',
			`${SID}_a__uid_e_b__uid_s_1001__uid_e_av.m3u8`,
			{ kind: 'playlist', channel: 'a__uid_e_b', uid: '1001' },
		],
		[
			'playlist of a user without a channel',
			`${SID}___uid_s_1001__uid_e_av.m3u8`,
			{ kind: 'playlist', channel: '', uid: '1001' },
		],
	])('parses the name of a %s', (_, name, expected) => {
		for (const folder of ['', 'recordings/', 'a/b_c/20261123/']) {
			expect(readName(`${folder}${name}`)).toMatchObject({
				folder,
				sid: SID,
				channel: 'class-7b',
				uid: null,
				takeover: -1,
				startedAt: null,
				...expected,
			});
		}
	});

	it('contains the channel, for any channel name', () => {
		const random = randomSource(11);
		const rtc = 'abyzABYZ0189 !#$%&()+-:;<=.>?@[]^_{|}~,';
		const tails = [
			'.m3u8',
			'_0.mp4',
			`_${STAMP}.ts`,
			'__uid_s_7__uid_e_audio.m3u8',
			'.session.json',
		];
		for (let i = 0; i < 2000; i++) {
			const channel = channelInNames(random.text(rtc, random.integer(1, 64)));
			const name = `${SID}_${channel}${random.pick(tails)}`;
			expect([name, readName(name)?.channel]).toEqual([name, channel]);
		}
	});

	it.each([
		'class.txt',
		'class.constructor',
		'class.m3u8.part',
		'class.vtt',
		'class.json',
		'class_0.mov',
	])('returns kind "other" for <sid>_%s', (name) => {
		expect(readName(`${SID}_${name}`)).toMatchObject({ sid: SID, kind: 'other' });
	});

	it.each([
		'',
		'readme.txt',
		SID,
		`${SID}_class`,
		`${SID}_.m3u8`,
		`${SID}_class.ts/`,
		`${SID.slice(1)}_class.ts`,
		`0${SID}_class.ts`,
		`${SID}-class.ts`,
		`bak_${SID}_class.ts`,
		`copy_${SID}_class.ts`,
		`g${SID.slice(1)}_class.ts`,
		'test_p1627613634_www.m3u8',
	])('returns null for "%s"', (name) => {
		expect(readName(name)).toBeNull();
		expect(readName(`recordings/${name}`)).toBeNull();
	});

	it.each([
		['of the first and the second recorder', '', 'bak0_', true, 'class', 'class'],
		['an unfinished one and its re-upload', '', '', true, 'class', 'class_1606357122528_3'],
		['the tenth re-upload', '', '', true, 'class', 'class_1606357122528_10'],
		[
			'users of channels that differ in numbers',
			'',
			'',
			false,
			'room_1_2__uid_s_1__uid_e_av',
			'room_1_3__uid_s_1__uid_e_av',
		],
		[
			'audio and video of a user',
			'',
			'',
			false,
			'class__uid_s_1__uid_e_audio',
			'class__uid_s_1__uid_e_video',
		],
		['two users', '', '', false, 'class__uid_s_1__uid_e_h264', 'class__uid_s_2__uid_e_h264'],
	])('has the same track for playlists of one track: %s', (_, markA, markB, same, a, b) => {
		const trackA = readName(`${markA}${SID}_${a}.m3u8`)!.track;
		const trackB = readName(`${markB}${SID}_${b}.m3u8`)!.track;
		expect(trackA === trackB).toBe(same);
	});
});

describe('a hostile name', () => {
	it.each([`../${SID}_a.mp4`, `a/./${SID}_a.mp4`, `a/../${SID}_a.mp4`, `${SID}_\uD800.mp4`])(
		'is not recognized if a URL cannot contain it: %j',
		(key) => {
			expect(readName(key)).toBeNull();
		},
	);

	it.each([`..a/${SID}_a.mp4`, `.../${SID}_a.mp4`, `a../${SID}_....mp4`, `${SID}_😀.mp4`])(
		'is recognized if a URL can contain it: %j',
		(key) => {
			expect(readName(key)).toMatchObject({ sid: SID, kind: 'video' });
		},
	);

	it('is parsed in linear time, with any number of user marks', () => {
		const started = performance.now();
		expect(readName(`${SID}_${'__uid_s_'.repeat(50_000)}.ts`)).toMatchObject({ uid: null });
		expect(performance.now() - started).toBeLessThan(500);
	});

	it('has at most nine digits for the recorder', () => {
		expect(readName(`bak${'9'.repeat(400)}_${SID}_a.mp4`)).toBeNull();
	});
});

describe('channelInNames', () => {
	it('replaces each special character with a hyphen', () => {
		const replaced = '!@#$%^&*()+_.=[]{}~|,;:?<>';
		expect(channelInNames(replaced)).toBe('-'.repeat(replaced.length));
	});

	it('keeps letters, digits, hyphens and spaces', () => {
		expect(channelInNames('Class 7-b')).toBe('Class 7-b');
	});
});

describe('isSameChannel', () => {
	it.each([
		['class_7b', 'class_7b', true],
		['class_7b', 'class-7b', true],
		['class.7b', 'class_7b', true],
		['class_7b', 'class7b', false],
		['Class', 'class', false],
	])('%s and %s: %s', (a, b, expected) => {
		expect(isSameChannel(a, b)).toBe(expected);
		expect(isSameChannel(b, a)).toBe(expected);
	});
});

describe('safeFileName', () => {
	it.each([
		['class-7b', 'class-7b_0.ts'],
		['a/b\\c:d*e?f"g<h>i|j', 'a-b-c-d-e-f-g-h-i-j_0.ts'],
		['a\0b\r\nc\u007F', 'a-b--c-_0.ts'],
		['gpj.\u202Eexe', 'gpj.-exe_0.ts'],
		['\uD800', '-_0.ts'],
		['..', '_0.ts'],
		[' . x', 'x_0.ts'],
		['', '_0.ts'],
		['CON', 'CON_0.ts'],
		['con.x', '_con.x_0.ts'],
		['Falcon.x', 'Falcon.x_0.ts'],
		['conin$.x', '_conin$.x_0.ts'],
		['Lpt1 .x', '_Lpt1 .x_0.ts'],
		['COM²', 'COM²_0.ts'],
		['שלום😀', 'שלום😀_0.ts'],
	])('makes "%s" %s', (label, name) => {
		expect(safeFileName(label, '_0.ts')).toBe(name);
	});

	it.each([
		['', '', '_'],
		['..', '.mp4', '_.mp4'],
		['NUL', '.mp4', '_NUL.mp4'],
		['aux', '', '_aux'],
	])('is never empty, hidden or a device: "%s" with "%s"', (label, ending, name) => {
		expect(safeFileName(label, ending)).toBe(name);
	});

	it('keeps a replacement character that is part of the name', () => {
		const long = 'a'.repeat(197);
		for (const name of ['a\uFFFD', 'a\uFFFDb', `${long}\uFFFD`]) {
			expect(safeFileName(name, '.mp4')).toBe(`${name}.mp4`);
		}
		expect(safeFileName(`\uFFFD${long}bcd`, '.mp4')).toBe(`\uFFFD${long}.mp4`);
	});

	it('has at most 200 bytes before the ending', () => {
		expect(safeFileName('a'.repeat(200), '.mp4')).toBe(`${'a'.repeat(200)}.mp4`);
		expect(safeFileName('a'.repeat(201), '.mp4')).toBe(`${'a'.repeat(200)}.mp4`);
		for (let n = 196; n < 200; n++) {
			expect(safeFileName(`${'a'.repeat(n)}😀b`, '')).toBe(
				`${'a'.repeat(n)}${n > 196 ? '' : '😀'}`,
			);
		}
	});

	it('is shortened before the ending, between characters', () => {
		expect(safeFileName('é'.repeat(300), '_0.mp4')).toBe(`${'é'.repeat(100)}_0.mp4`);
		expect(safeFileName(`a${'é'.repeat(300)}`, '_0.mp4')).toBe(`a${'é'.repeat(99)}_0.mp4`);
	});
});
