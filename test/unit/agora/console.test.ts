import type { Account } from '../../../nodes/Agora/agora/account';
import {
	createProject,
	getUsage,
	listProjects,
	resetAppCertificate,
	setAppCertificate,
	setProjectStatus,
} from '../../../nodes/Agora/agora/console';
import {
	connectionError,
	fakeContext,
	faultOf,
	onTestClock,
	useTestClock,
} from '../http/fakeContext';

const ACCOUNT: Account = {
	host: 'https://api.agora.io',
	customerId: 'fake-customer',
	appId: '',
	appCertificate: '',
	secrets: [],
};
const PROJECT = { id: 'p1', name: 'school', vendor_key: 'app', status: 1, created: 1637654321 };
const NEW = { name: 'school', enable_sign_key: true };

describe('the console API', () => {
	beforeEach(useTestClock);
	afterEach(() => jest.useRealTimers());

	it.each([200, 201])('lists the projects of the account (%d)', async (status) => {
		const { context, sent } = fakeContext([{ status, body: { projects: [PROJECT] } }]);
		expect(await listProjects(context, ACCOUNT)).toEqual([PROJECT]);
		expect(sent).toHaveLength(1);
		expect(sent[0]).toMatchObject({
			credential: 'agoraApi',
			options: { method: 'GET', url: 'https://api.agora.io/dev/v1/projects' },
		});
	});

	it('creates a project', async () => {
		const { context, sent } = fakeContext([{ status: 201, body: { project: PROJECT } }]);
		expect(await createProject(context, ACCOUNT, NEW)).toEqual(PROJECT);
		expect(sent[0]!.options).toMatchObject({
			method: 'POST',
			url: 'https://api.agora.io/dev/v1/project',
			headers: { 'Content-Type': 'application/json' },
			body: NEW,
		});
	});

	it.each([
		['an error', { status: 500 }],
		['a lost connection', connectionError('ECONNRESET')],
		['a response without the project', { status: 201, body: {} }],
	])('does not repeat the creation after %s, and warns', async (_, answer) => {
		const { context, sent } = fakeContext([answer, { status: 201, body: { project: PROJECT } }]);
		const fault = await faultOf(onTestClock(createProject(context, ACCOUNT, NEW)));
		expect(sent).toHaveLength(1);
		expect(fault.details.description).toContain('may have been created');
	});

	it.each([
		['project_status', { id: 'p1', status: 1 }, setProjectStatus, true],
		['project_status', { id: 'p1', status: 0 }, setProjectStatus, false],
		['signkey', { id: 'p1', enable: true }, setAppCertificate, true],
		['signkey', { id: 'p1', enable: false }, setAppCertificate, false],
	])(
		'posts to %s %j, and repeats the request after an error',
		async (path, body, change, enabled) => {
			const { context, sent } = fakeContext([{ status: 500 }, { body: { project: PROJECT } }]);
			expect(await onTestClock(change(context, ACCOUNT, 'p1', enabled))).toEqual(PROJECT);
			expect(sent).toHaveLength(2);
			expect(sent[1]!.options).toMatchObject({
				method: 'POST',
				url: `https://api.agora.io/dev/v1/${path}`,
				body,
			});
		},
	);

	it('resets the App Certificate', async () => {
		const { context, sent } = fakeContext([{ status: 201, body: { project: PROJECT } }]);
		expect(await resetAppCertificate(context, ACCOUNT, 'p1')).toEqual(PROJECT);
		expect(sent[0]!.options).toMatchObject({
			method: 'POST',
			url: 'https://api.agora.io/dev/v1/reset_signkey',
			body: { id: 'p1' },
		});
	});

	const MAY_HAVE_CHANGED = 'may have changed';

	it.each([
		['an error', { status: 500 }],
		['a lost connection', connectionError('ECONNRESET')],
		['a response without the project', { status: 201, body: {} }],
	])('does not repeat the reset after %s, and warns', async (_, answer) => {
		const { context, sent } = fakeContext([answer, { status: 201, body: { project: PROJECT } }]);
		const fault = await faultOf(onTestClock(resetAppCertificate(context, ACCOUNT, 'p1')));
		expect(sent).toHaveLength(1);
		expect(fault.details.description).toContain(MAY_HAVE_CHANGED);
	});

	it.each([
		['Agora rejected the request', { status: 404, body: { message: 'project not exist' } }],
		['the host responded with a redirect', { status: 302 }],
		['Agora was not reached', connectionError('ECONNREFUSED')],
	])('does not warn when %s', async (_, answer) => {
		const { context } = fakeContext([answer]);
		for (const change of [
			() => resetAppCertificate(context, ACCOUNT, 'p1'),
			() => createProject(context, ACCOUNT, NEW),
		]) {
			const fault = await faultOf(onTestClock(change()));
			expect(fault.details.description).not.toContain('may have');
		}
	});

	it.each([
		['an object', PROJECT],
		["a list of one, as in Agora's Chinese edition", [PROJECT]],
	])('reads a project that is %s', async (_, project) => {
		const { context } = fakeContext([{ status: 201, body: { project } }]);
		expect(await createProject(context, ACCOUNT, NEW)).toEqual(PROJECT);
		expect(await setProjectStatus(context, ACCOUNT, 'p1', true)).toEqual(PROJECT);
		expect(await resetAppCertificate(context, ACCOUNT, 'p1')).toEqual(PROJECT);
	});

	it('reports a taken name, whatever error Agora returns', async () => {
		const refusal = { status: 400, body: { message: 'vendor blocked or duplicate' } };
		const projects = { status: 201, body: { projects: [{ ...PROJECT, name: NEW.name }] } };
		const { context } = fakeContext([refusal, projects]);
		const { message, details } = await faultOf(createProject(context, ACCOUNT, NEW));
		expect(message).toBe(`A project named "${NEW.name}" already exists`);
		expect(details.httpCode).toBe('400');
		const other = fakeContext([refusal, { status: 201, body: { projects: [] } }]);
		const fault = await faultOf(createProject(other.context, ACCOUNT, NEW));
		expect(fault.details.description).toContain('vendor blocked or duplicate');
	});

	const WANTED = { id: 'a&b', from: '2026-11-01', to: '2026-11-30', business: 'miniapp' } as const;

	it('gets the usage', async () => {
		const usages = [{ date: '2026-11-01T00:00:00.000Z', usage: { durationAudioAll: 1 } }];
		const { context, sent } = fakeContext([{ body: { meta: {}, usages } }]);
		expect(await getUsage(context, ACCOUNT, WANTED)).toEqual(usages);
		expect(sent[0]!.options).toMatchObject({
			method: 'GET',
			url: 'https://api.agora.io/dev/v3/usage?project_id=a%26b&from_date=2026-11-01&to_date=2026-11-30&business=miniapp',
		});
	});

	it.each([
		{},
		{ projects: null, usages: null, project: null },
		{ projects: {}, usages: {}, project: [] },
		{ projects: 'p1', usages: 7, project: [7] },
		{ projects: [null], usages: [null], project: 'p1' },
		{ projects: [PROJECT, 'p1'], usages: [7], project: 7 },
		'<html></html>',
	])('rejects a response that differs from the documentation: %j', async (body) => {
		const { context } = fakeContext([{ body }]);
		for (const work of [
			() => listProjects(context, ACCOUNT),
			() => createProject(context, ACCOUNT, NEW),
			() => setProjectStatus(context, ACCOUNT, 'p1', true),
			() => getUsage(context, ACCOUNT, WANTED),
		]) {
			expect((await faultOf(work())).message).toContain("Agora's response has no");
		}
	});
});
