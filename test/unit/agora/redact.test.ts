import { agoraRequest } from '../../../nodes/Agora/agora/request';
import { fakeContext, faultOf, onTestClock, useTestClock } from '../http/fakeContext';

beforeEach(useTestClock);
afterEach(() => jest.useRealTimers());

const PAIR = Buffer.from('id:cust"omer/secret').toString('base64');
const ACCOUNT = {
	host: 'https://api.agora.io',
	customerId: 'id',
	appId: 'app',
	appCertificate: 'certificate',
	secrets: ['cust"omer/secret', 'certificate', PAIR, ''],
};
const BODY = {
	cname: 'class-7b',
	clientRequest: {
		token: 'the-token',
		recordingConfig: { secret: 'key of the channel', salt: '' },
		storageConfig: { accessKey: 'ACCESS', secretKey: 'st"orage/secret', bucket: 'school' },
		extensionServices: [{ serviceParam: { outputs: [{ rtmpUrl: 'rtmp://live/stream-key' }] } }],
	},
};

/** What a person is told when Agora refuses with these words. */
async function told(reason: string, field = 'reason'): Promise<string> {
	const { context } = fakeContext([{ status: 400, body: { code: 2, [field]: reason } }]);
	const call = { name: 'start', method: 'POST', path: '/x', body: BODY, limitedBy: 'app' } as const;
	const { message, details } = await faultOf(onTestClock(agoraRequest(context, ACCOUNT, call)));
	expect(message).toBe('Agora rejected the request as invalid (could not start)');
	return details.description!;
}

describe('the reason of an error in an error', () => {
	it('are repeated', async () => {
		expect(await told('bucket school of ACCESS is not there, nor is class-7b')).toBe(
			'Check the fields of this node. Agora says: bucket school of ACCESS is not there, nor is class-7b',
		);
	});

	it.each([
		['the Customer Secret', 'bad password cust"omer/secret'],
		['the authorization', `bad header Authorization: Basic ${PAIR}`],
		['the App Certificate', 'bad certificate'],
		['the whole body', `bad body ${JSON.stringify(BODY)}`],
		['the token', 'bad the-token'],
		['the secret of the channel', 'bad key of the channel'],
		['the storage’s secret key', `bad ${JSON.stringify(BODY.clientRequest.storageConfig)}`],
		['one in a URL', 'bad key=st%22orage%2Fsecret'],
		['a stream key', 'bad rtmp://live/stream-key'],
	])('are left out when they repeat %s', async (_, reason) => {
		for (const field of ['reason', 'message', 'error_msg'])
			expect(await told(reason, field)).toBe(
				'Check the fields of this node. Agora says: (left out here, because it repeats a secret of the request)',
			);
	});
});
