import { request } from 'undici';
import { saveCredential } from '../../sandbox/n8n/credentials.ts';
import { exampleWorkflows, withCredentials, type Workflow } from '../../sandbox/n8n/workflows.ts';
import {
	startScriptedModel,
	type ChatRequest,
	type Turn,
} from '../../sandbox/model/scriptedModel.ts';
import { execute, executeAgora, triggered, until, type Items } from './executions.ts';
import { mostAtATime } from '../mostAtATime.ts';
import type { TestedDemo } from './testedDemo.ts';
import { note } from './transcript.ts';

const RECORDING = { resource: 'recording' };
const START = { ...RECORDING, operation: 'start' };
const AT_ONCE = 50;
const SOMEBODY = { uids: ['1001'], seconds: null };
/** The least that Agora accepts. */
const SHORTEST_IDLE_SECONDS = 5;

/** A channel is recorded once, nothing starts that could not be stored, and Stop ends what is running. */
export function testStartAndStop(tested: () => TestedDemo): void {
	const control = () => tested().demo.sandbox.control;
	const api = () => tested().demo.api;
	const sessionsOf = (cname: string) =>
		control()
			.sessions()
			.filter((each) => each.cname === cname);
	const live = (cname: string) => sessionsOf(cname).filter((each) => each.live);
	const channels = new Set<string>();
	/** All items of Start and Stop. */
	const seen: Items = [];

	function openChannel(cname: string, plan: { uids: string[]; seconds: null } = SOMEBODY): void {
		control().setChannel(cname, plan);
		channels.add(cname);
	}

	async function run(name: string, parameters: Record<string, unknown>): Promise<Items> {
		const items = await tested().run(name, { ...RECORDING, ...parameters });
		seen.push(...items);
		return items;
	}
	const start = async (cname: string, options: object = {}) =>
		(await run(`Start ${cname}`, { operation: 'start', cname, options }))[0]!;
	const stop = async (cname: string) =>
		(
			await run(`Stop ${cname}`, {
				operation: 'stop',
				recordingId: { __rl: true, mode: 'channel', value: cname },
			})
		)[0]!;

	/** Counts the sandbox's requests while `work` runs, and measures its time. */
	async function measured<T>(work: () => Promise<T>) {
		const count = async (end: string) =>
			(await control().requests('agora')).filter(({ path }) => path.endsWith(end)).length;
		const before = { acquires: await count('/acquire'), starts: await count('/start') };
		const began = Date.now();
		const result = await work();
		const seconds = (Date.now() - began) / 1000;
		const acquires = (await count('/acquire')) - before.acquires;
		const starts = (await count('/start')) - before.starts;
		return { result, figures: { acquires, starts, seconds } };
	}

	/** Adds a workflow with the credentials that it names. */
	async function addWorkflow(workflow: Workflow & Record<string, unknown>): Promise<string> {
		const all = await api().get<Array<{ id: string; name: string; type: string }>>('/credentials');
		const idOf = (type: string, name: string) =>
			all.find((each) => each.type === type && each.name === name)?.id;
		const { versionId } = await api().post<{ versionId: string }>(
			'/workflows',
			withCredentials(workflow, idOf),
		);
		return versionId;
	}

	afterAll(async () => {
		for (const { sid } of [...channels].flatMap(live)) await control().stop(sid);
	});

	describe.each([
		['one workflow', ['one']],
		['two workflows', ['first-of-two', 'second-of-two']],
	])(`${AT_ONCE} calls of the webhook at once, of %s`, (what, paths) => {
		const cname = `called by ${what}`;

		beforeAll(async () => {
			for (const path of paths) {
				const versionId = await addWorkflow(startingWorkflow(path, cname));
				await api().post(`/workflows/${path}/activate`, { versionId });
			}
			// n8n responses before it has all webhooks; then it says which method to use.
			for (const path of paths) {
				await until(`the webhook ${path} is there`, 10, async () => {
					const { body } = await request(`${tested().demo.n8n.url}/webhook/${path}`);
					return (await body.text()).includes('POST') || null;
				});
			}
		});

		it('start one recording, and each gets its sid', async () => {
			openChannel(cname);
			const call = async (_: unknown, index: number) => {
				const url = `${tested().demo.n8n.url}/webhook/${paths[index % paths.length]}`;
				const { body } = await request(url, { method: 'POST' });
				return (await body.json()) as Items;
			};
			const { result: responses, figures } = await measured(
				async () => await Promise.all(Array.from({ length: AT_ONCE }, call)),
			);
			const executions = (
				await Promise.all(paths.map((path) => triggered(api(), path, 'webhook')))
			).flat();
			const items = responses.flat();
			tested().seen.push(executions, items);
			seen.push(...items);
			const isNew = items.filter((item) => item.already_recording !== true);
			note(`${AT_ONCE} starts of one channel at once, ${what}`, {
				executions: executions.length,
				succeeded: executions.filter(({ status }) => status === 'success').length,
				most_at_a_time: mostAtATime(
					executions.map(({ startedAt, stoppedAt }) => [startedAt!, stoppedAt!]),
				),
				items: items.length,
				sids: new Set(items.map(({ sid }) => sid)).size,
				without_already_recording: isNew.length,
				sessions: sessionsOf(cname).length,
				...figures,
			});
			expect(executions.map(({ status }) => status)).toEqual(Array(AT_ONCE).fill('success'));
			expect(sessionsOf(cname)).toHaveLength(1);
			expect(items).toHaveLength(AT_ONCE);
			const { sid } = sessionsOf(cname)[0]!;
			for (const item of items) expect(item).toMatchObject({ sid, cname, status: 'recording' });
			expect(isNew).toEqual([expect.objectContaining({ already_recording: false })]);
		});
	});

	it('an agent whose tool lost the response to a start gets the sid from a retry', async () => {
		const cname = 'requested twice';
		openChannel(cname);
		const turns: Array<(chat: ChatRequest) => Turn> = [
			() => ({ tool: 'Start_recording_in_Agora', arguments: { Channel_Name: cname } }),
			({ messages }) => ({
				content: String(messages.findLast(({ role }) => role === 'tool')!.content),
			}),
		];
		const model = await startScriptedModel((chat) => turns.shift()!(chat));
		try {
			const data = { apiKey: 'a-key-that-opens-nothing', url: model.url };
			await saveCredential(api(), { name: 'OpenAI account', type: 'openAiApi', data });
			await addWorkflow(retryingAgent());
			await control().fail('agora', { path: '/start', when: 'after', response: 'drop' });
			const { result: execution, figures } = await measured(
				async () => await execute(api(), RETRYING_AGENT, 'When chat message received', 60),
			);
			const [response] = tested().outputOf(execution, 'AI Agent');
			note('An agent whose tool lost the response to a start', {
				sessions: sessionsOf(cname).length,
				...figures,
				response,
			});
			const { sid } = sessionsOf(cname)[0]!;
			expect(sessionsOf(cname)).toHaveLength(1);
			expect(JSON.parse(String(response!.output))).toEqual([expect.objectContaining({ sid })]);
		} finally {
			await model.stop();
		}
	}, 90_000);

	describe('If Already Recording', () => {
		const cname = 'recorded already';
		let first: Record<string, unknown>;

		beforeAll(async () => {
			openChannel(cname);
			first = await start(cname);
		});

		it('Fail: an error that names the channel and the recording', async () => {
			const parameters = { ...START, cname, options: { ifAlreadyRecording: 'fail' } };
			const settings = { onError: 'continueRegularOutput' } as const;
			const name = 'Start, or fail';
			const execution = await executeAgora(api(), name, parameters, settings);
			const [item] = tested().outputOf(execution, name);
			note(name, item);
			expect(item!.error).toBe(`Channel "${cname}" is already being recorded`);
			expect(item!.message).toContain(`The recording is ${String(first.sid)}.`);
			expect(sessionsOf(cname)).toHaveLength(1);
		});

		it('Start Another: a second recording with another recorder UID', async () => {
			const second = await start(cname, { ifAlreadyRecording: 'startAnother' });
			expect(second).toMatchObject({ status: 'recording', already_recording: false });
			expect(second.sid).not.toBe(first.sid);
			expect(second.uid).not.toBe(first.uid);
			expect(live(cname).map(({ sid }) => sid)).toEqual([first.sid, second.sid]);
		});
	});

	it('a storage key that may not write: nothing is started', async () => {
		const cname = 'cannot be stored';
		openChannel(cname);
		const body = '<Error><Code>AccessDenied</Code></Error>';
		const response = { status: 403, body };
		await control().fail('s3', { method: 'PUT', path: 'write-check', response: response });
		const name = 'Start without write access';
		const { result: execution, figures } = await measured(
			async () => await executeAgora(api(), name, { ...START, cname, options: {} }),
		);
		tested().seen.push(execution);
		const { status, error, description } = execution;
		note(name, { status, error, description, sessions: sessionsOf(cname).length, ...figures });
		expect(status).toBe('error');
		expect(description).toContain('Nothing was started.');
		expect(figures).toMatchObject({ acquires: 0, starts: 0 });
		expect(sessionsOf(cname)).toEqual([]);
	});

	it('Stop by channel ends the running recording, between two that have ended', async () => {
		const cname = 'stopped by channel';
		const isOver = async (sid: unknown) =>
			await until('it has ended', 10, async () =>
				live(cname).every((each) => each.sid !== sid) ? true : null,
			);
		openChannel(cname, { uids: [], seconds: null });
		const before = await start(cname, { maxIdleTime: SHORTEST_IDLE_SECONDS });
		await isOver(before.sid);
		openChannel(cname);
		const running = await start(cname);
		const after = await start(cname, { ifAlreadyRecording: 'startAnother' });
		await control().crash(String(after.sid));
		expect(live(cname).map(({ sid }) => sid)).toEqual([running.sid]);
		const stopped = await stop(cname);
		const ends = sessionsOf(cname).map(({ sid, endReason }) => ({ sid, endReason }));
		const { sid, stopped: isStopped } = stopped;
		note('Stop by channel', { sessions: ends, sid, stopped: isStopped });
		expect(ends.map(({ endReason }) => endReason)).toEqual(['idle', 'stopped', 'crashed']);
		expect(stopped).toMatchObject({ sid: running.sid, stopped: true });
		expect(live(cname)).toEqual([]);
	});

	it('Stop of files that Agora has yet to upload: still recording', async () => {
		const cname = 'uploaded late';
		openChannel(cname);
		control().setRecorder({ uploadingStatus: 'backuped', lateUploadSeconds: null });
		await start(cname);
		control().setRecorder({});
		await until('it records', 10, async () => (live(cname)[0]?.status === 5 ? true : null));
		expect(await stop(cname)).toMatchObject({
			status: 'recording',
			ended_at: null,
			stopped: true,
			uploading_status: 'backuped',
		});
	});

	it('no item is recording and has ended', () => {
		const both = seen.filter(({ status, ended_at: end }) => status === 'recording' && end);
		note('Items of Start and Stop', { items: seen.length, recording_and_ended: both.length });
		expect(both).toEqual([]);
	});
}

const AGORA_CREDENTIALS = {
	agoraApi: { id: null, name: 'Agora account' },
	agoraStorageApi: { id: null, name: 'Agora Recording Storage account' },
};

/** Starts a recording of a channel whenever its webhook is called, and responds with its items. */
function startingWorkflow(path: string, cname: string): Workflow & Record<string, unknown> {
	const node = (name: string, type: string, parameters: object, more: object) => ({
		id: name,
		name,
		type,
		position: [0, 0],
		parameters,
		...more,
	});
	const start = 'Start recording';
	const webhook = {
		path,
		httpMethod: 'POST',
		responseMode: 'lastNode',
		responseData: 'allEntries',
	};
	return {
		id: path,
		name: path,
		nodes: [
			node('Webhook', 'n8n-nodes-base.webhook', webhook, { typeVersion: 2, webhookId: path }),
			node(
				start,
				'n8n-nodes-agora.agora',
				{ ...START, cname, options: {} },
				{ typeVersion: 1, credentials: AGORA_CREDENTIALS },
			),
		],
		connections: { Webhook: { main: [[{ node: start, type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
}

const RETRYING_AGENT = 'agent-that-retries';

/** The example with an agent, whose Start tool has Retry On Fail, and a message in its chat. */
function retryingAgent(): Workflow & Record<string, unknown> {
	const example = exampleWorkflows().find(({ id }) => id === 'agora-ask-an-agent')!;
	const json = { sessionId: 'retries', action: 'sendMessage', chatInput: 'Record that class.' };
	return {
		...example,
		id: RETRYING_AGENT,
		name: RETRYING_AGENT,
		nodes: example.nodes.map((node) =>
			node.name === 'Start recording in Agora'
				? { ...node, retryOnFail: true, maxTries: 3, waitBetweenTries: 1000 }
				: node,
		),
		pinData: { 'When chat message received': [{ json }] },
	};
}
