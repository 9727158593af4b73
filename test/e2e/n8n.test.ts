import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import {
	NOTIFICATIONS_SECRET,
	sandboxCredentials,
	saveCredential,
	type Credential,
} from '../../sandbox/n8n/credentials.ts';
import { owner, type Demo } from '../../sandbox/n8n/demo.ts';
import { exampleWorkflows, importWorkflow, withCredentials } from '../../sandbox/n8n/workflows.ts';
import { mp4, PIECE_SECONDS } from '../../sandbox/recorder/clip.ts';
import {
	startScriptedModel,
	type ChatRequest,
	type Tool,
	type Turn,
} from '../../sandbox/model/scriptedModel.ts';
import { findSecrets } from '../integration/secrets.ts';
import { toolsInDocs } from './agentTools.ts';
import { readObject } from './bucketFiles.ts';
import { testChannelRecipes } from './channelRecipes.ts';
import { execute, executeNode, triggered, until, type Execution } from './executions.ts';
import { hasFfprobe, probeVideo } from '../video.ts';
import { webViewLink } from './googleDrive.ts';
import {
	archivingWorkflow,
	ELSEWHERE_FOLDER,
	IDLE_SECONDS,
	LATE_MP4,
	LATE_SECONDS,
	LONG_CALL,
	MP4_SECONDS,
	OWN_FOLDER,
	POLL_SECONDS,
	pollsOf,
	startElsewhere,
} from './lateMp4.ts';
import { testEventTrigger } from './eventTrigger.ts';
import { findIn, tokensIn } from './leaks.ts';
import { SPEED } from './quickDemo.ts';
import { testStartAndStop } from './startAndStop.ts';
import { startTestedDemo, type TestedDemo } from './testedDemo.ts';
import { note } from './transcript.ts';

/*
 * A real n8n, started as `npm start` does, runs the example workflows. The tests build on one another.
 */

const MINUTE = 60_000;
const RECORD = 'agora-record-a-channel';
const ARCHIVE = 'agora-archive-and-notify';
const DRIVE_AND_SLACK = 'agora-drive-and-slack';
const SYNC = 'agora-nightly-sync';
const STOP = 'agora-stop-when-the-call-ends';
const AGENT = 'agora-ask-an-agent';

/** n8n polls at any second of a minute; the second poll after an event must have seen it. */
const TWO_POLLS_SECONDS = 130;

let tested: TestedDemo;
let demo: Demo;
let run: TestedDemo['run'];
let outputOf: TestedDemo['outputOf'];

beforeAll(async () => {
	if (!hasFfprobe) {
		process.stderr.write('FFPROBE IS NOT INSTALLED: WHETHER ARCHIVED VIDEOS PLAY IS NOT TESTED\n');
	}
	tested = await startTestedDemo();
	({ demo, run, outputOf } = tested);
}, 15 * MINUTE);

afterAll(async () => await tested?.stop(), MINUTE);

it('the package is installed like any community package', async () => {
	expect(await demo.api.get('/community-packages')).toEqual([
		expect.objectContaining({
			packageName: 'n8n-nodes-agora',
			failedLoading: false,
			installedNodes: [
				expect.objectContaining({ name: 'Agora', type: 'n8n-nodes-agora.agora' }),
				expect.objectContaining({
					name: 'Agora Event Trigger',
					type: 'n8n-nodes-agora.agoraEventTrigger',
				}),
				expect.objectContaining({ name: 'Agora Trigger', type: 'n8n-nodes-agora.agoraTrigger' }),
			],
		}),
	]);
});

describe('credentials', () => {
	const credentialOf = (type: string) =>
		sandboxCredentials(demo.sandbox).find((credential) => credential.type === type)!;
	const test = async (credential: Credential) =>
		await demo.api.post<{ status: string; message: string }>('/credentials/test', {
			credentials: { id: '', ...credential },
		});

	it.each(['agoraApi', 'agoraStorageApi', 'agoraNotificationsApi'])(
		'%s: the right key is accepted',
		async (type) => {
			expect(await test(credentialOf(type))).toMatchObject({ status: 'OK' });
		},
	);

	it('agoraApi: reports a wrong secret', async () => {
		const { data, ...rest } = credentialOf('agoraApi');
		const response = await test({ ...rest, data: { ...data, customerSecret: 'wrong' } });
		expect(response.status).toBe('Error');
		expect(response.message).toContain('does not accept this Customer ID and Customer Secret');
	});

	it.each([
		['agoraApi', { customHost: 'http://agora.invalid' }],
		['agoraStorageApi', { endpoint: 'http://storage.invalid' }],
	])('%s: unencrypted HTTP to another machine must be allowed', async (type, address) => {
		const { data, ...rest } = credentialOf(type);
		const refused = await test({ ...rest, data: { ...data, ...address } });
		expect(refused.status).toBe('Error');
		expect(refused.message).toMatch(/plain http|unencrypted HTTP/);
		const allowed = await test({ ...rest, data: { ...data, ...address, allowPlainHttp: true } });
		expect(allowed.message).not.toMatch(/plain http|unencrypted HTTP/);
	});

	it('agoraStorageApi: reports a wrong secret', async () => {
		const { data, ...rest } = credentialOf('agoraStorageApi');
		const response = await test({ ...rest, data: { ...data, secretKey: 'wrong' } });
		expect(response.status).toBe('Error');
		expect(response.message).toContain('Enter Secret Key again');
	});

	it("agoraStorageApi: reports a bucket that doesn't exist", async () => {
		const { data, ...rest } = credentialOf('agoraStorageApi');
		const response = await test({ ...rest, data: { ...data, bucket: 'elsewhere' } });
		expect(response.status).toBe('Error');
		expect(response.message).toContain('does not exist');
	});
});

/** The channels of the recordings that n8n is restarted under. */
const LESSON = 'lesson_1';
const TALK = 'talk_2 (Q&A, 100%)!';
const EMPTY = 'nobody-came';
/** The recorder stays in an empty channel for longer than the tests last. */
const LONG = { maxIdleTime: 3600 };

const byChannel = (value: string) => ({ recordingId: { __rl: true, mode: 'channel', value } });
const sidOf = (channel: string) =>
	demo.sandbox.control.sessions().find(({ cname }) => cname === channel)!.sid;

describe('n8n is restarted while recordings run', () => {
	it.each([
		['HLS and MP4', LESSON, 'hlsMp4', { uids: ['1001'], seconds: 20 }],
		['HLS only', TALK, 'hls', { uids: ['1001'], seconds: 14 }],
		['a call without anybody', EMPTY, 'hls', { uids: [], seconds: null }],
	])('before: Recording · Start, %s', async (what, cname, fileFormats, call) => {
		demo.sandbox.control.setChannel(cname, call);
		const [item] = await run(`Start a recording, ${what}`, {
			resource: 'recording',
			operation: 'start',
			cname,
			fileFormats,
			options: LONG,
		});
		expect(item).toMatchObject({ cname, status: 'recording', session_record_saved: true });
	});

	it(
		'n8n ends and starts again',
		async () => {
			const { n8n } = demo;
			await demo.restartN8n();
			expect(await n8n.ended).toContain('n8n ended');
			expect(demo.sandbox.control.sessions().map(({ live }) => live)).toEqual([true, true, true]);
		},
		4 * MINUTE,
	);

	it('after: Recording · Update, by the channel alone', async () => {
		const [item] = await run('Update a recording', {
			resource: 'recording',
			operation: 'update',
			...byChannel(TALK),
			change: 'subscriptions',
			subscribeAudioUids: '#allstream#',
		});
		expect(item).toMatchObject({ sid: sidOf(TALK), cname: TALK, updated: 'subscriptions' });
	});

	it('after: Recording · Update Layout, by the channel alone', async () => {
		const [item] = await run('Update the layout of a recording', {
			resource: 'recording',
			operation: 'updateLayout',
			...byChannel(LESSON),
			mixedVideoLayout: 1,
		});
		expect(item).toMatchObject({ sid: sidOf(LESSON), layout: 'best_fit' });
	});
});

/** The workflow's response to its caller. */
interface StopResponse {
	sid: string;
	status: string;
	duration_seconds: number;
	file?: string;
	note?: string;
}

describe('workflow: stop when the call ends', () => {
	/** Calls the webhook for an ended call. Right after its start, n8n responds with 404 until its webhooks are registered. */
	const callHasEnded = async (channel: string): Promise<StopResponse> =>
		await until('the webhook is there', 60, async () => {
			const response = await request(`${demo.n8n.url}/webhook/stop-when-the-call-ends`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ channel }),
			});
			const text = await response.body.text();
			if (response.statusCode === 404) return null;
			expect([response.statusCode, text]).toEqual([200, expect.any(String)]);
			tested.seen.push(text);
			note(`Stop when the call ends, the response for ${channel}`, JSON.parse(text));
			return JSON.parse(text) as StopResponse;
		});
	const lastExecution = async () => {
		const execution = await until('its execution has ended', 10, async () => {
			const last = (await triggered(demo.api, STOP, 'webhook')).at(-1);
			return last && !['new', 'running'].includes(last.status) ? last : null;
		});
		expect(execution).toMatchObject({ status: 'success' });
		return execution;
	};
	const responses: Record<string, StopResponse> = {};

	it('HLS only: stops by channel, merges the segments, archives, responds', async () => {
		const response = (responses[TALK] = await callHasEnded(TALK));
		expect(response).toEqual({
			sid: sidOf(TALK),
			status: 'completed',
			duration_seconds: expect.any(Number),
			file: expect.stringMatching(/^[0-9a-f]{32}\/talk-2 .*\.ts$/),
		});
		expect(response.duration_seconds).toBeGreaterThan(5);
		const [item] = outputOf(await lastExecution(), 'Download recording');
		note('Download recording', [item]);
		expect(item).toMatchObject({ cname: TALK, file: { mime_type: 'video/mp2t', uid: null } });
	});

	it(
		'HLS and MP4: checks again until the files are uploaded',
		async () => {
			// Agora (stop, code 50): the upload took too long, and the response has no files. Here it has not even begun.
			await demo.sandbox.control.fail('agora', {
				path: '/stop',
				response: { status: 206, body: { code: 50, reason: 'upload timeout' } },
			});
			const pendingResponse = callHasEnded(LESSON);
			await until('Agora has received the stop request', 60, async () => {
				const requests = Object.keys(await demo.sandbox.control.requestCounts('agora'));
				return (
					requests.some((path) => path.includes(`/sid/${sidOf(LESSON)}/mode/mix/stop`)) || null
				);
			});
			const [stopped] = await run('Stop a recording', {
				resource: 'recording',
				operation: 'stop',
				...byChannel(LESSON),
			});
			expect(stopped).toMatchObject({ status: 'completed', uploading_status: 'uploaded' });

			const response = (responses[LESSON] = await pendingResponse);
			expect(response).toEqual({
				sid: sidOf(LESSON),
				status: 'completed',
				duration_seconds: expect.any(Number),
				file: expect.stringMatching(/^[0-9a-f]{32}\/lesson-1_.*\.mp4$/),
			});
			expect(response.duration_seconds).toBeGreaterThan(5);
			expect(outputOf(await lastExecution(), 'Get recording').at(-1)).toMatchObject({
				sid: sidOf(LESSON),
				status: 'completed',
			});
		},
		2 * MINUTE,
	);

	it('nobody published: returns a note, and downloads nothing', async () => {
		expect(await callHasEnded(EMPTY)).toEqual({
			sid: sidOf(EMPTY),
			status: 'completed',
			duration_seconds: 0,
			note: expect.stringContaining('Nobody published'),
		});
	});

	it('an unknown channel: responds with 404', async () => {
		const response = await request(`${demo.n8n.url}/webhook/stop-when-the-call-ends`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ channel: 'never-recorded' }),
		});
		expect([response.statusCode, await response.body.json()]).toEqual([
			404,
			{ error: 'No recording of this channel' },
		]);
	});

	const itPlays = hasFfprobe ? it : it.skip;
	itPlays.each([LESSON, TALK])(
		`${hasFfprobe ? '' : 'SKIPPED, FFPROBE IS NOT INSTALLED: '}the archived video of %s plays to its end`,
		async (channel) => {
			const { file, duration_seconds } = responses[channel]!;
			const { sandbox } = demo;
			const video = probeVideo(await readObject(sandbox, sandbox.archiveBucket, file!));
			note(`The archived video of ${channel}, as ffprobe sees it`, { ...video, duration_seconds });
			expect(video.streams).toEqual(['audio', 'video']);
			expect(Math.abs(video.seconds - duration_seconds)).toBeLessThan(0.3);
		},
	);
});

let sid: string;

describe('workflow: record a channel', () => {
	it('starts a recording through Agora', async () => {
		const execution = await execute(demo.api, RECORD, 'When clicking ‘Execute workflow’');
		const [item] = outputOf(execution, 'Start recording');
		expect(item).toMatchObject({
			cname: 'demo-class',
			mode: 'mix',
			status: 'recording',
			session_record_saved: true,
		});
		sid = item!.sid as string;
		expect(demo.sandbox.control.sessions().filter(({ live }) => live)).toEqual([
			expect.objectContaining({ sid, cname: 'demo-class', resourceId: item!.resourceId }),
		]);
		const requests = Object.keys(await demo.sandbox.control.requestCounts('agora')).join('\n');
		expect(requests).toMatch(/POST \/v1\/apps\/\w+\/cloud_recording\/acquire\n/);
		expect(requests).toMatch(
			/POST \/v1\/apps\/\w+\/cloud_recording\/resourceid\/[^/]+\/mode\/mix\/start/,
		);
	});
});

/** The channels of all recordings so far. */
const CHANNELS = [LESSON, TALK, EMPTY, 'demo-class', 'another-class'];

describe('the seven functions', () => {
	it('list_projects: Project · Get Many', async () => {
		const items = await run('Get many projects', { resource: 'project', operation: 'getAll' });
		expect(items.map(({ name }) => name)).toEqual(['Live classes', 'Staging', 'Retired pilot']);
		expect(items[0]).toMatchObject({
			id: expect.any(String),
			app_id: demo.sandbox.agoraAccount.appId,
			status: 'enabled',
			certificate_enabled: true,
		});
	});

	it('get_project: Project · Get', async () => {
		const [item] = await run('Get a project', {
			resource: 'project',
			operation: 'get',
			projectId: { __rl: true, mode: 'appId', value: demo.sandbox.agoraAccount.appId },
		});
		expect(item).toMatchObject({ name: 'Live classes', status: 'enabled' });
	});

	it('create_project: Project · Create', async () => {
		const [item] = await run('Create a project', {
			resource: 'project',
			operation: 'create',
			name: 'Made by n8n',
			enableAppCertificate: true,
			options: { recordingConfig: '{ "max_idle_time": 60 }' },
		});
		expect(item).toMatchObject({
			name: 'Made by n8n',
			status: 'enabled',
			certificate_enabled: true,
			recordingConfig: { maxIdleTime: 60 },
		});
	});

	it('start_recording: Recording · Start', async () => {
		const [item] = await run('Start a recording', {
			resource: 'recording',
			operation: 'start',
			cname: 'another-class',
			uidMode: 'specify',
			uid: '527841',
			clientRequest: '{ "recordingConfig": { "maxIdleTime": 600 } }',
		});
		expect(item).toMatchObject({ cname: 'another-class', uid: '527841', mode: 'mix' });
		expect(item).toMatchObject({ sid: expect.any(String), resourceId: expect.any(String) });
	});

	it('get_recording: Recording · Get, of one that is running', async () => {
		const started = demo.sandbox.control.sessions().find(({ cname }) => cname === 'another-class')!;
		const [item] = await run('Get a recording', {
			resource: 'recording',
			operation: 'get',
			recordingId: { __rl: true, mode: 'id', value: started.sid },
		});
		expect(item).toMatchObject({
			sid: started.sid,
			cname: 'another-class',
			status: 'recording',
			resourceId: started.resourceId,
			uid: '527841',
		});
	});

	it('list_recordings: Recording · Get Many', async () => {
		const items = await run('Get many recordings', {
			resource: 'recording',
			operation: 'getAll',
			returnAll: true,
		});
		expect(new Set(items.map(({ cname }) => cname))).toEqual(new Set(CHANNELS));
		expect(items).toHaveLength(CHANNELS.length);
		expect(items).toContainEqual(expect.objectContaining({ sid, file_list: expect.any(Array) }));
	});

	it('get_current_user: User · Get Current', async () => {
		const [item] = await run('Get current user', { resource: 'user', operation: 'getCurrent' });
		const { customerId } = demo.sandbox.agoraAccount;
		expect(item).toMatchObject({ user: { id: customerId, name: null, email: null } });
	});
});

let token: string;

describe('projects and tokens', () => {
	const made = { projectId: { __rl: true, mode: 'name', value: 'Made by n8n' } };

	it('Project · Set App Certificate', async () => {
		const parameters = { resource: 'project', operation: 'setAppCertificate', ...made };
		const [item] = await run('Set an App Certificate', {
			...parameters,
			enableAppCertificate: false,
		});
		expect(item).toMatchObject({ name: 'Made by n8n', certificate_enabled: false });
	});

	it('Project · Reset App Certificate', async () => {
		await tested.certificates();
		const parameters = { resource: 'project', operation: 'resetAppCertificate', ...made };
		const [item] = await run('Reset an App Certificate', parameters);
		expect(item).toMatchObject({ name: 'Made by n8n', certificate_enabled: true });
	});

	it('Project · Update Status', async () => {
		const parameters = { resource: 'project', operation: 'updateStatus', ...made };
		const [item] = await run('Update the status of a project', {
			...parameters,
			status: 'disabled',
		});
		expect(item).toMatchObject({ name: 'Made by n8n', status: 'disabled' });
	});

	it('Project · Get Usage', async () => {
		const items = await run('Get the usage of a project', {
			resource: 'project',
			operation: 'getUsage',
			projectId: { __rl: true, mode: 'name', value: 'Live classes' },
			business: 'cloudRecording',
			fromDate: '2026-11-01',
			toDate: '2026-11-02',
		});
		expect(items.map(({ date }) => date)).toEqual(['2026-11-01', '2026-11-02']);
	});

	it('Token · Generate', async () => {
		const [item] = await run('Generate a token', {
			resource: 'token',
			operation: 'generate',
			cname: 'demo-class',
			uid: '1001',
			lifetime: 900,
		});
		expect(item).toMatchObject({ cname: 'demo-class', uid: '1001', role: 'host' });
		token = item!.token as string;
	});
});

let recording: Record<string, unknown>;

describe('workflow: new recording, archive and notify', () => {
	it(
		'begins with exactly that recording, once all of its files are there',
		async () => {
			const execution = await until(
				'the trigger has started the workflow',
				TWO_POLLS_SECONDS,
				async () => {
					const [first] = await triggered(demo.api, ARCHIVE);
					return first && !['new', 'running'].includes(first.status) ? first : null;
				},
			);
			const items = outputOf(execution, 'Agora Trigger');
			note('Agora Trigger', items);
			expect(items).toHaveLength(1);
			recording = items[0]!;
			expect(recording).toMatchObject({ sid, cname: 'demo-class', status: 'completed' });
			expect(execution).toMatchObject({ status: 'success' });
		},
		TWO_POLLS_SECONDS * 1000 + MINUTE,
	);

	it('puts the same bytes into the archive', async () => {
		const files = recording.file_list as Array<{ kind: string; key: string; size_bytes: number }>;
		const video = files.find(({ kind }) => kind === 'video')!;
		const { storage, archiveBucket } = demo.sandbox;
		const original = await readObject(demo.sandbox, storage.bucket, video.key);
		const copy = await readObject(demo.sandbox, archiveBucket, `demo-class/${sid}.mp4`);
		expect(original).toHaveLength(video.size_bytes);
		expect(copy.equals(original)).toBe(true);
	});

	it('posts one message', async () => {
		const messages = await inboxMessages();
		tested.seen.push(messages);
		expect(messages).toHaveLength(1);
		expect(messages[0]!.text).toMatch(
			/^The recording of demo-class is ready \(00:00:\d\d\)\. Watch it at http.*_0\.mp4\?/,
		);
	});

	it(
		'does not begin again at the next poll',
		async () => {
			const polls = async () => {
				const requests = await demo.sandbox.control.requests('s3');
				return requests.filter(({ path }) => path.includes('list-type=2')).length;
			};
			const before = await polls();
			await until('the trigger has polled again', 70, async () =>
				(await polls()) > before ? true : null,
			);
			// The execution would exist once its poll has ended.
			await new Promise((resolve) => setTimeout(resolve, 3_000));
			expect(await triggered(demo.api, ARCHIVE)).toHaveLength(1);
			expect(await inboxMessages()).toHaveLength(1);
		},
		2 * MINUTE,
	);
});

describe('workflow: new recording, Google Drive and Slack', () => {
	it('is imported without credentials and not active', async () => {
		const { active, nodes } = await demo.api.get<{ active: boolean; nodes: object[] }>(
			`/workflows/${DRIVE_AND_SLACK}`,
		);
		expect(active).toBe(false);
		expect(nodes).toContainEqual(
			expect.objectContaining({ name: 'Upload to Drive', credentials: {} }),
		);
		expect(nodes).toContainEqual(
			expect.objectContaining({ name: 'Post a message', credentials: {} }),
		);
	});

	it('puts the MP4 into Drive and its link into Slack', async () => {
		const { files, messages } = tested.external;
		await chooseCredentials(DRIVE_AND_SLACK, tested.external.credentials);
		const execution = await execute(demo.api, DRIVE_AND_SLACK, 'Agora Trigger', 60);
		expect(outputOf(execution, 'Agora Trigger')).toEqual([
			expect.objectContaining({ sid, cname: 'demo-class', status: 'completed' }),
		]);

		expect(files).toEqual([
			expect.objectContaining({
				name: expect.stringMatching(/^demo-class_\d{8}T\d{6}Z\.mp4$/),
				mimeType: 'video/mp4',
				parents: ['root'],
			}),
		]);
		const { storage } = demo.sandbox;
		const mp4 = `demo/${sid}_demo-class_0.mp4`;
		const original = await readObject(demo.sandbox, storage.bucket, mp4);
		expect(files[0]!.content.equals(original)).toBe(true);

		const text = `The recording of demo-class is ready (${String(recording.duration)}). Watch it at ${webViewLink(files[0]!.id)}`;
		expect(messages).toEqual([expect.objectContaining({ channel: '#recordings', text })]);
	});
});

describe('workflow: nightly sync', () => {
	it('keeps one row for each recording, however often it runs', async () => {
		for (let time = 0; time < 2; time++) {
			const rows = outputOf(await execute(demo.api, SYNC, 'Every night'), 'Save a row each');
			if (time === 0) note('Nightly sync, rows', rows);
			expect(rows).toHaveLength(CHANNELS.length);
			expect(rows).toContainEqual(
				expect.objectContaining({
					sid,
					cname: 'demo-class',
					status: 'completed',
					size_bytes: recording.size_bytes,
					duration: recording.duration,
					folder: 'demo/',
				}),
			);
			expect(rows.map(({ id }) => id).sort()).toEqual(CHANNELS.map((_, index) => index + 1));
		}
	});
});

describe('workflow: ask an agent', () => {
	it('lists recordings, gets one and starts one with the node as its tools', async () => {
		const resultOf = ({ messages }: ChatRequest) => {
			const { content } = messages.findLast(({ role }) => role === 'tool')!;
			return JSON.parse(content!) as Array<Record<string, unknown>>;
		};
		const turns: Array<(chat: ChatRequest) => Turn> = [
			() => ({ tool: 'Get_many_recordings_in_Agora', arguments: { Channel_Name: 'demo-class' } }),
			(chat) => ({
				tool: 'Get_recording_in_Agora',
				arguments: { Recording: resultOf(chat)[0]!.sid },
			}),
			() => ({
				tool: 'Start_recording_in_Agora',
				arguments: { Channel_Name: 'requested by an agent' },
			}),
			(chat) => ({ content: `It is ${String(resultOf(chat)[0]!.status)}.` }),
		];
		const model = await startScriptedModel((chat) => turns.shift()!(chat));
		try {
			const openAi = { apiKey: 'a-key-that-opens-nothing', url: model.url };
			await chooseCredentials(AGENT, [{ name: 'OpenAI account', type: 'openAiApi', data: openAi }]);
			// As if somebody had written it into the chat.
			const chatInput = 'Record that class again, as it was recorded last time.';
			const message = { sessionId: 'one-chat', action: 'sendMessage', chatInput };
			const chat = 'When chat message received';
			await demo.api.patch(`/workflows/${AGENT}`, { pinData: { [chat]: [{ json: message }] } });
			const [response] = outputOf(await execute(demo.api, AGENT, chat, 60), 'AI Agent');

			expect(response).toEqual({ output: 'It is recording.' });
			expect(resultOf(model.requests[1]!)[0]).toMatchObject({ sid, status: 'completed' });
			expect(resultOf(model.requests[2]!)[0]).toMatchObject({ sid, cname: 'demo-class' });
			const started = resultOf(model.requests[3]!)[0]!.sid;
			expect(demo.sandbox.control.sessions()).toContainEqual(
				expect.objectContaining({ sid: started, live: true }),
			);
			const { tools } = model.requests[0]!;
			note('The tools as the model receives them', tools);
			const byName = (one: Tool, other: Tool) => one.name.localeCompare(other.name);
			expect(tools.toSorted(byName)).toEqual(toolsInDocs().toSorted(byName));
		} finally {
			await model.stop();
		}
	});
});

describe('three MP4s, the last one two minutes after the playlist', () => {
	const OWN = 'long-lecture';
	const ELSEWHERE = 'long-seminar';
	/** By channel. */
	const sids: Record<string, string> = {};
	/** When the last MP4 was in the bucket, by channel, Unix milliseconds. */
	const completeAt: Record<string, number> = {};
	let executions: Execution[];

	const endOf = (cname: string) =>
		Date.parse(demo.sandbox.control.sessions().find(({ sid }) => sid === sids[cname])!.endedAt!);
	const mp4Of = (cname: string, index: number) => {
		const folder = cname === OWN ? OWN_FOLDER : ELSEWHERE_FOLDER;
		return [...folder, `${sids[cname]}_${cname}_${index}.mp4`].join('/');
	};
	const readMp4 = async (cname: string, index: number) =>
		await readObject(demo.sandbox, demo.sandbox.storage.bucket, mp4Of(cname, index));
	const itemsOf = (node: string, cname: string) =>
		executions
			.flatMap((execution) => outputOf(execution, node))
			.filter(({ sid: of }) => of === sids[cname]);

	it("one is started by Recording · Start, one by another back end through Agora's REST API", async () => {
		const { api, sandbox } = demo;
		const all = await api.get<Array<{ id: string; name: string; type: string }>>('/credentials');
		await importWorkflow(api, archivingWorkflow(sandbox.archiveBucket), {
			credentialId: (type, name) =>
				all.find((each) => each.type === type && each.name === name)?.id,
			inbox: sandbox.inbox,
		});

		const { control } = sandbox;
		for (const cname of [OWN, ELSEWHERE]) control.setChannel(cname, LONG_CALL);
		control.setRecorder({ mp4EverySeconds: MP4_SECONDS, mp4DelaySeconds: LATE_SECONDS * SPEED });
		const [item] = await run('Start a long recording', {
			resource: 'recording',
			operation: 'start',
			cname: OWN,
			fileFormats: 'hlsMp4',
			clientRequest: JSON.stringify({
				storageConfig: { fileNamePrefix: OWN_FOLDER },
				recordingConfig: { maxIdleTime: IDLE_SECONDS },
			}),
		});
		expect(item).toMatchObject({ status: 'recording', session_record_saved: true });
		sids[OWN] = item!.sid as string;
		sids[ELSEWHERE] = await startElsewhere(sandbox, ELSEWHERE);
		control.setRecorder({});
		for (const cname of [OWN, ELSEWHERE]) {
			void control.waitUntilComplete(sids[cname]!).then(() => (completeAt[cname] = Date.now()));
		}
	});

	it(
		'the trigger polls and starts nothing while the last MP4 is missing',
		async () => {
			await until('both recordings have ended', 30, async () =>
				[OWN, ELSEWHERE].every((cname) => endOf(cname) > 0) ? true : null,
			);
			for (const cname of [OWN, ELSEWHERE]) {
				await readMp4(cname, 0);
				await readMp4(cname, 1);
				await expect(readMp4(cname, 2)).rejects.toThrow('the bucket responded with 404');
			}
			await until('a last MP4 is there', LATE_SECONDS + 10, async () => {
				const begun = await triggered(demo.api, LATE_MP4);
				if (Object.keys(completeAt).length > 0) return true;
				expect(begun).toEqual([]);
				return null;
			});
			await until('both are there', 10, async () =>
				Object.keys(completeAt).length === 2 ? true : null,
			);
			const polls = await pollsOf(demo.sandbox);
			for (const cname of [OWN, ELSEWHERE]) {
				const endedAt = endOf(cname);
				const late = completeAt[cname]! - endedAt;
				const silent = polls.filter((at) => endedAt < at && at < endedAt + late).length;
				note(`The last MP4 of ${cname}`, { seconds_late: late / 1000, polls_before_it: silent });
				expect(late).toBeGreaterThanOrEqual(LATE_SECONDS * 1000 - 100);
				expect(silent).toBeGreaterThanOrEqual(Math.floor(LATE_SECONDS / POLL_SECONDS) - 1);
			}
		},
		MINUTE + LATE_SECONDS * 1000,
	);

	it(
		'emits each exactly once, after its last MP4',
		async () => {
			const { api, sandbox } = demo;
			await until('all MP4s are archived', 30, async () => {
				executions = await triggered(api, LATE_MP4);
				const archived = executions.flatMap(({ outputs }) => outputs['Archive file'] ?? []);
				return archived.length >= 6 || executions.some(({ error }) => error) ? true : null;
			});
			const before = (await pollsOf(sandbox)).length;
			// The second one has begun, so what the first one found would have started.
			await until('the trigger has polled twice more', 3 * POLL_SECONDS, async () =>
				(await pollsOf(sandbox)).length >= before + 2 ? true : null,
			);
			executions = await triggered(api, LATE_MP4);
			await api.post(`/workflows/${LATE_MP4}/deactivate`, {});
			for (const cname of [OWN, ELSEWHERE]) {
				const items = itemsOf('Agora Trigger', cname);
				note(`Agora Trigger, ${cname}`, items);
				expect(items).toEqual([
					expect.objectContaining({ cname, status: 'completed', file_list: expect.any(Array) }),
				]);
				const emitting = executions.filter(({ outputs }) =>
					outputs['Agora Trigger']!.some(({ sid: of }) => of === sids[cname]),
				);
				const files = items[0]!.file_list as Array<{ key: string; last_modified: string }>;
				const last = files.find(({ key }) => key === mp4Of(cname, 2))!;
				expect(Date.parse(emitting[0]!.startedAt!)).toBeGreaterThan(Date.parse(last.last_modified));
			}
		},
		MINUTE,
	);

	it.each([OWN, ELSEWHERE])('Download · Whole Recording returns all MP4s of %s', async (cname) => {
		const [{ duration_seconds }] = itemsOf('Agora Trigger', cname) as [
			{ duration_seconds: number },
		];
		const items = itemsOf('Download recording', cname);
		note(`Download recording, ${cname}`, items);
		expect(items).toHaveLength(3);
		const { archiveBucket } = demo.sandbox;
		const seconds = [MP4_SECONDS, MP4_SECONDS, duration_seconds - 2 * MP4_SECONDS];
		for (const [index, item] of items.entries()) {
			const { filename } = item.file as { filename: string };
			const copy = await readObject(demo.sandbox, archiveBucket, `${sids[cname]}/${filename}`);
			expect(copy.equals(mp4(seconds[index]! / PIECE_SECONDS))).toBe(true);
			expect(copy.equals(await readMp4(cname, index))).toBe(true);
		}
	});
});

describe('Recording · Start and Stop', () => testStartAndStop(() => tested));

describe('Agora Event Trigger', () => testEventTrigger(() => tested));

describe('channels and bans', () => testChannelRecipes(() => tested));

describe('an HTTP Request node with the Agora API credential', () => {
	const send = async (credential: Credential, url: string) => {
		const id = await saveCredential(demo.api, credential);
		const execution = await executeNode(demo.api, {
			name: 'HTTP Request',
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.5,
			parameters: {
				url,
				authentication: 'predefinedCredentialType',
				nodeCredentialType: credential.type,
				options: { response: { response: { fullResponse: true } } },
			},
			credentials: { [credential.type]: { id, name: credential.name } },
		});
		tested.seen.push(execution);
		return execution;
	};
	const agora = () => sandboxCredentials(demo.sandbox).find(({ type }) => type === 'agoraApi')!;

	// Agora, console REST API, "Get a project": no operation uses it, Project · Get searches the list.
	it('calls an endpoint of Agora that no operation uses', async () => {
		const [project] = await run('Get the project Staging', {
			resource: 'project',
			operation: 'get',
			projectId: { __rl: true, mode: 'name', value: 'Staging' },
		});
		const query = `id=${String(project!.id)}&name=Staging`;
		const execution = await send(agora(), `${demo.sandbox.agora}/dev/v1/project?${query}`);
		const [response] = outputOf(execution, 'HTTP Request');
		expect(response).toMatchObject({
			// Agora's console responses so, even to a GET.
			statusCode: 201,
			body: { projects: [{ id: project!.id, name: 'Staging', vendor_key: project!.app_id }] },
		});
	});

	it('does not send it to another machine by plain http', async () => {
		const execution = await send(agora(), 'http://elsewhere.example/dev/v1/projects');
		expect(execution).toMatchObject({ status: 'error' });
		expect(execution.error).toContain('is not sent to http://elsewhere.example');
	});

	it('does not send it to hosts that its Allowed HTTP Request Domains leave out', async () => {
		const { data, ...rest } = agora();
		const restricted = {
			...rest,
			name: 'Agora account, for one host',
			data: { ...data, allowedHttpRequestDomains: 'domains', allowedDomains: '127.0.0.1' },
		};
		const execution = await send(restricted, 'https://elsewhere.example/dev/v1/projects');
		expect(execution).toMatchObject({ status: 'error' });
		expect(execution.error).toContain('Domain not allowed');
	});
});

describe('secrets', () => {
	it('appear nowhere in what n8n wrote or returned', async () => {
		const { customerId, customerSecret, appCertificate } = demo.sandbox.agoraAccount;
		const pair = `${customerId}:${customerSecret}`;
		const { encryptionKey } = JSON.parse(
			readFileSync(join(tested.folder, '.n8n', 'config'), 'utf8'),
		) as {
			encryptionKey: string;
		};
		const secrets = {
			'Customer Secret': customerSecret,
			'Basic authorization': Buffer.from(pair).toString('base64'),
			'App Certificate': appCertificate,
			...(await tested.certificates()),
			'S3 secret key': demo.sandbox.storage.secretKey,
			'secret of the notifications': NOTIFICATIONS_SECRET,
			'n8n encryption key': encryptionKey,
			"owner's password": owner.password,
			...tested.external.secrets,
		};
		for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(5);

		// What may be seen is found by the same search, so it looks in the right places.
		const mayBeSeen = findIn(tested.folder, { 'Customer ID': customerId, sid });
		expect(mayBeSeen).toContain('Customer ID in table execution_data');
		expect(mayBeSeen).toContain('sid in table execution_data');
		expect(mayBeSeen).toContainEqual(expect.stringMatching(/^sid in \.n8n\/.*\.metadata$/));
		expect(mayBeSeen).toContainEqual(expect.stringMatching(/^sid in bucket\/.*session\.json/));
		expect(mayBeSeen).toContainEqual(expect.stringMatching(/^sid in bucket\/.*_sessions\//));
		expect(JSON.stringify(tested.seen)).toContain(customerId);

		expect(findIn(tested.folder, secrets)).toEqual([]);
		expect(findSecrets([JSON.stringify(tested.seen)], secrets)).toEqual([]);
	});

	it('tokens: n8n stores the generated one, and none of the recorders', () => {
		expect(tokensIn(tested.folder)).toEqual([token]);
	});
});

it('n8n sent no other requests to the internet', () => {
	expect(new Set(tested.external.refused)).toEqual(
		new Set([
			// n8n itself: whether there is a newer version of this package.
			'GET http://packages.invalid/n8n-nodes-agora',
			// The tests of credentials, once Allow Plain HTTP is on.
			'GET http://agora.invalid/dev/v1/projects',
			'GET http://storage.invalid/recordings',
		]),
	);
});

/** Makes credentials, and chooses for a workflow's nodes those that they name, as a person does in the editor. */
async function chooseCredentials(workflowId: string, credentials: Credential[]): Promise<void> {
	for (const credential of credentials) await saveCredential(demo.api, credential);
	const all = await demo.api.get<Array<{ id: string; name: string; type: string }>>('/credentials');
	const example = exampleWorkflows().find(({ id }) => id === workflowId)!;
	const { nodes } = withCredentials(
		example,
		(type, name) => all.find((each) => each.type === type && each.name === name)?.id,
	);
	await demo.api.patch(`/workflows/${workflowId}`, { nodes });
}

async function inboxMessages(): Promise<Array<{ text: string }>> {
	const response = await request(`${demo.sandbox.inbox}/messages`);
	return (await response.body.json()) as Array<{ text: string }>;
}
