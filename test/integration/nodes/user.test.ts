import { startSandboxedEngine, useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const parameters = { resource: 'user', operation: 'getCurrent' };

describe('User: Get Current', () => {
	it('returns the Customer ID, and a note about the missing name', async () => {
		const { json } = await set.engine.run(parameters);
		expect(json).toEqual([
			{
				user: { id: set.sandbox.agoraAccount.customerId, name: null, email: null },
				project_count: 3,
				note: expect.stringContaining("doesn't expose a name or email"),
			},
		]);
	});

	it('reports which keys are wrong, and where to find them', async () => {
		const right = set.credentials.agoraApi!.default!;
		set.credentials.agoraApi!.wrong = { ...right, customerSecret: 'not the secret' };
		const { error, stored } = await set.engine.run(parameters, {
			credentials: { agoraApi: 'wrong' },
		});
		expect(error).toMatchObject({
			name: 'NodeApiError',
			httpCode: '401',
			message: expect.stringContaining('does not accept this Customer ID and Customer Secret'),
			description: expect.stringContaining('Developer Toolkit > RESTful API'),
			failure: { cause: 'credential-invalid' },
		});
		expect(stored).not.toContain('not the secret');
		expect(stored).not.toContain(Buffer.from('not the secret').toString('base64').slice(0, 12));
	});

	it("reports that the host can't be reached", async () => {
		const right = set.credentials.agoraApi!.default!;
		set.credentials.agoraApi!.nowhere = { ...right, customHost: 'http://127.0.0.1:9' };
		const { error } = await set.engine.run(parameters, { credentials: { agoraApi: 'nowhere' } });
		expect(error!.message).toBe('Agora could not be reached: the connection was refused');
		expect(error!.description).toContain('API Host');
	});

	it('refuses to send the keys over plain http to another machine', async () => {
		const right = set.credentials.agoraApi!.default!;
		set.credentials.agoraApi!.plain = { ...right, customHost: 'http://agora.example.com' };
		const { error } = await set.engine.run(parameters, { credentials: { agoraApi: 'plain' } });
		expect(error!.message).toContain('is unencrypted HTTP');
		expect(error!.description).toContain('Allow Plain HTTP');
	});

	it('sends them where the switch allows it', async () => {
		const right = set.credentials.agoraApi!.default!;
		const customHost = 'http://nowhere.invalid';
		set.credentials.agoraApi!.allowed = { ...right, customHost, allowPlainHttp: true };
		const { error } = await set.engine.run(parameters, { credentials: { agoraApi: 'allowed' } });
		expect(error!.message).toContain('could not be reached');
	});
});

describe('two accounts side by side', () => {
	it("uses each account's own keys", async () => {
		const other = await startSandboxedEngine({ account: 'another account' });
		try {
			set.credentials.agoraApi!.other = other.credentials.agoraApi!.default!;
			const ids = ['default', 'other', 'default'];
			const results = await Promise.all(
				ids.map((id) => set.engine.run(parameters, { credentials: { agoraApi: id } })),
			);
			const [first, second] = [set, other].map(({ sandbox }) => sandbox.agoraAccount.customerId);
			expect(results.map(({ json }) => (json[0] as { user: { id: string } }).user.id)).toEqual([
				first,
				second,
				first,
			]);
			expect(first).not.toBe(second);
		} finally {
			await other.sandbox.stop();
		}
	});
});
