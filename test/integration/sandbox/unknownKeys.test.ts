import { RequestChecks } from '../../../sandbox/agora/requestChecks.ts';
import { body, PAGE, services, STORAGE } from './requestBodies.ts';

const start = (clientRequest: object) => body({ storageConfig: STORAGE, ...clientRequest });

describe('a key that Agora does not know', () => {
	it.each([
		['beside clientRequest', 'stop', 'mix', body({}, { resourceId: 'r' }), ['resourceId']],
		[
			'misspelled',
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
			"of another mode, as the middleware's streamMode",
			'start',
			'mix',
			start({ recordingConfig: { channelType: 1, streamMode: 'standard' } }),
			['clientRequest.recordingConfig.streamMode'],
		],
		[
			"of another case, as the Go client's VideoBitrate",
			'start',
			'web',
			start({ extensionServiceConfig: services({ ...PAGE, VideoBitrate: 2000 }) }),
			['clientRequest.extensionServiceConfig.extensionServices.0.serviceParam.VideoBitrate'],
		],
		[
			'twice: a whole body as clientRequest',
			'start',
			'mix',
			start({ cname: 'algebra', clientRequest: {} }),
			['clientRequest.cname', 'clientRequest.clientRequest'],
		],
	] as const)('is ignored and remembered: %s', (_what, action, mode, sent, keys) => {
		const checks = new RequestChecks();
		expect(checks.refusalOf(action, mode, sent)).toBeUndefined();
		expect(checks.unknownKeys).toEqual([{ action, mode, cname: 'algebra', keys }]);
	});
});
