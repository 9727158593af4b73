import { request } from 'undici';
import { agoraClient, eventually } from './agoraClient.ts';
import { wait } from './recordingBucket.ts';
import { s3Client } from './s3Client.ts';
import { useSandbox } from './useSandbox.ts';

const sandbox = useSandbox();
let agora: ReturnType<typeof agoraClient>;
let s3: ReturnType<typeof s3Client>;

beforeAll(() => {
	agora = agoraClient(sandbox);
	s3 = s3Client(sandbox);
});

const projects = () => agora.call('GET', '/dev/v1/projects');
const NOT_COMPLETED = { status: 206, body: { code: 65, reason: 'request not completed' } };

async function http(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
	const response = await request(`${sandbox.agora}/${path}`, {
		method,
		body: body && JSON.stringify(body),
	});
	return JSON.parse(await response.body.text());
}

describe('a fault', () => {
	it('affects the given number of matching requests', async () => {
		await sandbox.control.fail('agora', { path: '/projects', times: 2, response: NOT_COMPLETED });
		expect((await agora.acquire('lesson')).status).toBe(200);
		expect(await projects()).toEqual(NOT_COMPLETED);
		expect(await projects()).toEqual(NOT_COMPLETED);
		expect((await projects()).status).toBe(201);
	});

	it('can replace the response after the request has taken effect', async () => {
		await sandbox.control.fail('agora', {
			method: 'POST',
			path: '/dev/v1/project',
			when: 'after',
			response: { status: 504, body: { code: 62 } },
		});
		const create = { name: 'Created anyway', enable_sign_key: false };
		expect((await agora.call('POST', '/dev/v1/project', create)).status).toBe(504);
		const { body } = await projects();
		expect(body.projects.map((project: { name: string }) => project.name)).toContain(
			'Created anyway',
		);
	});

	it('can have the code of an invalid body, and is not listed as a rejection', async () => {
		const broken = { status: 500, body: { code: 2, reason: 'body check failed' } };
		await sandbox.control.fail('agora', { path: '/acquire', response: broken });
		expect(await agora.acquire('lesson')).toEqual(broken);
		expect(sandbox.control.rejections()).toEqual([]);
	});

	it('can close the connection, or never respond', async () => {
		await sandbox.control.fail('agora', { path: '/projects', response: 'drop' });
		await expect(projects()).rejects.toThrow();
		await sandbox.control.fail('agora', { path: '/projects', response: 'hang' });
		const timeout = AbortSignal.timeout(200);
		await expect(
			request(`${sandbox.agora}/dev/v1/projects`, { signal: timeout }),
		).rejects.toMatchObject({ name: 'TimeoutError' });
	});

	it('can affect the bucket', async () => {
		const slowDown = { status: 503, body: '<Error><Code>SlowDown</Code></Error>' };
		await sandbox.control.fail('s3', { method: 'GET', path: 'list-type=2', response: slowDown });
		expect((await s3.listObjects()).status).toBe(503);
		expect((await s3.listObjects()).status).toBe(200);
		await sandbox.control.fail('s3', { path: 'note.txt', when: 'after', response: 'drop' });
		await expect(s3.put('note.txt', 'kept')).rejects.toThrow();
		expect((await s3.get('note.txt')).text).toBe('kept');
	});
});

it('lists requests, without signatures', async () => {
	await sandbox.control.clearRequests();
	await projects();
	await projects();
	expect(await sandbox.control.requestCounts('agora')).toEqual({ 'GET /dev/v1/projects': 2 });
	await s3.put('seen.txt', '');
	await (await request(s3.presigned('seen.txt'))).body.dump();
	await s3.get('missing.txt');
	expect(await sandbox.control.requests('s3')).toMatchObject([
		{ method: 'PUT', path: '/recordings/seen.txt', status: 200 },
		{ method: 'GET', path: '/recordings/seen.txt', status: 200 },
		{ method: 'GET', path: '/recordings/missing.txt', status: 404 },
	]);
});

it('is available over HTTP', async () => {
	await http('POST', 'sandbox/faults', { path: '/projects', response: NOT_COMPLETED });
	expect(await projects()).toEqual(NOT_COMPLETED);
	await http('POST', 'sandbox/faults', { on: 's3', path: 'x.txt', response: { status: 500 } });
	expect((await s3.get('x.txt')).status).toBe(500);
	await http('DELETE', 'sandbox/requests');
	await projects();
	expect((await http('GET', 'sandbox/requests')).counts).toEqual({ 'GET /dev/v1/projects': 1 });

	await http('PUT', 'sandbox/channels/by%20http', { uids: [] });
	const { sid } = await agora.recordEmpty('by http');
	await http('POST', `sandbox/sessions/${sid}/crash`);
	const { sessions } = await http('GET', 'sandbox/sessions');
	expect(sessions).toMatchObject([{ sid, cname: 'by http', live: false, endReason: 'crashed' }]);
	expect(JSON.stringify(sessions)).not.toContain(sandbox.storage.secretKey);
	expect(await http('GET', 'sandbox/other')).toEqual({ message: 'no such route' });
});

describe('a reset', () => {
	it('removes recordings, objects, projects, options and requests', async () => {
		const before = await projects();
		await agora.call('POST', '/dev/v1/project', { name: 'Extra', enable_sign_key: true });
		await agora.call('POST', '/dev/v1/reset_signkey', { id: before.body.projects[0].id });
		await sandbox.control.fail('agora', { path: '/projects', response: NOT_COMPLETED });
		await sandbox.control.fail('s3', { path: 'list-type=2', response: 'drop' });
		sandbox.control.setAgora({ sessionLimit: 0 });
		await s3.put('folder/note.txt', 'kept');
		await http('POST', 'inbox/messages', { text: 'Ready' });
		expect(await http('POST', 'sandbox/reset')).toEqual({ ok: true });
		expect(await sandbox.control.requests('agora')).toEqual([]);
		expect(await sandbox.control.requests('s3')).toEqual([]);
		expect(await projects()).toEqual({
			...before,
			body: {
				projects: before.body.projects.map((project: object) => ({
					...project,
					created: expect.any(Number),
				})),
			},
		});
		expect(await s3.listObjects()).toMatchObject({ status: 200, keys: [] });
		expect((await agora.acquire('lesson')).status).toBe(200);
		expect(await http('GET', 'inbox/messages')).toEqual([]);
	});

	it('ends a recording whose upload hangs, and nothing is stored later', async () => {
		sandbox.control.setChannel('hung', { uids: ['7'], seconds: null });
		await sandbox.control.fail('s3', { method: 'PUT', path: '_hung', response: 'hang' });
		await agora.record('hung');
		await eventually(
			() => sandbox.control.requests('s3'),
			(requests) => requests.length > 0,
		);
		await sandbox.control.reset();
		expect(sandbox.control.sessions()).toEqual([]);
		await wait(500);
		expect(await s3.listObjects()).toMatchObject({ status: 200, keys: [] });
		expect((await agora.record('hung')).started.status).toBe(200);
	});
});

it('has an inbox', async () => {
	const page = await request(sandbox.inbox);
	expect(page.headers['content-type']).toContain('text/html');
	expect(await page.body.text()).toContain('<title>Inbox</title>');
	expect(await http('GET', 'inbox/messages')).toEqual([]);
	await http('POST', 'inbox/messages', { text: 'Ready', sid: 'abc' });
	expect(await http('POST', 'inbox/messages', { sid: 'abc' })).toEqual({
		message: 'text is required',
	});
	expect(await http('GET', 'inbox/messages')).toEqual([
		{ text: 'Ready', sid: 'abc', at: expect.stringMatching(/Z$/) },
	]);
});
