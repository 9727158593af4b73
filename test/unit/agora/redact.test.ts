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

/** @returns the description of the error when Agora rejects a request with this reason */
async function describeError(reason: string, field = 'reason'): Promise<string> {
	const { context } = fakeContext([{ status: 400, body: { code: 2, [field]: reason } }]);
	const call = { name: 'start', method: 'POST', path: '/x', body: BODY, limitedBy: 'app' } as const;
	const { message, details } = await faultOf(onTestClock(agoraRequest(context, ACCOUNT, call)));
	expect(message).toBe('Agora rejected the request as invalid (could not start)');
	return details.description!;
}

describe('the description of an error', () => {
	it("contains Agora's reason", async () => {
		expect(await describeError('bucket school of ACCESS is not there, nor is class-7b')).toBe(
			"Check the fields of this node. Agora's reason: bucket school of ACCESS is not there, nor is class-7b",
		);
	});

	it.each([
		['the Customer Secret', 'bad password cust"omer/secret'],
		['the authorization', `bad header Authorization: Basic ${PAIR}`],
		['the App Certificate', 'bad certificate'],
		['the whole body', `bad body ${JSON.stringify(BODY)}`],
		['the token', 'bad the-token'],
		['the secret of the channel', 'bad key of the channel'],
		['the secret key of the storage', `bad ${JSON.stringify(BODY.clientRequest.storageConfig)}`],
		['a secret in a URL', 'bad key=st%22orage%2Fsecret'],
		['a stream key', 'bad rtmp://live/stream-key'],
	])('does not repeat %s', async (_, reason) => {
		for (const field of ['reason', 'message', 'error_msg'])
			expect(await describeError(reason, field)).toBe(
				"Check the fields of this node. Agora's reason: (removed because it contains a secret of the request)",
			);
	});
});
