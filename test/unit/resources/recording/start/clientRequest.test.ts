import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../../../../../nodes/Agora/http/errors';
import {
	deepMerge,
	readClientRequest,
} from '../../../../../nodes/Agora/resources/recording/start/clientRequest';

describe('deepMerge', () => {
	it.each<[string, IDataObject, IDataObject, IDataObject]>([
		['nothing', { a: 1 }, {}, { a: 1 }],
		['new and old keys', { a: 1, b: 2 }, { b: 3, c: 4 }, { a: 1, b: 3, c: 4 }],
		[
			'objects inside objects',
			{ a: { b: 1, c: { d: 2 } } },
			{ a: { c: { e: 3 } } },
			{ a: { b: 1, c: { d: 2, e: 3 } } },
		],
		['lists as a whole', { a: ['hls', 'mp4'] }, { a: ['hls'] }, { a: ['hls'] }],
		[
			'an object over a value, and a value over an object',
			{ a: 1, b: { c: 1 } },
			{ a: { c: 1 }, b: 2 },
			{ a: { c: 1 }, b: 2 },
		],
		['null and false', { a: { b: 1 }, c: true }, { a: null, c: false }, { a: null, c: false }],
	])('merges %s', (_, base, over, expected) => {
		const copies = structuredClone([base, over]);
		expect(deepMerge(base, over)).toEqual(expected);
		expect([base, over]).toEqual(copies);
	});

	it.each([
		'{"__proto__":{"polluted":1}}',
		'{"constructor":{"prototype":{"polluted":1}}}',
		'{"a":{"__proto__":{"polluted":1}}}',
		'{"a":{"constructor":{"prototype":{"polluted":1}}}}',
		'{"new":{"__proto__":{"polluted":1}}}',
	])('does not change a prototype with %s', (hostile) => {
		const merged = deepMerge({ a: { b: 1 }, toString: 1 }, JSON.parse(hostile));
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

/** @returns the message and description of the error, '' without one */
function errorOf(value: unknown, allowUnknown = false): string {
	try {
		readClientRequest(value, allowUnknown);
		return '';
	} catch (error) {
		expect(error).toBeInstanceOf(Fault);
		return `${(error as Fault).message} ${(error as Fault).details.description}`;
	}
}

describe('readClientRequest', () => {
	const settings = { recordingConfig: { maxIdleTime: 60 } };

	it.each<[string, unknown, object]>([
		['settings', settings, { settings }],
		['the same as a string', JSON.stringify(settings), { settings }],
		['nothing', '', { settings: {} }],
		[
			'a whole body',
			{ cname: 'class-7b', uid: '527841', clientRequest: settings },
			{ cname: 'class-7b', uid: '527841', settings },
		],
		[
			'a whole body with a numeric UID and its settings as a string',
			{ cname: 'class-7b', uid: 527841, clientRequest: JSON.stringify(settings) },
			{ cname: 'class-7b', uid: '527841', settings },
		],
		[
			'a body without the inner object',
			{ cname: 'class-7b', ...settings },
			{ cname: 'class-7b', settings },
		],
		[
			'values without the empty ones',
			{
				token: '',
				storageConfig: null,
				recordingConfig: {
					maxIdleTime: 60,
					subscribeAudioUids: [],
					secret: ' ',
					transcodingConfig: { backgroundConfig: [] },
				},
				recordingFileConfig: {},
			},
			{ settings },
		],
		[
			'all parts that Agora documents',
			{
				token: '007x',
				storageConfig: {
					...{ vendor: 11, region: 0, bucket: 'b', accessKey: 'a', secretKey: 's' },
					...{ stsToken: 't', stsExpiration: 1, fileNamePrefix: ['class'] },
					extensionParams: { endpoint: 's3.example.com', sse: 'kms', tag: 'school' },
				},
				recordingConfig: {
					transcodingConfig: {
						layoutConfig: [
							{
								...{ uid: '1', x_axis: 0, y_axis: 0, width: 1, height: 1 },
								...{ alpha: 1, render_mode: 0 },
							},
						],
						backgroundConfig: [{ uid: '1', image_url: 'https://a.example/b', render_mode: 0 }],
					},
				},
				recordingFileConfig: { avFileType: ['hls'] },
				snapshotConfig: { captureInterval: 5, fileType: ['jpg'] },
				extensionServiceConfig: {
					errorHandlePolicy: 'error_abort',
					extensionServices: [
						{
							serviceName: 'web_recorder_service',
							errorHandlePolicy: 'error_abort',
							serviceParam: { url: 'https://example.com', onhold: false },
						},
						{
							serviceName: 'rtmp_publish_service',
							serviceParam: { outputs: [{ rtmpUrl: 'rtmp://live.example.com/a' }] },
						},
					],
				},
				appsCollection: { combinationPolicy: 'postpone_transcoding' },
				transcodeOptions: { container: { format: 'mp4' } },
			},
			{},
		],
	])('reads %s', (_, value, expected) => {
		expect(readClientRequest(value, false)).toMatchObject(expected);
	});

	it.each<[string, object, RegExp]>([
		[
			'a typo',
			{ recordingConfig: { maxIdelTime: 60 } },
			/"maxIdelTime" in recordingConfig.*Did you mean "maxIdleTime"\?/,
		],
		['snake case', { recording_config: { a: 1 } }, /Did you mean "recordingConfig"\?/],
		[
			'another spelling of a list',
			{ recordingConfig: { unsubscribeAudioUids: ['1'] } },
			/"unSubscribeAudioUids"/,
		],
		[
			'a typo in the storage',
			{ storageConfig: { filenamePrefix: ['a'] } },
			/Did you mean "fileNamePrefix"\?/,
		],
		[
			'a typo in a region',
			{ recordingConfig: { transcodingConfig: { layoutConfig: [{ xaxis: 0 }] } } },
			/Did you mean "x_axis"\?/,
		],
		[
			'a typo in a service',
			{
				extensionServiceConfig: {
					extensionServices: [
						{ serviceName: 'web_recorder_service', serviceParam: { maxRecordingHours: 3 } },
					],
				},
			},
			/Did you mean "maxRecordingHour"\?/,
		],
		[
			'a typo in a background image',
			{ recordingConfig: { transcodingConfig: { backgroundConfig: [{ imageUrl: 'x' }] } } },
			/Did you mean "image_url"\?/,
		],
		[
			'a typo in the outputs of the RTMP push',
			{
				extensionServiceConfig: {
					extensionServices: [
						{ serviceName: 'rtmp_publish_service', serviceParam: { outputs: [{ rtmpURI: 'x' }] } },
					],
				},
			},
			/Did you mean "rtmpUrl"\?/,
		],
		[
			'a typo in the extensions of the storage',
			{ storageConfig: { extensionParams: { endpiont: 'x' } } },
			/Did you mean "endpoint"\?/,
		],
		['acquire', { acquire: { region: 'EU' } }, /^"acquire" is not one of Agora's settings/],
		[
			'an unknown service',
			{ extensionServiceConfig: { extensionServices: [{ serviceName: 'web_recording' }] } },
			/"web_recording" is not one of Agora's services.*web_recorder_service or rtmp_publish_service/,
		],
		[
			'a setting one level too high',
			{ maxIdleTime: 60 },
			/wrong place.*move it to recordingConfig/,
		],
		[
			'a setting one level too low',
			{ recordingConfig: { recordingConfig: { maxIdleTime: 60 } } },
			/wrong place.*the top level/,
		],
		[
			'file formats in recordingConfig',
			{ recordingConfig: { avFileType: ['hls'] } },
			/wrong place.*recordingFileConfig/,
		],
		[
			'a setting of acquire',
			{ resourceExpiredHour: 24 },
			/^"resourceExpiredHour" is not a setting of Agora's start request It belongs to acquire.*Resource Expiry/,
		],
		['the scene of acquire', { clientRequest: { scene: 1 } }, /belongs to acquire.*Recording Mode/],
		['a key without a similar one', { zzz: 1 }, /"zzz" is not one of Agora's settings (?!Did)/],
		['storage keys at the top level', { accessKey: 'fake' }, /wrong place.*storageConfig/],
		[
			'a setting that several parts have',
			{ errorHandlePolicy: 'error_abort' },
			/^"errorHandlePolicy" is in the wrong place: Agora would ignore it .* move it to extensionServiceConfig\.extensionServices or extensionServiceConfig\.$/,
		],
		[
			'a setting in a list',
			{
				recordingConfig: {
					transcodingConfig: { layoutConfig: [{ alpha: 1 }, { maxIdleTime: 5 }] },
				},
			},
			/^"maxIdleTime" is in the wrong place in recordingConfig\.transcodingConfig\.layoutConfig: /,
		],
		[
			'a setting of the page in the RTMP push',
			{
				extensionServiceConfig: {
					extensionServices: [
						{ serviceName: 'rtmp_publish_service', serviceParam: { onhold: true } },
					],
				},
			},
			/^"onhold" is in the wrong place in extensionServiceConfig\.extensionServices\.serviceParam: /,
		],
		[
			'a key that only looks like a setting of acquire',
			{ recordingConfig: { resourceExpired: 24 } },
			/^"resourceExpired" in recordingConfig is not one of Agora's settings/,
		],
		[
			'a service without a name',
			{ extensionServiceConfig: { extensionServices: [{ serviceName: 5, serviceParam: {} }] } },
			/^"5" is not one of Agora's services .*turn on Options > Allow Unknown Settings/,
		],
		['the body itself as a list', [settings], /^"Client Request \(JSON\)" is not a JSON object/],
		[
			'a list as clientRequest',
			{ clientRequest: [settings] },
			/^"Client Request \(JSON\), clientRequest" is not a JSON object/,
		],
		[
			'a body in a body',
			{ clientRequest: { clientRequest: { a: 1 } } },
			/"clientRequest" is not one of Agora's settings/,
		],
	])('rejects %s', (_, value, message) => {
		expect(errorOf(value)).toMatch(message);
		expect(errorOf(value)).not.toContain('fake');
	});

	it.each<[string, string | null]>([
		// One letter missing, too many, or replaced.
		['maxIdleTme', 'maxIdleTime'],
		['maxIdleTimes', 'maxIdleTime'],
		['maxIdleTine', 'maxIdleTime'],
		['max_idle_time', 'maxIdleTime'],
		['m_a_x_I_d_l_e_T_i_m_e', 'maxIdleTime'],
		['MAXIDLETIME', 'maxIdleTime'],
		// At most two letters of a short key, and a third of a long one.
		['slat', 'salt'],
		['sa', 'salt'],
		['s', null],
		['streamXes', 'streamTypes'],
		['streamXXXes', 'streamTypes'],
		['streamXXXXs', null],
		['subscribeAudioUiXXXX', 'subscribeAudioUids'],
	])('suggests for "%s" in recordingConfig: %s', (key, expected) => {
		const error = errorOf({ recordingConfig: { [key]: 1 } });
		expect(/Did you mean "(\w+)"\?/.exec(error)?.[1] ?? null).toBe(expected);
	});

	it('reads a channel name and a UID beside clientRequest, or beside the settings in it', () => {
		expect(readClientRequest({ cname: 7, uid: ' 5 ', clientRequest: settings }, false)).toEqual({
			cname: '7',
			uid: '5',
			settings,
		});
		expect(readClientRequest(settings, false)).toEqual({ settings });
	});

	it('merges settings beside clientRequest with those in it, which take precedence', () => {
		const body = {
			token: 'outer',
			recordingConfig: { maxIdleTime: 5, channelType: 1 },
			clientRequest: { token: 'inner', recordingConfig: { maxIdleTime: 60 } },
		};
		expect(readClientRequest(body, false).settings).toEqual({
			token: 'inner',
			recordingConfig: { maxIdleTime: 60, channelType: 1 },
		});
	});

	it.each([null, '', ' ', [], {}, { a: null }, { a: { b: [] } }])('leaves out %j', (empty) => {
		expect(readClientRequest({ appsCollection: empty, ...settings }, false)).toEqual({ settings });
		expect(readClientRequest({ clientRequest: { appsCollection: empty } }, false)).toEqual({
			settings: {},
		});
	});

	it('takes no channel name or UID from a prototype', () => {
		const body = '{"__proto__":{"cname":"a","uid":"1","clientRequest":{"token":"x"}}}';
		expect(readClientRequest(body, false)).toEqual({ settings: {} });
	});

	it('keeps values that only look empty', () => {
		const recordingConfig = { maxIdleTime: 0, secret: '0' };
		expect(readClientRequest({ recordingConfig }, false).settings).toEqual({ recordingConfig });
	});

	it('passes on unknown settings if allowed, but no storage credentials outside storageConfig', () => {
		const future = { recordingConfig: { futureSetting: 1 }, futurePart: { a: 1 } };
		expect(readClientRequest(future, true).settings).toEqual(future);
		const service = { serviceName: 'future_service', serviceParam: { a: 1 } };
		const services = { extensionServiceConfig: { extensionServices: [service] } };
		expect(readClientRequest(services, true).settings).toEqual(services);
		const unnamed = {
			extensionServiceConfig: { extensionServices: [{ serviceName: 'future_service', a: 1 }] },
		};
		expect(readClientRequest(unnamed, true).settings).toEqual(unnamed);
		for (const key of ['accessKey', 'secretKey', 'stsToken', 'bucket']) {
			expect(errorOf({ recordingConfig: { [key]: 'fake' } }, true)).toContain(key);
		}
	});

	it('shortens a long key or service in the error', () => {
		const service = { serviceName: 'x'.repeat(1_000_000), serviceParam: {} };
		const request = { extensionServiceConfig: { extensionServices: [service] } };
		expect(errorOf(request).length).toBeLessThan(500);
		expect(errorOf({ ['x'.repeat(1_000_000)]: 1 }).length).toBeLessThan(500);
	});
});
