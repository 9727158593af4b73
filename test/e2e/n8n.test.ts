import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { sandboxCredentials, type Credential } from '../../sandbox/n8n/credentials.ts';
import { owner, startDemo, type Demo } from '../../sandbox/n8n/demo.ts';
import { readObject } from './bucketFiles.ts';
import {
	execute,
	executeNode,
	triggered,
	until,
	type Execution,
	type Items,
} from './executions.ts';
import { findIn } from './leaks.ts';
import { beginTranscript, note } from './transcript.ts';

/*
 * A real n8n, booted as `npm start` boots it, does what the example workflows promise. The tests
 * build on one another: they are one story, told in order.
 */

const MINUTE = 60_000;
const RECORD = 'agora-record-a-channel';
const ARCHIVE = 'agora-archive-and-notify';
const SYNC = 'agora-nightly-sync';

/** n8n polls at any second of a minute; the second poll after an event must have seen it. */
const TWO_POLLS_SECONDS = 130;

let folder: string;
let demo: Demo;
let credentials: Array<{ id: string; name: string; type: string }>;
/** Everything that came out of n8n in these tests, for the search at the end. */
const seen: unknown[] = [];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-e2e-'));
	const [n8n, agora, s3] = await freePorts(3);
	demo = await startDemo({
		folder,
		ports: { n8n: n8n!, agora: agora!, s3: s3! },
		pace: { speed: 5, callSeconds: 20 },
		log: (line) => process.stderr.write(`${line}\n`),
	});
	credentials = await demo.api.get('/credentials');
	beginTranscript('What the nodes put out in n8n');
}, 15 * MINUTE);

afterAll(async () => {
	await demo?.stop();
	rmSync(folder, { recursive: true, force: true });
}, MINUTE);

it('the package is installed like any community package', async () => {
	expect(await demo.api.get('/community-packages')).toEqual([
		expect.objectContaining({
			packageName: 'n8n-nodes-agora',
			failedLoading: false,
			installedNodes: [
				expect.objectContaining({ name: 'Agora', type: 'n8n-nodes-agora.agora' }),
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

	it.each(['agoraApi', 'agoraStorageApi'])('%s: the right key is accepted', async (type) => {
		expect(await test(credentialOf(type))).toMatchObject({ status: 'OK' });
	});

	it('agoraApi: a wrong secret is told', async () => {
		const { data, ...rest } = credentialOf('agoraApi');
		const answer = await test({ ...rest, data: { ...data, customerSecret: 'wrong' } });
		expect(answer.status).toBe('Error');
		expect(answer.message).toContain('does not accept this Customer ID and Customer Secret');
	});

	it('agoraStorageApi: a wrong secret is told', async () => {
		const { data, ...rest } = credentialOf('agoraStorageApi');
		const answer = await test({ ...rest, data: { ...data, secretKey: 'wrong' } });
		expect(answer.status).toBe('Error');
		expect(answer.message).toContain('The storage refuses the access key');
	});

	it('agoraStorageApi: a bucket that is not there is told', async () => {
		const { data, ...rest } = credentialOf('agoraStorageApi');
		const answer = await test({ ...rest, data: { ...data, bucket: 'elsewhere' } });
		expect(answer.status).toBe('Error');
		expect(answer.message).toContain('There is no such bucket');
	});
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
		expect(demo.sandbox.control.sessions()).toEqual([
			expect.objectContaining({
				sid,
				cname: 'demo-class',
				live: true,
				resourceId: item!.resourceId,
			}),
		]);
		const asked = Object.keys(await demo.sandbox.control.requestCounts('agora')).join('\n');
		expect(asked).toMatch(/POST \/v1\/apps\/\w+\/cloud_recording\/acquire\n/);
		expect(asked).toMatch(
			/POST \/v1\/apps\/\w+\/cloud_recording\/resourceid\/[^/]+\/mode\/mix\/start/,
		);
	});
});

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
		expect(items.map(({ cname }) => cname).sort()).toEqual(['another-class', 'demo-class']);
		expect(items).toContainEqual(expect.objectContaining({ sid, file_list: expect.any(Array) }));
	});

	it('get_current_user: User · Get Current', async () => {
		const [item] = await run('Get current user', { resource: 'user', operation: 'getCurrent' });
		const { customerId } = demo.sandbox.agoraAccount;
		expect(item).toMatchObject({ user: { id: customerId, name: null, email: null } });
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
		seen.push(messages);
		expect(messages).toHaveLength(1);
		expect(messages[0]!.text).toContain('demo-class');
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
			// An execution would be there as soon as its poll has answered.
			await new Promise((resolve) => setTimeout(resolve, 3_000));
			expect(await triggered(demo.api, ARCHIVE)).toHaveLength(1);
			expect(await inboxMessages()).toHaveLength(1);
		},
		2 * MINUTE,
	);
});

describe('workflow: nightly sync', () => {
	it('keeps one row for each recording, however often it runs', async () => {
		for (let time = 0; time < 2; time++) {
			const rows = outputOf(await execute(demo.api, SYNC, 'Every night'), 'One row each');
			if (time === 0) note('Nightly sync, rows', rows);
			expect(rows).toHaveLength(2);
			expect(rows).toContainEqual(
				expect.objectContaining({
					sid,
					cname: 'demo-class',
					status: 'completed',
					size_bytes: recording.size_bytes,
					video: `demo/${sid}_demo-class_0.mp4`,
				}),
			);
			expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([1, 2]));
		}
	});
});

describe('secrets', () => {
	it('are in nothing that n8n wrote or answered', async () => {
		const { customerId, customerSecret, appCertificate } = demo.sandbox.agoraAccount;
		const pair = `${customerId}:${customerSecret}`;
		const { encryptionKey } = JSON.parse(readFileSync(join(folder, '.n8n', 'config'), 'utf8')) as {
			encryptionKey: string;
		};
		const secrets = {
			'Customer Secret': customerSecret,
			'Basic authorization': Buffer.from(pair).toString('base64'),
			'App Certificate': appCertificate,
			...(await certificates()),
			'S3 secret key': demo.sandbox.storage.secretKey,
			'n8n encryption key': encryptionKey,
			"owner's password": owner.password,
		};
		for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(5);

		// What may be seen is found by the same search, so it looks in the right places.
		const mayBeSeen = findIn(folder, { 'Customer ID': customerId, sid });
		expect(mayBeSeen).toContain('Customer ID in table execution_data');
		expect(mayBeSeen).toContain('sid in table execution_data');
		expect(JSON.stringify(seen)).toContain(customerId);

		expect(findIn(folder, secrets)).toEqual([]);
		const answered = JSON.stringify(seen);
		const inAnswers = Object.entries(secrets).filter(([, secret]) => answered.includes(secret));
		expect(inAnswers.map(([name]) => name)).toEqual([]);
	});
});

/** Runs the Agora node with these parameters and gives back what it put out. */
async function run(name: string, parameters: Record<string, unknown>): Promise<Items> {
	const own = credentials.filter(({ type }) => type.startsWith('agora'));
	const items = outputOf(
		await executeNode(demo.api, {
			name,
			type: 'n8n-nodes-agora.agora',
			parameters,
			credentials: Object.fromEntries(own.map(({ id, name, type }) => [type, { id, name }])),
		}),
		name,
	);
	note(name, items);
	return items;
}

function outputOf(execution: Execution, node: string): Items {
	seen.push(execution);
	expect(execution).toMatchObject({ status: 'success' });
	return execution.outputs[node] ?? [];
}

async function inboxMessages(): Promise<Array<{ text: string }>> {
	const answer = await request(`${demo.sandbox.inbox}/messages`);
	return (await answer.body.json()) as Array<{ text: string }>;
}

/** App Certificates of all projects, those made here included, from Agora itself. */
async function certificates(): Promise<Record<string, string>> {
	const { customerId, customerSecret } = demo.sandbox.agoraAccount;
	const pair = Buffer.from(`${customerId}:${customerSecret}`).toString('base64');
	const answer = await request(`${demo.sandbox.agora}/dev/v1/projects`, {
		headers: { authorization: `Basic ${pair}` },
	});
	const { projects } = (await answer.body.json()) as {
		projects: Array<{ name: string; sign_key: string | null }>;
	};
	return Object.fromEntries(
		projects.flatMap(({ name, sign_key }) =>
			sign_key ? [[`App Certificate of ${name}`, sign_key]] : [],
		),
	);
}

async function freePorts(count: number): Promise<number[]> {
	const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
	return await Promise.all(
		servers.map(
			(server) =>
				new Promise<number>((resolve) =>
					server.once('listening', () => {
						const { port } = server.address() as { port: number };
						server.close(() => resolve(port));
					}),
				),
		),
	);
}
