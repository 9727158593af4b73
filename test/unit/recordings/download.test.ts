import {
	byName,
	byRecorderAndName,
	displayFileName,
	downloadOf,
	extensionOf,
	mimeTypeOf,
	withDistinctNames,
} from '../../../nodes/Agora/recordings/download';
import { RecordedObject, SessionFiles } from '../../../nodes/Agora/recordings/sessionFiles';
import { sidOf } from '../recordedSession';

const SID = sidOf(1);
const AT = Date.UTC(2026, 10, 23, 9, 8, 7, 65);
const objectOf = (name: string) =>
	new RecordedObject(`a/${name.replace(/^(bak\d+_)?/, `$1${SID}_`)}`, 9, AT);

describe('the media type', () => {
	it.each([
		['class.m3u8', 'application/vnd.apple.mpegurl'],
		['class_0.MP4', 'video/mp4'],
		['class_0.ts', 'video/mp2t'],
		['a.b/class_0.aac', 'audio/aac'],
		['class_0.mp3', 'audio/mpeg'],
		['class_0.m4a', 'audio/mp4'],
		['class_1.m4s', 'video/mp4'],
		['class_1.webm', 'video/webm'],
		['class.mpd', 'application/dash+xml'],
		['class_1.jpg', 'image/jpeg'],
		['class_1.jpeg', 'image/jpeg'],
		['class_1.png', 'image/png'],
		['class.vtt', 'application/octet-stream'],
		['class.constructor', 'application/octet-stream'],
	])('of %s is %s', (key, type) => {
		expect(mimeTypeOf(extensionOf(key))).toBe(type);
	});
});

describe('downloadOf', () => {
	it('keeps name and extension, and has the user of the track', () => {
		expect(downloadOf(objectOf('class__uid_s_7__uid_e_0.mp4'))).toEqual({
			filename: `${SID}_class__uid_s_7__uid_e_0.mp4`,
			mimeType: 'video/mp4',
			uid: '7',
			objects: [{ key: `a/${SID}_class__uid_s_7__uid_e_0.mp4`, size: 9 }],
			missing: [],
			part: null,
			note: null,
		});
	});
});

describe('displayFileName', () => {
	it.each([
		['class_0.mp4', 'class_20261123T090807Z.mp4'],
		['bak0_class_0.mp4', 'class_20261123T090807Z.mp4'],
		['class__uid_s_7__uid_e_audio.m3u8', 'class_7_audio_20261123T090807Z.mp4'],
		['class__uid_s_7__uid_e_0.mp4', 'class_7_20261123T090807Z.mp4'],
		['class__uid_s_7__uid_e.m3u8', 'class_7_20261123T090807Z.mp4'],
	])('of %s is %s', (name, expected) => {
		const object = objectOf(name);
		const session = new SessionFiles(object.name);
		session.add(object, object.name, false);
		expect(displayFileName(session, object, '.mp4')).toBe(expected);
	});
});

describe('the order of files', () => {
	it('is by name, with numbers as numbers', () => {
		const names = ['b_1.mp4', 'a_10.mp4', 'a_9.mp4', 'bak0_a_1.mp4'];
		const keys = names
			.map(objectOf)
			.sort(byName)
			.map(({ key }) => key);
		expect(keys).toEqual(
			['bak0_a_1.mp4', 'a_9.mp4', 'a_10.mp4', 'b_1.mp4'].map((name) => objectOf(name).key),
		);
	});

	it('is by recorder, then by name', () => {
		const sorted = ['a_9.mp4', 'a_10.mp4', 'bak2_a_1.mp4', 'bak10_a_0.mp4', 'bak10_a_1.mp4'];
		const keys = sorted.toReversed().map(objectOf).sort(byRecorderAndName);
		expect(keys.map(({ key }) => key)).toEqual(sorted.map((name) => objectOf(name).key));
	});
});

describe('withDistinctNames', () => {
	it('adds a number before the extension where names are the same', () => {
		const names = ['a.mp4', 'b.c.ts', 'a.mp4', 'a.ts', 'b.c.ts', 'a.mp4'];
		const downloads = names.map((filename) => ({ ...downloadOf(objectOf('x_0.mp4')), filename }));
		expect(withDistinctNames(downloads).map(({ filename }) => filename)).toEqual([
			'a_1.mp4',
			'b.c_1.ts',
			'a_2.mp4',
			'a.ts',
			'b.c_2.ts',
			'a_3.mp4',
		]);
	});
});
