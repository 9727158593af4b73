import type { IDataObject } from 'n8n-workflow';
import {
	reportedFiles,
	reportedUploadingStatus,
} from '../../../nodes/Agora/recordings/serverResponse';

const PLAYLIST = 'class/38f8_class-7b.m3u8';
const VIDEO = 'class/38f8_class-7b_0.mp4';
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
			'a string',
			{ status: 5, fileListMode: 'string', fileList: PLAYLIST, sliceStartTime: 1 },
			[{ name: PLAYLIST, uid: null }],
		],
		['an empty string', { fileListMode: 'string', fileList: '' }, []],
		[
			'a list',
			{
				fileListMode: 'json',
				fileList: [file({ fileName: PLAYLIST, uid: '0' }), file({ fileName: VIDEO, uid: '7' })],
			},
			[
				{ name: PLAYLIST, uid: null },
				{ name: VIDEO, uid: '7' },
			],
		],
		[
			'a list in an older response',
			{ fileList: [{ filename: PLAYLIST, isPlayable: 'true', uid: 7 }, null, {}] },
			[{ name: PLAYLIST, uid: '7' }],
		],
		[
			'the services of a web page',
			{
				extensionServiceState: [
					upload('uploaded'),
					web({
						state: 'exit',
						onhold: false,
						fileList: [{ filename: VIDEO, sliceStartTime: 1 }],
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
			[{ name: VIDEO, uid: null }],
		],
		[
			'services with the misspelling of the specification',
			{ extensionServiceState: [{ playload: { fileList: [{ filename: VIDEO }] } }, null] },
			[{ name: VIDEO, uid: null }],
		],
		[
			'a list with invalid users',
			{
				fileList: [{}, [7], true, null].map((uid) => ({ fileName: VIDEO, uid })) as never,
			},
			Array(4).fill({ name: VIDEO, uid: null }),
		],
		[
			'a list with a user that cannot be converted to a string',
			{ fileList: [{ fileName: VIDEO, uid: { toString: 1, valueOf: 1 } }] } as never,
			[{ name: VIDEO, uid: null }],
		],
		[
			'a channel and the services of a web page',
			{ fileList: PLAYLIST, extensionServiceState: [web({ fileList: [{ fileName: VIDEO }] })] },
			[
				{ name: PLAYLIST, uid: null },
				{ name: VIDEO, uid: null },
			],
		],
		[
			'a list with empty and invalid names',
			{ fileList: [{ fileName: '' }, { fileName: 7 }, { uid: '7' }, { fileName: VIDEO, uid: 0 }] },
			[{ name: VIDEO, uid: null }],
		],
		[
			'a list with an empty user',
			{ fileList: [{ fileName: VIDEO, uid: '' }] },
			[{ name: VIDEO, uid: null }],
		],
		[
			'services without valid payloads',
			{
				extensionServiceState: [{ payload: null }, { playload: null }, { payload: 'x' }, {}, 7],
			} as never,
			[],
		],
		['services that are no list', { extensionServiceState: { payload: {} } } as never, []],
		['files that are neither a string nor a list', { fileList: { fileName: VIDEO } }, []],
		['a response without files, as for screenshots', { status: 5, sliceStartTime: 1 }, []],
	])('takes name and user of each file, and nothing else, out of %s', (_, response, expected) => {
		expect(reportedFiles(response)).toStrictEqual(expected);
	});
});

describe('reportedUploadingStatus', () => {
	it.each<[string, IDataObject, string | null]>([
		['a channel', { fileList: PLAYLIST, uploadingStatus: 'backuped' }, 'backuped'],
		['a web page', { extensionServiceState: [upload('uploaded'), web({})] }, 'uploaded'],
		['a response without one', { status: 5 }, null],
		['a response with an empty one', { uploadingStatus: '' }, null],
		['a response with a number', { uploadingStatus: 7 }, null],
		[
			'a web page with an empty one first',
			{ uploadingStatus: '', extensionServiceState: [upload(''), upload('backuped')] },
			'backuped',
		],
	])('reads that of %s', (_, response, expected) => {
		expect(reportedUploadingStatus(response)).toBe(expected);
	});
});
