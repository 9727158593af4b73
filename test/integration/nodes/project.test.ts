import { startSandboxedEngine, type SandboxedEngine } from '../sandboxedEngine.ts';

let set: SandboxedEngine;
beforeAll(async () => (set = await startSandboxedEngine()));
afterAll(async () => await set.stop());

const run = async (operation: string, parameters = {}) =>
	await set.engine.run({ resource: 'project', operation, ...parameters });
const project = (mode: string, value: string) => ({ projectId: { __rl: true, mode, value } });

describe('Project: Get Many', () => {
	it('gives one simplified item a project, without any certificate', async () => {
		const { json, stored } = await run('getAll');
		expect(json).toHaveLength(3);
		expect(Object.keys(json[0]!)).toEqual([
			'id',
			'name',
			'app_id',
			'status',
			'certificate_enabled',
			'created_at',
		]);
		expect(json[0]).toMatchObject({
			name: 'Live classes',
			status: 'enabled',
			certificate_enabled: true,
		});
		expect(json[0]!.app_id).toBe(set.sandbox.agoraAccount.appId);
		expect(json[0]!.created_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
		expect(json[2]).toMatchObject({ status: 'disabled', certificate_enabled: false });
		expect(stored).not.toContain(set.sandbox.agoraAccount.appCertificate);
	});

	it('keeps to the limit, or returns all', async () => {
		expect((await run('getAll', { limit: 2 })).json).toHaveLength(2);
		expect((await run('getAll', { limit: 2, returnAll: true })).json).toHaveLength(3);
	});

	it('gives Agora’s own object when not simplified, the certificate still left out', async () => {
		const { json } = await run('getAll', { simplify: false, limit: 1 });
		expect(json[0]).toMatchObject({ vendor_key: set.sandbox.agoraAccount.appId, status: 1 });
		expect(json[0]).not.toHaveProperty('sign_key');
	});

	it('gives the certificate only when it is asked for', async () => {
		set.askedFor.push('appCertificate');
		const options = { options: { includeAppCertificate: true }, limit: 1 };
		const { appCertificate } = set.sandbox.agoraAccount;
		expect((await run('getAll', options)).json[0]).toMatchObject({
			app_certificate: appCertificate,
		});
		const raw = await run('getAll', { ...options, simplify: false });
		expect(raw.json[0]).toMatchObject({ sign_key: appCertificate });
	});
});

describe('Project: Get', () => {
	it.each(['list', 'id', 'appId', 'name'])('finds a project by %s', async (mode) => {
		const { json } = await run('getAll', { limit: 1 });
		const { id, app_id, name } = json[0] as Record<string, string>;
		const value = { list: id, id, appId: app_id, name }[mode]!;
		expect((await run('get', project(mode, value))).json).toEqual([json[0]]);
	});

	it('says so when the account has no such project', async () => {
		const { error } = await run('get', project('id', 'nosuchid'));
		expect(error).toMatchObject({
			name: 'NodeApiError',
			message: 'This Agora account has no project nosuchid',
			httpCode: '404',
			context: { itemIndex: 0 },
		});
	});

	it('asks for a project when none was named', async () => {
		await set.sandbox.control.clearRequests();
		const { error } = await run('get', project('id', ' '));
		expect(JSON.stringify(error)).toMatch(/Project/);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it('offers the projects in a list that can be searched', async () => {
		const results = await set.engine.listSearch('searchProjects', 'STAG');
		expect(results).toEqual([
			{ name: 'Staging', value: expect.any(String), description: expect.any(String) },
		]);
	});
});

describe('Project: Create', () => {
	it('creates a project with a certificate and hands on checked recording defaults', async () => {
		const { json } = await run('create', {
			name: 'evening-school',
			enableAppCertificate: true,
			options: { recordingConfig: '{"max_idle_time": 30, "stream_types": 2}' },
		});
		expect(json[0]).toMatchObject({
			name: 'evening-school',
			status: 'enabled',
			certificate_enabled: true,
			recordingConfig: { maxIdleTime: 30, streamTypes: 2 },
		});
		const found = await run('get', project('name', 'evening-school'));
		expect(found.json[0]!.id).toBe(json[0]!.id);
	});

	it('creates one without a certificate by default', async () => {
		const { json } = await run('create', { name: 'no-certificate' });
		expect(json[0]).toMatchObject({ certificate_enabled: false });
		expect(json[0]).not.toHaveProperty('recordingConfig');
	});

	it('repeats Agora’s reason when the name is taken', async () => {
		await run('create', { name: 'twice' });
		const { error } = await run('create', { name: 'twice' });
		expect(error!.message).toContain('could not create the project twice');
		expect(error!.description).toContain('Agora says:');
		expect(error!.httpCode).toBe('400');
	});

	it.each([
		['an empty name', { name: '  ' }, /‘Name’ needs 1 to 255 characters/],
		[
			'defaults that are no JSON',
			{ name: 'x', options: { recordingConfig: '{"maxIdleTime": }' } },
			/‘Recording Defaults’ is not a JSON object/,
		],
		[
			'a default that Agora does not have',
			{ name: 'x', options: { recordingConfig: '{"idle": 3}' } },
			/no recording setting ‘idle’/,
		],
		[
			'a default out of range',
			{ name: 'x', options: { recordingConfig: '{"maxIdleTime": 3}' } },
			/‘maxIdleTime’ cannot have this value/,
		],
	])('refuses %s before anything is sent', async (_, parameters, message) => {
		await set.sandbox.control.clearRequests();
		const { error } = await run('create', parameters);
		expect(error!.message).toMatch(message);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});
});
