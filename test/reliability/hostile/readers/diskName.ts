import { createRequire } from 'node:module';
import fc from 'fast-check';
import type * as N8nWorkflow from 'n8n-workflow';
import { loadSource } from '../../source.ts';
import { problemWithName } from '../diskName.ts';
import { hold, type Reader } from '../reader.ts';
import { hostileText } from '../text.ts';
import { NAME_PIECES, validNames } from './fileName.ts';
import { oneFileDownloads } from './oneFile.ts';
import { SID } from './sid.ts';

const { sanitizeFilename } = createRequire(import.meta.url)('n8n-workflow') as typeof N8nWorkflow;

const DEVICES = ['CON', 'nul.', 'COM1.x', 'LPT¹ ', '\u202E', '\u2066', 'é'.repeat(200), ' ', '.'];

/** Keys of which nothing but the beginning and the end need be right. */
const labels = hostileText(fc.constantFrom('class-7b', ...DEVICES), [
	...DEVICES,
	...NAME_PIECES,
]).map((label) => `class/${SID}_${label}_0.mp4`);

/** What the files of a recording are called on n8n's disk. */
export async function diskNameReader(): Promise<Reader<string>> {
	const { firstFile, wholeRecording, sessionOf } = await oneFileDownloads();
	const { readName } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/fileName')>(
			'recordings/fileName',
		);
	const { namedFile } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/singleFile')>(
			'recordings/singleFile',
		);
	return {
		name: 'File names for n8n’s disk',
		input: fc.oneof(
			{ weight: 2, arbitrary: labels },
			{ weight: 1, arbitrary: hostileText(validNames, NAME_PIECES) },
		),
		lengthOf: (key) => key.length,
		read(key) {
			const kind = readName(key)?.kind;
			if (kind === undefined || kind === 'segment' || kind === 'sessionRecord') return 'refused';
			const { session } = sessionOf(key);
			const read = {
				session,
				record: null,
				playlists: [],
				unreadable: [],
				status: 'completed' as const,
				lacksMp4: false,
				idleMs: 0,
			};
			const whole = wholeRecording(read).downloads;
			const single = kind === 'other' ? namedFile(read, key) : firstFile(read, kind);
			for (const { filename } of [single, ...whole]) {
				const problem = problemWithName(filename);
				hold(problem === null, `the name ${problem}`);
				hold(sanitizeFilename(filename) === filename, 'n8n would change the name');
				hold(/\.[0-9a-z]+$/i.test(filename), 'the name has no ending');
			}
			return 'parsed';
		},
		long: {
			'a long channel': (n) => `class/${SID}_${'é'.repeat(n / 2)}_0.mp4`,
			'what cannot be in a name': (n) => `class/${SID}_${':'.repeat(n)}_0.mp4`,
			dots: (n) => `class/${SID}_${'.'.repeat(n)}_0.mp4`,
		},
	};
}
