import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const START = { resource: 'recording', operation: 'start', cname: '={{ $json.channel }}' };
const channels = (...names: string[]) => names.map((channel) => ({ channel }));

describe('several input items', () => {
	it('keeps the order and pairs each output with its input', async () => {
		const names = Array.from({ length: 25 }, (_, i) => `order-${i}`);
		const { items } = await set.engine.run(START, { items: channels(...names) });
		expect(items.map(({ json }) => json.cname)).toEqual(names);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(names.map((_, item) => ({ item })));
	});

	it('stays within ten requests a second: Agora refuses none of sixty, or few on a busy machine', async () => {
		const names = Array.from({ length: 30 }, (_, i) => `rate-${i}`);
		const { status } = await set.engine.run(START, { items: channels(...names) });
		expect(status).toBe('success');
		const requests = await set.sandbox.control.requests('agora');
		// Requests that were held up arrive together. Without the limit, half of them would be refused.
		const refused = requests.filter((request) => request.status === 429);
		expect(refused.length).toBeLessThanOrEqual(3);
		expect(requests).toHaveLength(60 + refused.length);
	});

	it('continues after a failed item with Continue On Fail', async () => {
		const { status, items } = await set.engine.run(START, {
			items: channels('first', '', 'third'),
			continueOnFail: true,
		});
		expect(status).toBe('success');
		expect(items.map(({ json, pairedItem }) => [json.cname ?? json.error, pairedItem])).toEqual([
			['first', { item: 0 }],
			['"Channel Name" is empty', { item: 1 }],
			['third', { item: 2 }],
		]);
		expect(items[1]!.json.message).toContain('Enter the name of the channel to record');
	});

	it('sends a failed item to the error output, if there is one', async () => {
		const { items, failedItems } = await set.engine.run(START, {
			items: channels('good', ''),
			settings: { onError: 'continueErrorOutput' },
		});
		expect(items.map(({ json }) => json.cname)).toEqual(['good']);
		expect(failedItems.map(({ json }) => json)).toEqual([
			{
				error: '"Channel Name" is empty',
				message: expect.stringContaining('Enter the name of the channel to record'),
			},
		]);
	});

	it('else names the failed item, and the recordings that the others started', async () => {
		const { status, error } = await set.engine.run(START, { items: channels('one', '', 'three') });
		expect(status).toBe('error');
		expect(error!.context).toMatchObject({ itemIndex: 1 });
		const started = set.sandbox.control
			.sessions()
			.filter(({ cname }) => /^(one|three)$/.test(cname));
		expect(started.length).toBeGreaterThan(0);
		for (const { sid } of started) expect(error!.description).toContain(sid);
	});

	it('else names what may be running because of other items that failed', async () => {
		await set.sandbox.control.fail('agora', {
			path: '/start',
			when: 'after',
			response: 'drop',
			times: 2,
		});
		const { error } = await set.engine.run(START, { items: channels('lost-1', 'lost-2') });
		const lost = set.sandbox.control.sessions().filter(({ cname }) => /^lost-[12]$/.test(cname));
		expect(lost).toHaveLength(2);
		for (const { resourceId } of lost) expect(error!.description).toContain(resourceId);
	});

	it.each([false, true])(
		'starts no recording twice with Retry On Fail, continue on fail: %s',
		async (continueOnFail) => {
			const names = ['0', '1', '2'].map((item) => `retried-${continueOnFail}-${item}`);
			const answer = { status: 400, body: { code: 2, reason: 'made up' } };
			await set.sandbox.control.fail('agora', { path: '/acquire', response: answer });
			const { status, json } = await set.engine.run(START, {
				items: channels(...names),
				continueOnFail,
				settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
			});
			expect(status).toBe('success');
			expect(json.map(({ cname }) => cname)).toEqual(names);
			const started = set.sandbox.control.sessions().filter(({ cname }) => names.includes(cname));
			expect(started.map(({ sid }) => sid).sort()).toEqual(json.map(({ sid }) => sid).sort());
		},
	);

	it('starts once with Retry On Fail what may be running', async () => {
		await set.sandbox.control.fail('agora', { path: '/start', when: 'after', response: 'drop' });
		const { json } = await set.engine.run(START, {
			items: channels('lost-once'),
			settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
		});
		const started = set.sandbox.control.sessions().filter(({ cname }) => cname === 'lost-once');
		expect(started).toHaveLength(1);
		expect(json[0]).toMatchObject({ sid: started[0]!.sid });
	});

	it.each([
		['returns the running recording', {}, 1],
		['starts another one where the node is told to', { ifAlreadyRecording: 'startAnother' }, 2],
	])('%s when the node runs again for the same item', async (name, options, count) => {
		const items = channels(name);
		const run = async () => await set.engine.run({ ...START, options }, { items });
		const [first, second] = [await run(), await run()];
		const started = set.sandbox.control.sessions().filter(({ cname }) => cname === name);
		expect(started).toHaveLength(count);
		expect(first.json[0]!.already_recording).toBe(false);
		expect(second.json[0]).toMatchObject({
			sid: started.at(-1)!.sid,
			already_recording: count === 1,
		});
	});

	it('stops at once when the execution is cancelled', async () => {
		await set.sandbox.control.fail('agora', { path: '/dev/v1/projects', response: 'hang' });
		const result = await set.engine.run(
			{ resource: 'project', operation: 'getAll' },
			{ onStart: (cancel) => setTimeout(cancel, 300) },
		);
		expect(result.status).toBe('canceled');
		expect(await set.sandbox.control.requests('agora')).toHaveLength(1);
	});

	it('logs what a canceled execution may have started', async () => {
		await set.sandbox.control.fail('agora', { path: '/start', when: 'after', response: 'hang' });
		const { status } = await set.engine.run(START, {
			items: channels('cancelled'),
			onStart: (cancel) => setTimeout(cancel, 500),
		});
		expect(status).toBe('canceled');
		const [session] = set.sandbox.control.sessions().filter(({ cname }) => cname === 'cancelled');
		const note = `Cancelled; these recordings may be running: resource ID ${session!.resourceId}`;
		await eventually(
			async () => set.engine.log(),
			(log) => log.includes(note),
		);
	});
});
