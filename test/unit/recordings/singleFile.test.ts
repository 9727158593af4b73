import type { Fault } from '../../../nodes/Agora/http/errors';
import type { LoadedSession } from '../../../nodes/Agora/recordings/loadSession';
import { firstFile, namedFile } from '../../../nodes/Agora/recordings/singleFile';
import { sidOf } from '../recordedSession';
import { bucketWith, list, nameInBucket, readFrom, SID } from './namedSegments';

const load = async (files: Record<string, string>) => await readFrom(bucketWith(files));

describe('firstFile', () => {
	it('keeps the extension of a long name', async () => {
		const { filename } = firstFile(await load({ [`${'a'.repeat(300)}_0.mp4`]: '' }), 'video');
		expect(filename).toMatch(/^[\da-f]{32}_a+\.mp4$/);
	});

	it('is from the first recorder, and has the lowest number', async () => {
		const files = { 'bak0_a_0.mp4': '', 'a_10.mp4': '', 'a_2.mp4': '' };
		const { filename } = firstFile(await load(files), 'video');
		expect(filename).toBe(`${SID}_a_2.mp4`);
	});
});

describe('namedFile', () => {
	const files = {
		'a_0.mp4': '',
		'a_1.ts': '',
		'bak0_a_1.ts': '',
		'a_0.vtt': '',
		'a.m3u8': list('SID_a_1.ts'),
		[`a_20261123090000000.jpg`]: '',
	};

	it.each(Object.keys(files))(
		'finds %s by its filename or key, with the sid in any case',
		async (name) => {
			const session = await load(files);
			const takeover = name.startsWith('bak0_') ? 'bak0_' : '';
			for (const sid of [SID, SID.toUpperCase()]) {
				const filename = `${takeover}${sid}_${name.replace('bak0_', '')}`;
				for (const wanted of [filename, `class/${filename}`]) {
					expect(nameInBucket(namedFile(session, wanted).objects[0]!.key)).toBe(name);
				}
			}
		},
	);

	it('does not find a file by the sid of another session', async () => {
		const session = await load(files);
		expect(() => namedFile(session, `${sidOf(2)}_a_0.mp4`)).toThrow('has no file');
	});

	it.each(['A_0.mp4', 'a_0.MP4', '', '../a_0.mp4'])(
		'does not confuse %s with another file',
		async (name) => {
			const session = await load(files);
			expect(() => namedFile(session, `${SID}_${name}`)).toThrow('has no file');
		},
	);
});

describe('errors of namedFile', () => {
	it('contain at most 200 characters of the name', async () => {
		const session = await load({ 'a_0.mp4': '' });
		const message = `Recording ${SID} has no file "${'x'.repeat(200)}"`;
		expect(() => namedFile(session, 'x'.repeat(300))).toThrow(
			expect.objectContaining({ message, details: expect.objectContaining({ httpCode: '404' }) }),
		);
	});
});

describe('errors of firstFile', () => {
	const adviceOf = (session: LoadedSession, kind: 'video' | 'audio' | 'image') => {
		try {
			firstFile(session, kind);
			return 'no error';
		} catch (error) {
			return (error as Fault).details.description!;
		}
	};

	it('contain the requested kind and each kind that the recording has once', async () => {
		const session = await load({
			'a.m3u8': list('SID_a_1.ts'),
			'a_0.mp4': '',
			'a_1.mp4': '',
			'a.vtt': '',
		});
		expect(() => firstFile(session, 'audio')).toThrow(
			expect.objectContaining({
				message: `Recording ${SID} has no audio file`,
				details: {
					description: 'Its files are of type other, playlist, video, segment.',
					httpCode: '404',
				},
			}),
		);
	});

	it('mention that there are no files', async () => {
		const session = await load({ 'a.session.json': '{}' });
		expect(adviceOf(session, 'video')).toBe('It has no files.');
	});

	it('mention Whole Recording only for video and audio', async () => {
		const session = await load({ 'a.m3u8': list('SID_a_1.ts') });
		const kinds = ['video', 'audio', 'image'] as const;
		expect(kinds.map((kind) => adviceOf(session, kind).includes('Whole Recording'))).toEqual([
			true,
			true,
			false,
		]);
	});

	it('mention Whole Recording only if there are segments to merge', async () => {
		const merges = await load({ 'a.m3u8': list('SID_a_1.ts') });
		expect(adviceOf(merges, 'video')).toContain('Whole Recording');
		expect(adviceOf(merges, 'image')).not.toContain('Whole Recording');
		const withMp4 = await load({ 'a.m3u8': list('SID_a_1.ts'), 'a_0.mp4': '' });
		expect(adviceOf(withMp4, 'audio')).not.toContain('Whole Recording');
		const screenshots = await load({ 'a_20261123090000000.jpg': '' });
		expect(adviceOf(screenshots, 'video')).toBe('Its files are of type image.');
		const orphans = await load({ 'a_1.ts': '' });
		const audio = await load({ 'a_0.mp3': '' });
		expect(adviceOf(audio, 'video')).toBe('Its files are of type audio.');
		expect(adviceOf(orphans, 'video')).toBe('Its files are of type segment.');
	});
});
