import type { IDataObject } from 'n8n-workflow';
import {
	reportedFiles,
	reportedUploadingStatus,
} from '../../../nodes/Agora/recordings/serverResponse';

const PLAYLIST = 'class/38f8_class-7b.m3u8';
const FILM = 'class/38f8_class-7b_0.mp4';
const file = (fields: object) => ({
	trackType: 'audio_and_video',
	mixedAllUser: true,
	isPlayable: true,
	sliceStartTime: 1_795_000_000_000,
	...fields,
});
const web = (payload: object) => ({ serviceName: 'web_recorder_service', payload });
const upload = (uploadingStatus: string) => ({
	serviceName: 'upload_service',
	payload: { uploadingStatus },
});

describe('reportedFiles', () => {
	it.each<[string, IDataObject, object[]]>([
		[
			'a text',
			{ status: 5, fileListMode: 'string', fileList: PLAYLIST, sliceStartTime: 1 },
			[{ name: PLAYLIST, uid: null }],
		],
		['an empty text', { fileListMode: 'string', fileList: '' }, []],
		[
			'a list',
			{
				fileListMode: 'json',
				fileList: [file({ fileName: PLAYLIST, uid: '0' }), file({ fileName: FILM, uid: '7' })],
			},
			[
				{ name: PLAYLIST, uid: null },
				{ name: FILM, uid: '7' },
			],
		],
		[
			'a list as older answers write it',
			{ fileList: [{ filename: PLAYLIST, isPlayable: 'true', uid: 7 }, null, {}] },
			[{ name: PLAYLIST, uid: '7' }],
		],
		[
			'a web page’s services',
			{
				extensionServiceState: [
					upload('uploaded'),
					web({
						state: 'exit',
						onhold: false,
						fileList: [{ filename: FILM, sliceStartTime: 1 }],
					}),
					{
						serviceName: 'rtmp_publish_service',
						payload: {
							state: 'inProgress',
							outputs: [{ rtmpUrl: 'rtmp://live.example.com/app/fake', status: 'publishing' }],
						},
					},
				],
			},
			[{ name: FILM, uid: null }],
		],
		[
			'services with the specification’s misspelling',
			{ extensionServiceState: [{ playload: { fileList: [{ filename: FILM }] } }, null] },
			[{ name: FILM, uid: null }],
		],
		[
			'a list whose users are no users',
			{
				fileList: [{}, [7], true, null].map((uid) => ({ fileName: FILM, uid })) as never,
			},
			Array(4).fill({ name: FILM, uid: null }),
		],
		[
			'a list whose user cannot even be written',
			{ fileList: [{ fileName: FILM, uid: { toString: 1, valueOf: 1 } }] } as never,
			[{ name: FILM, uid: null }],
		],
		['nothing, as of screenshots', { status: 5, sliceStartTime: 1 }, []],
	])('takes name and user of each file, and nothing else, out of %s', (_, answer, expected) => {
		expect(reportedFiles(answer)).toStrictEqual(expected);
	});
});

describe('reportedUploadingStatus', () => {
	it.each<[string, IDataObject, string | null]>([
		['a channel', { fileList: PLAYLIST, uploadingStatus: 'backuped' }, 'backuped'],
		['a web page', { extensionServiceState: [upload('uploaded'), web({})] }, 'uploaded'],
		['an answer without one', { status: 5 }, null],
	])('reads that of %s', (_, answer, expected) => {
		expect(reportedUploadingStatus(answer)).toBe(expected);
	});
});
