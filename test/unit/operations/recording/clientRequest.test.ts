import type { IDataObject } from 'n8n-workflow';
import {
	mergeOver,
	toClientRequest,
	type StartSettings,
} from '../../../../nodes/Agora/operations/recording/clientRequest';

describe('toClientRequest', () => {
	const cases: Array<[string, StartSettings, IDataObject]> = [
		[
			'a composite recording with nothing but defaults',
			{ mode: 'mix', fileFormats: 'hlsMp4', options: {} },
			{
				recordingConfig: { channelType: 0, streamTypes: 2 },
				recordingFileConfig: { avFileType: ['hls', 'mp4'] },
			},
		],
		[
			'a composite recording with everything',
			{
				mode: 'mix',
				channelType: 1,
				fileFormats: 'hls',
				options: {
					audioProfile: 2,
					mixedVideoLayout: 1,
					maxIdleTime: 300,
					streamTypes: 0,
					videoSize: '1280x720',
				},
			},
			{
				recordingConfig: {
					channelType: 1,
					streamTypes: 0,
					maxIdleTime: 300,
					audioProfile: 2,
					transcodingConfig: {
						width: 1280,
						height: 720,
						fps: 15,
						bitrate: 1130,
						mixedVideoLayout: 1,
					},
				},
				recordingFileConfig: { avFileType: ['hls'] },
			},
		],
		[
			'a layout alone',
			{ mode: 'mix', fileFormats: 'hls', options: { mixedVideoLayout: 0 } },
			{
				recordingConfig: {
					channelType: 0,
					streamTypes: 2,
					transcodingConfig: { mixedVideoLayout: 0 },
				},
				recordingFileConfig: { avFileType: ['hls'] },
			},
		],
		[
			'single tracks: nothing that belongs to mixing',
			{
				mode: 'raw',
				channelType: 1,
				subscribeUidGroup: 3,
				fileFormats: 'hlsMp4',
				options: { audioProfile: 2, mixedVideoLayout: 1, videoSize: '640x360', maxIdleTime: 60 },
			},
			{
				recordingConfig: { channelType: 1, streamTypes: 2, maxIdleTime: 60, subscribeUidGroup: 3 },
				recordingFileConfig: { avFileType: ['hls', 'mp4'] },
			},
		],
		[
			'a web page: all five fields that Agora requires, and no recordingConfig',
			{ mode: 'web', url: 'https://example.com/live', fileFormats: 'hlsMp4', options: {} },
			{
				extensionServiceConfig: {
					errorHandlePolicy: 'error_abort',
					extensionServices: [
						{
							serviceName: 'web_recorder_service',
							errorHandlePolicy: 'error_abort',
							serviceParam: {
								url: 'https://example.com/live',
								audioProfile: 0,
								videoWidth: 1280,
								videoHeight: 720,
								maxRecordingHour: 2,
							},
						},
					],
				},
				recordingFileConfig: { avFileType: ['hls', 'mp4'] },
			},
		],
	];
	it.each(cases)('says %s in Agora’s words', (_, settings, expected) => {
		expect(toClientRequest(settings)).toStrictEqual(expected);
	});

	it('gives a web page the size that was chosen', () => {
		const request = toClientRequest({
			mode: 'web',
			url: 'https://example.com',
			pageSize: '720x1280',
			maxRecordingHour: 10,
			fileFormats: 'hls',
			options: { audioProfile: 1 },
		});
		const param = { audioProfile: 1, videoWidth: 720, videoHeight: 1280, maxRecordingHour: 10 };
		expect(request).toMatchObject({
			extensionServiceConfig: { extensionServices: [{ serviceParam: param }] },
		});
	});
});

describe('mergeOver', () => {
	it.each<[string, IDataObject, IDataObject, IDataObject]>([
		['nothing', { a: 1 }, {}, { a: 1 }],
		['new and old keys', { a: 1, b: 2 }, { b: 3, c: 4 }, { a: 1, b: 3, c: 4 }],
		[
			'objects inside objects',
			{ a: { b: 1, c: { d: 2 } } },
			{ a: { c: { e: 3 } } },
			{ a: { b: 1, c: { d: 2, e: 3 } } },
		],
		['lists, whole', { a: ['hls', 'mp4'] }, { a: ['hls'] }, { a: ['hls'] }],
		[
			'an object over a value, and back',
			{ a: 1, b: { c: 1 } },
			{ a: { c: 1 }, b: 2 },
			{ a: { c: 1 }, b: 2 },
		],
		['null and false', { a: { b: 1 }, c: true }, { a: null, c: false }, { a: null, c: false }],
	])('lays over %s', (_, base, over, expected) => {
		const copies = structuredClone([base, over]);
		expect(mergeOver(base, over)).toEqual(expected);
		expect([base, over]).toEqual(copies);
	});

	it.each([
		'{"__proto__":{"polluted":1}}',
		'{"constructor":{"prototype":{"polluted":1}}}',
		'{"a":{"__proto__":{"polluted":1}}}',
		'{"a":{"constructor":{"prototype":{"polluted":1}}}}',
		'{"new":{"__proto__":{"polluted":1}}}',
	])('reaches no prototype with %s', (hostile) => {
		const merged = mergeOver({ a: { b: 1 }, toString: 1 }, JSON.parse(hostile));
		const a = merged.a as IDataObject;
		for (const object of [{}, merged, a, merged.new ?? {}, Object]) {
			expect((object as IDataObject).polluted).toBeUndefined();
		}
		for (const object of [merged, a, (merged.new ?? {}) as IDataObject]) {
			expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
			expect(Object.keys(object)).not.toContain('__proto__');
			expect(Object.keys(object)).not.toContain('constructor');
		}
	});
});
