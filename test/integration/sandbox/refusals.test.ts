import { request } from 'undici';
import { agoraClient } from './agoraClient.ts';
import { useSandbox } from './useSandbox.ts';

const sandbox = useSandbox({ unlimited: true });
let agora: ReturnType<typeof agoraClient>;

beforeAll(() => {
	agora = agoraClient(sandbox);
});

async function http(path: string) {
	const answer = await request(`${sandbox.agora}/sandbox/${path}`);
	return JSON.parse(await answer.body.text());
}

const misspelled = { channelType: 0, maxIdelTime: 90 };

it('remembers what the schema finds in each request, without secrets', async () => {
	const clientRequest = agora.startRequest('careless', '527841', { recordingConfig: misspelled });
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

	const { refusals } = await http('refusals');
	expect(refusals).toEqual(sandbox.control.refusals());
	expect(
		refusals.map(({ action, mode, path }: Record<string, string>) => [action, mode, path]),
	).toEqual([
		['update', 'mix', 'clientRequest.webRecordingConfig'],
		['updateLayout', 'mix', 'clientRequest.mixedVideoLayout'],
		['stop', 'mix', 'clientRequest.async_stop'],
		['acquire', null, 'cname'],
		['start', 'mix', 'clientRequest.recordingConfig.channelType'],
	]);
	expect(refusals[3]).toMatchObject({
		reason: 'invalid_channel_name',
		body: { cname: 'bad/name' },
	});
	expect(refusals[4].body.clientRequest.storageConfig).toMatchObject({ secretKey: '(hidden)' });
	expect(await http('unknown-keys')).toEqual({
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
	expect([sandbox.control.refusals(), sandbox.control.unknownKeys()]).toEqual([[], []]);
});
