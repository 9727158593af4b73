import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { agoraClient } from './agoraClient.ts';

let sandbox: Sandbox;
let agora: ReturnType<typeof agoraClient>;

beforeEach(async () => {
	sandbox = await startSandbox();
	agora = agoraClient(sandbox);
});

afterEach(() => sandbox.stop());

const basicAuth = (id: string, secret: string) => ({
	authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

it('requires the Customer ID and the secret', async () => {
	const { customerId } = sandbox.agoraAccount;
	const path = '/dev/v1/projects';
	expect(await agora.call('GET', path, undefined, {})).toEqual({
		status: 401,
		body: { message: 'Unauthorized' },
	});
	expect(await agora.call('GET', path, undefined, basicAuth(customerId, 'wrong'))).toEqual({
		status: 401,
		body: { message: 'Invalid authentication credentials' },
	});
});

it('returns 404 for unknown paths, methods and modes', async () => {
	const resource = `${agora.appPath}/resourceid/r/mode`;
	for (const [method, path] of [
		['GET', '/v1/recordings'],
		['POST', '/dev/v1/projects'],
		['POST', `${resource}/composite/start`],
	] as const)
		expect(await agora.call(method, path, method === 'POST' ? {} : undefined)).toEqual({
			status: 404,
			body: { message: 'no Route matched with those values' },
		});
});

it('rejects an unknown App ID, and that of a disabled project', async () => {
	const { body } = await agora.call('GET', '/dev/v1/projects');
	const disabled = body.projects.find((project: { status: number }) => project.status === 0);
	for (const appId of ['0'.repeat(32), disabled.vendor_key])
		expect(
			await agora.call('POST', `/v1/apps/${appId}/cloud_recording/acquire`, {
				cname: 'lesson',
				uid: '1',
				clientRequest: {},
			}),
		).toEqual({ status: 400, body: { message: 'appid is invalid' } });
});

it.each(['/v1/ncs/ip', '/v2/ncs/ip'])(
	'returns the addresses of the notification servers at %s',
	async (path) => {
		const { status, body } = await agora.call('GET', path);
		expect(status).toBe(200);
		expect(body.data.service.hosts[0]).toEqual({
			primaryIP: expect.stringMatching(/^(\d{1,3}\.){3}\d{1,3}$/),
		});
		expect((await agora.call('GET', path, undefined, {})).status).toBe(401);
	},
);

it('allows ten requests per second for an App ID, independently of other APIs', async () => {
	const acquire = () =>
		agora.callOnce('POST', `${agora.appPath}/acquire`, {
			cname: 'lesson',
			uid: '1',
			clientRequest: {},
		});
	const responses = await Promise.all(Array.from({ length: 30 }, acquire));
	const rejected = responses.filter(({ status }) => status === 429);
	expect(responses.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
	expect(rejected.length).toBeGreaterThan(0);
	expect(rejected[0]?.body).toEqual({ message: 'API rate limit exceeded' });
	expect((await agora.call('GET', '/dev/v1/projects')).status).toBe(201);
});

describe('projects', () => {
	it('are listed with 201, with their App Certificate if it is enabled', async () => {
		const { appId, appCertificate } = sandbox.agoraAccount;
		const { status, body } = await agora.call('GET', '/dev/v1/projects');
		expect(status).toBe(201);
		expect(body.projects[0]).toEqual({
			id: expect.any(String),
			name: 'Live classes',
			vendor_key: appId,
			sign_key: appCertificate,
			recording_server: null,
			status: 1,
			created: expect.any(Number),
		});
		expect(body.projects[1]).toMatchObject({ sign_key: '' });
	});

	it('are found by ID and name', async () => {
		const { body } = await agora.call('GET', '/dev/v1/projects');
		const [project] = body.projects;
		const path = `/dev/v1/project?id=${project.id}`;
		expect((await agora.call('GET', path)).status).toBe(400);
		expect((await agora.call('GET', `${path}&name=Other`)).status).toBe(404);
		expect(await agora.call('GET', `${path}&name=Live%20classes`)).toEqual({
			status: 201,
			body: { projects: [project] },
		});
	});

	it('can be created, up to twenty, with unique names', async () => {
		const create = (name: string) =>
			agora.call('POST', '/dev/v1/project', { name, enable_sign_key: true });
		expect(await create('New')).toMatchObject({
			status: 201,
			body: { project: { name: 'New', status: 1, sign_key: expect.stringMatching(/^\w{32}$/) } },
		});
		expect((await create('New')).status).toBe(400);
		const statuses: number[] = [];
		for (let index = 0; index < 17; index += 1) {
			statuses.push((await create(`More ${index}`)).status);
		}
		expect(statuses).toEqual([...Array.from({ length: 16 }, () => 201), 400]);
	});

	it('can be disabled, and their App Certificate can be reset', async () => {
		const { id } = (await agora.call('GET', '/dev/v1/projects')).body.projects[1];
		const post = async (path: string, body: object) =>
			(await agora.call('POST', `/dev/v1/${path}`, { id, ...body })).body.project;
		const { sign_key: first } = await post('signkey', { enable: true });
		const { sign_key: second } = await post('reset_signkey', {});
		expect([first, second]).toEqual([
			expect.stringMatching(/^\w{32}$/),
			expect.not.stringMatching(first),
		]);
		expect(await post('project_status', { status: 0 })).toMatchObject({ status: 0 });
	});

	it('have usage for every day, which does not change', async () => {
		const { id } = (await agora.call('GET', '/dev/v1/projects')).body.projects[0];
		const usage = async (changes: Record<string, string> = {}) => {
			const query = {
				project_id: id,
				from_date: '2026-02-27',
				to_date: '2026-03-01',
				business: 'default',
				...changes,
			};
			return await agora.call('GET', `/dev/v3/usage?${new URLSearchParams(query).toString()}`);
		};
		const { status, body } = await usage();
		expect(status).toBe(200);
		expect(body.meta.durationVideo4K).toEqual({ en: '2K+ Video Duration', unit: 'second' });
		expect(body.usages.map(({ date }: { date: string }) => date)).toEqual([
			'2026-02-27T00:00:00.000Z',
			'2026-02-28T00:00:00.000Z',
			'2026-03-01T00:00:00.000Z',
		]);
		expect(Object.keys(body.usages[0].usage)).toEqual(Object.keys(body.meta));
		expect((await usage()).body).toEqual(body);
		expect((await usage({ business: 'cloudRecording' })).body).not.toEqual(body);

		for (const [changes, message] of [
			[{ project_id: '' }, 'project_id is required'],
			[{ from_date: '2026-02-30' }, 'from_date must be a date such as 2020-01-01'],
			[{ to_date: '1.3.2026' }, 'to_date must be a date such as 2020-01-31'],
			[{ to_date: '2026-02-26' }, 'from_date must not be later than to_date'],
			[{ business: 'video' }, expect.stringContaining('business must be one of default')],
		] as const)
			expect(await usage(changes)).toEqual({ status: 400, body: { message } });
		expect((await usage({ project_id: 'nosuchid' })).status).toBe(404);
	});
});
