import { createHmac } from 'node:crypto';
import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { receive, testNotificationsCredential } from '../../../nodes/Agora/events/receive';
import { notificationOf, SAMPLES } from './samples';

const SECRET = 'made-up-secret';
const UPLOADED = SAMPLES.find(({ number }) => number === 31)!;
const CREATED = SAMPLES.find(({ number }) => number === 101)!;

let count = 0;

/** A node that receives requests. */
function setUp(parameters: IDataObject = {}, mode = 'webhook') {
	const responses: Array<{ status: number; body: unknown }> = [];
	const stored: IDataObject = {};
	const id = `node ${count++}`;
	const all: IDataObject = { product: 'recording', events: ['uploaded'], ...parameters };
	const send = async (body: unknown, headers?: Record<string, string>) => {
		const rawBody = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
		const signature = createHmac('sha256', SECRET).update(rawBody).digest('hex');
		const response = {
			code: 200,
			status(code: number) {
				this.code = code;
				return this;
			},
			json(json: unknown) {
				responses.push({ status: this.code, body: json });
			},
		};
		const context = {
			getRequestObject: () => ({
				headers: headers ?? { 'agora-signature-v2': signature },
				rawBody,
			}),
			getResponseObject: () => response,
			getCredentials: async () => ({ secret: ` ${SECRET}\n` }),
			getNodeParameter: (name: string, unset: unknown) => all[name] ?? unset,
			getMode: () => mode,
			getWorkflow: () => ({ id: 'workflow' }),
			getNode: () => ({ id, credentials: {} }),
			getWorkflowStaticData: () => stored,
		} as unknown as IWebhookFunctions;
		const { workflowData, noWebhookResponse } = await receive(context);
		expect(noWebhookResponse).toBe(true);
		return workflowData?.[0]?.map(({ json }) => json) ?? null;
	};
	return { send, responses };
}

describe('receive', () => {
	it('starts the workflow with the item, and responds with JSON', async () => {
		const { send, responses } = setUp();
		expect(await send(notificationOf(UPLOADED))).toEqual([
			expect.objectContaining({ event: 'recording.uploaded', cname: 'class-7b' }),
		]);
		expect(responses).toEqual([{ status: 200, body: { received: true } }]);
	});

	it.each([
		['without a signature', {}],
		['with a wrong signature', { 'agora-signature-v2': '00'.repeat(32) }],
	])('refuses a request %s, and starts nothing', async (_, headers) => {
		const { send, responses } = setUp();
		expect(await send(notificationOf(UPLOADED), headers)).toBeNull();
		expect(responses).toEqual([
			{ status: 401, body: { error: 'The signature is missing or wrong' } },
		]);
	});

	it('refuses a signed body that is no notification', async () => {
		const { send, responses } = setUp();
		expect(await send([])).toBeNull();
		expect(responses).toEqual([{ status: 400, body: { error: 'The body is not a JSON object' } }]);
	});

	it('starts nothing for a copy', async () => {
		const { send, responses } = setUp();
		await send(notificationOf(UPLOADED));
		expect(await send(notificationOf(UPLOADED, { notifyMs: 1 }))).toBeNull();
		expect(await send(notificationOf(UPLOADED, { noticeId: 'redundant' }))).toBeNull();
		expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
	});

	it('does not respond if Add Recording is not valid, so that n8n does, and Agora sends the event again', async () => {
		const { send, responses } = setUp({ addRecording: 'maybe' });
		for (let attempt = 0; attempt < 2; attempt++)
			await expect(send(notificationOf(UPLOADED))).rejects.toThrow('Add Recording');
		expect(responses).toEqual([]);
	});

	it('shows a copy in the editor', async () => {
		const { send } = setUp({}, 'manual');
		await send(notificationOf(UPLOADED));
		expect(await send(notificationOf(UPLOADED))).not.toBeNull();
	});

	it.each<[string, IDataObject, object, boolean]>([
		['an event that is not chosen', {}, { eventType: 32 }, false],
		['an unknown event', {}, { eventType: 99 }, false],
		['an unknown event with All', { events: ['*'] }, { eventType: 99 }, true],
		['an event of another product', { events: ['*'] }, { productId: 5 }, false],
		['the channel', { filters: { cname: 'class-7b' } }, {}, true],
		['another channel', { filters: { cname: 'class-7' } }, {}, false],
		['a channel with the beginning', { filters: { cnamePrefix: 'class-' } }, {}, true],
		['a channel with another beginning', { filters: { cnamePrefix: '7b' } }, {}, false],
		['no channel, with a filter', { filters: { cname: 'class-7b' } }, { payload: {} }, false],
	])('%s', async (_, parameters, changes, isEmitted) => {
		const { send, responses } = setUp(parameters);
		expect((await send(notificationOf(UPLOADED, changes))) !== null).toBe(isEmitted);
		expect(responses).toEqual([{ status: 200, body: { received: true } }]);
	});

	it('answers the events of Check in the Agora Console', async () => {
		const { send, responses } = setUp({ product: 'channel', events: ['*'] });
		const payload = { channelName: 'test_webhook', ts: 1560399999 };
		expect(await send(notificationOf(CREATED, { payload }))).toBeNull();
		expect(responses).toEqual([{ status: 200, body: { received: true } }]);
	});

	it('starts the workflow although the bucket cannot be read, and says why', async () => {
		const { send, responses } = setUp({ addRecording: true });
		const [item] = (await send(notificationOf(UPLOADED)))!;
		expect(item).toMatchObject({
			event: 'recording.uploaded',
			recording: null,
			recording_note: expect.stringContaining('No Agora Recording Storage API credential'),
		});
		expect(Object.keys(item!).at(-1)).toBe('raw');
		expect(responses).toEqual([{ status: 200, body: { received: true } }]);
	});
});

describe('testNotificationsCredential', () => {
	it.each([
		['a secret', 'abcDEF_-123', 'OK'],
		['a secret with spaces around it', ' abc ', 'OK'],
		['no secret', '', 'Error'],
		['only spaces', '  ', 'Error'],
		['two words', 'my secret', 'Error'],
	])('%s', (_, secret, status) => {
		const credential = { id: '1', name: 'x', type: 'agoraNotificationsApi', data: { secret } };
		expect(testNotificationsCredential(credential)).toMatchObject({ status });
	});
});
