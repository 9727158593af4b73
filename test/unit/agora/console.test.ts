import type { Account } from '../../../nodes/Agora/agora/account';
import { createProject, listProjects } from '../../../nodes/Agora/agora/console';
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
};
const PROJECT = { id: 'p1', name: 'school', vendor_key: 'app', status: 1, created: 1637654321 };
const NEW = { name: 'school', enable_sign_key: true };

describe('the console API', () => {
	beforeEach(useTestClock);
	afterEach(() => jest.useRealTimers());

	it.each([200, 201])('lists the projects of the account (%d)', async (status) => {
		const { context, asked } = fakeContext([{ status, body: { projects: [PROJECT] } }]);
		expect(await listProjects(context, ACCOUNT)).toEqual([PROJECT]);
		expect(asked).toHaveLength(1);
		expect(asked[0]).toMatchObject({
			credential: 'agoraApi',
			options: { method: 'GET', url: 'https://api.agora.io/dev/v1/projects' },
		});
	});

	it('creates a project', async () => {
		const { context, asked } = fakeContext([{ status: 201, body: { project: PROJECT } }]);
		expect(await createProject(context, ACCOUNT, NEW)).toEqual(PROJECT);
		expect(asked[0]!.options).toMatchObject({
			method: 'POST',
			url: 'https://api.agora.io/dev/v1/project',
			headers: { 'Content-Type': 'application/json' },
			body: NEW,
		});
	});

	it.each([
		['an error', { status: 500 }],
		['a lost connection', connectionError('ECONNRESET')],
	])('does not create it twice after %s', async (_, answer) => {
		const { context, asked } = fakeContext([answer, { status: 201, body: { project: PROJECT } }]);
		await faultOf(onTestClock(createProject(context, ACCOUNT, NEW)));
		expect(asked).toHaveLength(1);
	});

	it.each([{}, { projects: null }, { project: null }, '<html></html>'])(
		'says when an answer is not what Agora documents: %j',
		async (body) => {
			const { context } = fakeContext([{ body }]);
			for (const work of [listProjects(context, ACCOUNT), createProject(context, ACCOUNT, NEW)]) {
				expect((await faultOf(work)).message).toContain('Agora’s answer has no');
			}
		},
	);
});
