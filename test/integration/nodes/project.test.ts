import { useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const run = async (operation: string, parameters = {}) =>
	await set.engine.run({ resource: 'project', operation, ...parameters });
const project = (mode: string, value: string) => ({ projectId: { __rl: true, mode, value } });

describe('Project: Get Many', () => {
	it('returns one simplified item per project, without certificates', async () => {
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

	it("returns Agora's object when not simplified, still without the certificate", async () => {
		const { json } = await run('getAll', { simplify: false, limit: 1 });
		expect(json[0]).toMatchObject({ vendor_key: set.sandbox.agoraAccount.appId, status: 1 });
		expect(json[0]).not.toHaveProperty('sign_key');
	});

	it('does not accept a string as a request for the certificate', async () => {
		const options = { includeAppCertificate: '={{ "false" }}' };
		const { json } = await run('getAll', { options, limit: 1 });
		expect(json[0]).not.toHaveProperty('app_certificate');
	});

	it('returns the certificate only on request', async () => {
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

	it('fails when the account has no such project', async () => {
		const { error } = await run('get', project('id', 'nosuchid'));
		expect(error).toMatchObject({
			name: 'NodeApiError',
			message: 'This Agora account has no project nosuchid',
			httpCode: '404',
			context: { itemIndex: 0 },
		});
	});

	it('fails when the project is empty', async () => {
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

	it('reports a name that is taken', async () => {
		await run('create', { name: 'twice' });
		const { error } = await run('create', { name: 'twice' });
		expect(error!.message).toBe('A project named "twice" already exists');
		expect(error!.httpCode).toBe('400');
	});

	it("reads the responses of Agora's Chinese edition", async () => {
		set.sandbox.control.setAgora({ consoleEdition: 'china' });
		const { json } = await run('create', { name: 'in China' });
		expect(json[0]).toMatchObject({ name: 'in China', certificate_enabled: null });
		const status = { ...project('id', json[0]!.id as string), status: 'disabled' };
		expect((await run('updateStatus', status)).json[0]).toMatchObject({ status: 'disabled' });
	});

	it.each([
		['an empty name', { name: '  ' }, /"Name" must have 1 to 255 characters/],
		[
			'a switch that is a text',
			{ name: 'x', enableAppCertificate: '={{ "false" }}' },
			/"Enable App Certificate" is neither true nor false/,
		],
		[
			'defaults that are no JSON',
			{ name: 'x', options: { recordingConfig: '{"maxIdleTime": }' } },
			/"Recording Defaults" is not a JSON object/,
		],
		[
			'a default that Agora does not have',
			{ name: 'x', options: { recordingConfig: '{"idle": 3}' } },
			/no recording setting "idle"/,
		],
		[
			'a default out of range',
			{ name: 'x', options: { recordingConfig: '{"maxIdleTime": 3}' } },
			/"maxIdleTime" has an invalid value/,
		],
	])('refuses %s before anything is sent', async (_, parameters, message) => {
		await set.sandbox.control.clearRequests();
		const { error } = await run('create', parameters);
		expect(error!.message).toMatch(message);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});
});

/** The project that a test changes, back from Agora. */
const reread = async (id: string) => (await run('get', project('id', id))).json[0]!;
const make = async (name: string, enableAppCertificate = false) =>
	(await run('create', { name, enableAppCertificate })).json[0] as Record<string, string>;

describe('a project that is changed', () => {
	it.each(['list', 'id', 'appId', 'name'])('is found by %s', async (mode) => {
		const { id, app_id, name } = await make(`found by ${mode}`);
		const value = { list: id, id, appId: app_id, name }[mode]!;
		await set.sandbox.control.clearRequests();
		const { json } = await run('updateStatus', { ...project(mode, value), status: 'disabled' });
		expect(json).toEqual([expect.objectContaining({ id, status: 'disabled' })]);
		const asked = (await set.sandbox.control.requests('agora')).map(({ path }) => path);
		const looksUp = mode === 'appId' || mode === 'name';
		expect(asked).toEqual([...(looksUp ? ['/dev/v1/projects'] : []), '/dev/v1/project_status']);
	});

	it.each(['updateStatus', 'setAppCertificate', 'resetAppCertificate'])(
		'must exist, says %s',
		async (operation) => {
			const { error } = await run(operation, project('id', 'nosuchid'));
			expect(error).toMatchObject({ name: 'NodeApiError', httpCode: '404' });
			expect(error!.message).toContain('project nosuchid');
			expect(error!.description).toContain('project not exist');
			const byName = await run(operation, project('name', 'no such name'));
			expect(byName.error!.message).toBe('This Agora account has no project no such name');
		},
	);

	it('must be named', async () => {
		await set.sandbox.control.clearRequests();
		const { error } = await run('resetAppCertificate', project('id', ' '));
		expect(JSON.stringify(error)).toMatch(/Project/);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});
});

describe('Project: Update Status', () => {
	it('disables and enables, also twice', async () => {
		const { id } = await make('switched');
		for (const status of ['disabled', 'disabled', 'enabled', 'enabled']) {
			const { json } = await run('updateStatus', { ...project('id', id!), status });
			expect(json).toEqual([await reread(id!)]);
			expect(json[0]).toMatchObject({ id, status });
		}
	});

	it.each(['on', '', 1, false])('does nothing for the status %p', async (status) => {
		await set.sandbox.control.clearRequests();
		const { error } = await run('updateStatus', {
			...project('id', 'p'),
			status: `={{ ${JSON.stringify(status)} }}`,
		});
		expect(error!.message).toBe(`"Status" can't be "${status}"`);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});
});

describe('Project: Set App Certificate', () => {
	it('switches it on and off, without giving it out', async () => {
		const { id } = await make('certified');
		for (const enableAppCertificate of [true, true, false]) {
			const { json } = await run('setAppCertificate', {
				...project('id', id!),
				enableAppCertificate,
			});
			expect(json).toEqual([await reread(id!)]);
			expect(json[0]).toMatchObject({ id, certificate_enabled: enableAppCertificate });
			expect(json[0]).not.toHaveProperty('app_certificate');
		}
	});

	it('does nothing for the text "false"', async () => {
		await set.sandbox.control.clearRequests();
		const { error } = await run('setAppCertificate', {
			...project('id', 'p'),
			enableAppCertificate: '={{ "false" }}',
		});
		expect(error!.message).toBe('"Enable App Certificate" is neither true nor false');
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});
});

describe('Project: Reset App Certificate', () => {
	const including = { options: { includeAppCertificate: true } };

	it('replaces and enables it, and returns it only on request', async () => {
		const { id } = await make('renewed');
		const quiet = await run('resetAppCertificate', project('id', id!));
		expect(quiet.json).toEqual([await reread(id!)]);
		expect(quiet.json[0]).toMatchObject({ certificate_enabled: true });
		const [first] = (await run('get', { ...project('id', id!), ...including })).json;
		const open = await run('resetAppCertificate', { ...project('id', id!), ...including });
		expect(open.json[0]!.app_certificate).toMatch(/^[0-9a-f]{32}$/);
		expect(open.json[0]!.app_certificate).not.toBe(first!.app_certificate);
		expect(quiet.stored).not.toContain(first!.app_certificate);
	});

	it('is not repeated when the response is lost, and reports what may have happened', async () => {
		const { id } = await make('renewed once', true);
		const path = '/dev/v1/reset_signkey';
		await set.sandbox.control.fail('agora', { path, response: 'drop', when: 'after' });
		await set.sandbox.control.clearRequests();
		const { error } = await run('resetAppCertificate', project('id', id!));
		expect(error!.description).toContain('may have changed');
		expect(await set.sandbox.control.requestCounts('agora')).toEqual({ [`POST ${path}`]: 1 });
	});
});

describe('Project: Get Usage', () => {
	const usage = async (parameters: object) => {
		const { appId } = set.sandbox.agoraAccount;
		return await run('getUsage', { ...project('appId', appId), ...parameters });
	};

	it('returns one item per day', async () => {
		const days = { fromDate: '2026-02-27', toDate: '2026-03-01T00:00:00' };
		const { json } = await usage(days);
		expect(json.map(({ date }) => date)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
		expect(json[0]).toEqual({
			date: '2026-02-27',
			project_id: expect.any(String),
			project_name: 'Live classes',
			business: 'audio_and_video',
			audio_seconds: expect.any(Number),
			video_hd_seconds: expect.any(Number),
			video_hdplus_seconds: expect.any(Number),
			video_1080p_seconds: expect.any(Number),
			video_2k_seconds: 0,
			video_4k_seconds: 0,
			total_video_seconds: expect.any(Number),
		});
		const { json: total } = await usage({ ...days, combineDays: true });
		expect(total).toEqual([
			expect.objectContaining({
				from_date: '2026-02-27',
				to_date: '2026-03-01',
				project_name: 'Live classes',
				audio_seconds: json.reduce((sum, day) => sum + Number(day.audio_seconds), 0),
				total_video_seconds: json.reduce((sum, day) => sum + Number(day.total_video_seconds), 0),
			}),
		]);
		const raw = await usage({ ...days, simplify: false });
		expect(raw.json).toHaveLength(3);
		expect(raw.json[0]).toMatchObject({
			date: '2026-02-27T00:00:00.000Z',
			usage: expect.objectContaining({ durationAudioAll: json[0]!.audio_seconds }),
		});
		expect((await usage({ ...days, business: 'cloudRecording' })).json).not.toEqual(json);
	});

	it('uses the day of a time in its own time zone', async () => {
		const { json } = await usage({
			fromDate: "={{ DateTime.fromISO('2026-11-23T00:00:00', { zone: 'Asia/Tokyo' }) }}",
			toDate: "={{ DateTime.fromISO('2026-11-23T23:00:00', { zone: 'America/New_York' }) }}",
		});
		expect(json).toEqual([expect.objectContaining({ date: '2026-11-23' })]);
	});

	it.each([
		['no date', { fromDate: 'soon', toDate: '2026-03-01' }, '"From Date" is not a date'],
		['no day', { fromDate: '2026-02-01', toDate: '2026-02-30' }, '"To Date" is not a date'],
		[
			'the wrong order',
			{ fromDate: '2026-03-02', toDate: '2026-03-01' },
			'"From Date" must not be after "To Date"',
		],
	])('refuses %s before anything is sent', async (_, parameters, message) => {
		await set.sandbox.control.clearRequests();
		const { error } = await usage(parameters);
		expect(error!.message).toContain(message);
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it('fails when the account has no such project', async () => {
		const { error } = await run('getUsage', {
			...project('id', 'nosuchid'),
			fromDate: '2026-03-01',
			toDate: '2026-03-01',
		});
		expect(error!.message).toBe('This Agora account has no project nosuchid');
		expect(error!.httpCode).toBe('404');
	});
});
