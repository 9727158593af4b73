import { request } from 'undici';
import { RequestValidator } from '../../../sandbox/agora/requestValidator.ts';
import { agoraClient } from './agoraClient.ts';
import { body, PAGE, services, STORAGE } from './requestBodies.ts';
import { useSandbox } from './useSandbox.ts';

describe('acquire', () => {
	const INVALID: Array<[path: string, sent: object, reason?: string]> = [
		['cname', body({}, { cname: 7 })],
		['uid', body({}, { uid: 7 })],
		['uid', body({}, { uid: '0' }), 'from 1 to 4294967295'],
		['uid', body({}, { uid: '-1' })],
		['uid', body({}, { uid: '4294967296' })],
		['uid', body({}, { uid: 'host' })],
		['clientRequest', body(undefined), 'Required'],
		['clientRequest', body([])],
		['clientRequest.scene', body({ scene: 3 })],
		['clientRequest.scene', body({ scene: '1' })],
		['clientRequest.resourceExpiredHour', body({ resourceExpiredHour: 0 })],
		['clientRequest.resourceExpiredHour', body({ resourceExpiredHour: 721 })],
		['clientRequest.excludeResourceIds', body({ excludeResourceIds: 'r' })],
		['clientRequest.excludeResourceIds.0', body({ excludeResourceIds: [7] })],
		['clientRequest.region', body({ region: 'US' })],
		['clientRequest.regionAffinity', body({ regionAffinity: 5 })],
	];

	it.each(INVALID)('rejects %s: %j', (path, sent, reason = '') => {
		const validator = new RequestValidator();
		expect(validator.validate('acquire', null, sent)).toMatchObject({ body: { code: 2 } });
		expect(validator.rejections).toMatchObject([{ path, reason: expect.stringContaining(reason) }]);
	});

	it.each([
		['with an invalid character', { cname: 'algèbre' }, 0],
		['of more than 64 bytes', { cname: 'a'.repeat(65) }, 0],
		['that is empty', { cname: '' }, 0],
		['of more than 1024 bytes for a web page', { cname: 'ä'.repeat(513) }, 1],
	])('rejects a channel name %s with code 401', (_description, name, scene) => {
		const response = new RequestValidator().validate('acquire', null, body({ scene }, name));
		expect(response).toEqual({ status: 400, body: { code: 401, reason: 'invalid_channel_name' } });
	});

	it('accepts any label of a web page', () => {
		const sent = body({ scene: 1 }, { cname: 'Geometry: ä/ö, page 2' });
		expect(new RequestValidator().validate('acquire', null, sent)).toBeUndefined();
	});

	it('does not validate startParameter', () => {
		const sent = body({ startParameter: { storageConfig: 'wrong' } });
		expect(new RequestValidator().validate('acquire', null, sent)).toBeUndefined();
	});
});

describe('an unknown key', () => {
	const start = (clientRequest: object) => body({ storageConfig: STORAGE, ...clientRequest });

	it.each([
		['outside clientRequest', 'stop', 'mix', body({}, { resourceId: 'r' }), ['resourceId']],
		[
			'with a typo',
			'start',
			'mix',
			start({ recordingConfig: { channelType: 0, maxIdelTime: 90 } }),
			['clientRequest.recordingConfig.maxIdelTime'],
		],
		[
			'in the wrong object',
			'start',
			'mix',
			start({ recordingConfig: { channelType: 0, avFileType: ['hls', 'mp4'] } }),
			['clientRequest.recordingConfig.avFileType'],
		],
		[
			"of another mode, such as the middleware's streamMode",
			'start',
			'mix',
			start({ recordingConfig: { channelType: 1, streamMode: 'standard' } }),
			['clientRequest.recordingConfig.streamMode'],
		],
		[
			"in another case, such as the Go client's VideoBitrate",
			'start',
			'web',
			start({ extensionServiceConfig: services({ ...PAGE, VideoBitrate: 2000 }) }),
			['clientRequest.extensionServiceConfig.extensionServices.0.serviceParam.VideoBitrate'],
		],
		[
			'in a whole body as clientRequest',
			'start',
			'mix',
			start({ cname: 'algebra', clientRequest: {} }),
			['clientRequest.cname', 'clientRequest.clientRequest'],
		],
	] as const)('%s is ignored and recorded', (_description, action, mode, sent, keys) => {
		const validator = new RequestValidator();
		expect(validator.validate(action, mode, sent)).toBeUndefined();
		expect(validator.unknownKeys).toEqual([{ action, mode, cname: 'algebra', keys }]);
	});
});

describe('the control', () => {
	const sandbox = useSandbox({ unlimited: true });

	async function get(path: string) {
		const response = await request(`${sandbox.agora}/sandbox/${path}`);
		return JSON.parse(await response.body.text());
	}

	it('lists rejections and unknown keys, without secrets', async () => {
		const agora = agoraClient(sandbox);
		const recordingConfig = { channelType: 0, maxIdelTime: 90 };
		const clientRequest = agora.startRequest('careless', '527841', { recordingConfig });
		const session = await agora.record('careless', { clientRequest });
		expect(session.started.status).toBe(200);
		for (const { status } of [
			await session.update({ webRecordingConfig: { onhold: true } }),
			await session.updateLayout({ mixedVideoLayout: 7 }),
			await session.stop({ async_stop: 'no' }),
		])
			expect(status).toBe(400);
		expect(await agora.acquire('bad/name')).toMatchObject({ status: 400, body: { code: 401 } });
		const start = agora.startRequest('careless', '527841', { recordingConfig: {} });
		await agora.record('careless', { clientRequest: start });

		const { rejections } = await get('rejections');
		expect(rejections).toEqual(sandbox.control.rejections());
		expect(
			rejections.map(({ action, mode, path }: Record<string, string>) => [action, mode, path]),
		).toEqual([
			['update', 'mix', 'clientRequest.webRecordingConfig'],
			['updateLayout', 'mix', 'clientRequest.mixedVideoLayout'],
			['stop', 'mix', 'clientRequest.async_stop'],
			['acquire', null, 'cname'],
			['start', 'mix', 'clientRequest.recordingConfig.channelType'],
		]);
		expect(rejections[3]).toMatchObject({
			reason: 'invalid_channel_name',
			body: { cname: 'bad/name' },
		});
		expect(rejections[4].body.clientRequest.storageConfig).toMatchObject({
			secretKey: '(hidden)',
		});
		expect(await get('unknown-keys')).toEqual({
			unknownKeys: [
				{
					action: 'start',
					mode: 'mix',
					cname: 'careless',
					keys: ['clientRequest.recordingConfig.maxIdelTime'],
				},
			],
		});
		await sandbox.control.reset();
		expect([sandbox.control.rejections(), sandbox.control.unknownKeys()]).toEqual([[], []]);
	});
});
