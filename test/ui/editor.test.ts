import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { loadOperations, type Operation } from '../../docs/generate/operations.ts';
import type { Demo } from '../../sandbox/n8n/demo.ts';
import { exampleWorkflows } from '../../sandbox/n8n/workflows.ts';
import { executeAgora, until } from '../e2e/executions.ts';
import { startQuickDemo } from '../e2e/quickDemo.ts';
import { Animation, MAX_BYTES } from './animation.ts';
import { EVENTS } from '../../nodes/Agora/events/eventTypes.ts';
import { browserPath, openBrowser } from './browser.ts';
import { Editor, PICTURES } from './editor.ts';
import { fillIn, inOrder, RUNNING } from './operations.ts';

/*
 * n8n's editor in a real browser, from the credentials to an error. The tests build on one another, and each step saves
 * a screenshot.
 */

const MINUTE = 60_000;
jest.setTimeout(2 * MINUTE);

const inBrowser = browserPath === undefined ? describe.skip : describe;
const skipped = browserPath === undefined ? 'SKIPPED, THERE IS NO CHROMIUM: ' : '';

let folder: string;
let demo: Demo;
let browser: Browser;
let editor: Editor;
let operations: Operation[];

beforeAll(async () => {
	if (skipped) {
		process.stderr.write('CHROMIUM IS NOT INSTALLED: THE EDITOR IS NOT TESTED\n');
		return;
	}
	folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-ui-'));
	demo = await startQuickDemo(folder);
	browser = await openBrowser();
	editor = await Editor.open(browser, demo.n8n.url);
	({ operations } = await loadOperations());
}, 15 * MINUTE);

afterAll(async () => {
	await browser?.close();
	await demo?.stop();
	if (folder) rmSync(folder, { recursive: true, force: true });
}, MINUTE);

inBrowser(`${skipped}credentials`, () => {
	const create = async (type: string) => {
		await editor.goTo('/home/credentials/create');
		const { page } = editor;
		await page.getByTestId('new-credential-type-select').locator('input').fill(type);
		await page
			.getByTestId('new-credential-type-select-option')
			.getByText(type, { exact: true })
			.click();
		await page.getByTestId('new-credential-type-button').click();
		await page.getByTestId('credential-edit-dialog').waitFor();
	};
	const save = async () => await editor.page.getByTestId('credential-save-button').click();
	const isGreen = async () =>
		await editor.page.getByText('Connection tested successfully').waitFor();
	const complaint = async () => {
		const { page } = editor;
		await page.getByText('Couldn’t connect with these settings').waitFor();
		await page.getByText('More details').click();
		return await page.getByTestId('credential-edit-dialog').innerText();
	};
	const close = async () => await editor.goTo('/home/credentials');

	it('Agora API: reports a wrong secret, and connects with the right one', async () => {
		const { customerId, customerSecret, appId, appCertificate } = demo.sandbox.agoraAccount;
		await create('Agora API');
		expect(await editor.check('Agora API, empty')).toEqual([]);
		await editor.fill('customerId', customerId);
		await editor.fill('customerSecret', 'wrong');
		await editor.fill('appId', appId);
		await editor.fill('appCertificate', appCertificate);
		expect(await editor.choicesOf('host')).toEqual([
			'Global (api.agora.io)',
			'Mainland China or Fallback (api.sd-rtn.com)',
			'Custom',
		]);
		await editor.choose('host', 'Custom');
		await editor.fill('customHost', demo.sandbox.agora);
		await save();
		expect(await complaint()).toContain(
			'Agora does not accept this Customer ID and Customer Secret',
		);
		expect(await editor.check('Agora API, wrong secret')).toEqual([]);

		await editor.fill('customerSecret', customerSecret);
		await save();
		await isGreen();
		expect(await editor.check('Agora API, connected', 'agora-api')).toEqual([]);
		await close();
	});

	it('Agora Recording Storage API: reports a wrong secret, and connects with the right one', async () => {
		const { endpoint, region, bucket, accessKey, secretKey } = demo.sandbox.storage;
		await create('Agora Recording Storage API');
		expect(await editor.choicesOf('vendor')).toEqual([
			'Amazon S3',
			'Alibaba Cloud OSS',
			'Tencent Cloud COS',
			'Microsoft Azure Blob Storage',
			'Google Cloud Storage',
			'Huawei Cloud OBS',
			'Baidu AI Cloud BOS',
			'Other S3-Compatible Storage',
		]);
		expect(await editor.check('Agora Recording Storage API, empty')).toEqual([]);
		await editor.choose('vendor', 'Other S3-Compatible Storage');
		await editor.fill('endpoint', endpoint);
		await editor.fill('s3CompatibleRegion', region);
		await editor.fill('bucket', bucket);
		await editor.fill('accessKey', accessKey);
		await editor.fill('secretKey', 'wrong');
		await editor.fill('fileNamePrefix', 'demo');
		await editor.choose('addressing', 'Path-Style');
		await save();
		expect(await complaint()).toContain('Enter Secret Key again');
		expect(await editor.check('Agora Recording Storage API, wrong secret')).toEqual([]);

		await editor.fill('secretKey', secretKey);
		await save();
		await isGreen();
		expect(
			await editor.check('Agora Recording Storage API, connected', 'agora-recording-storage-api'),
		).toEqual([]);
		await close();
	});
});

/** Channels that are recorded first, and the common part of their names. */
const RECORDED = ['class-7b', 'class-8a', 'class-9c'];
const COMMON = 'class';
/** Those whose panel is a picture in docs/images. */
const PICTURED: Record<string, string> = { start: 'start' };
const ACCOUNT = ['Credential for Agora API', 'Agora account'] as const;
const STORAGE = [
	'Credential for Agora Recording Storage API',
	'Agora Recording Storage account',
] as const;

inBrowser(`${skipped}the panel`, () => {
	beforeAll(async () => await editor.openPanel());

	it.each([
		['video call', ['Agora']],
		['cloud recording', ['Agora']],
		['agora', ['Agora', 'Agora Event']],
	])('finds the nodes by "%s"', async (text, nodes) => {
		expect(await editor.search(text)).toEqual(nodes);
		expect(await editor.check(`Panel, ${text}`)).toEqual([]);
	});

	it('adds the node by one of its actions', async () => {
		const actions = await editor.actionsOf('Agora');
		expect(await editor.check('Panel, actions')).toEqual([]);
		expect(actions).toHaveLength(operations.length + 2);
		await editor.addAction('Get recording');
		await editor.useCredential(...ACCOUNT);
		await editor.useCredential(...STORAGE);
	});
});

inBrowser(`${skipped}the node`, () => {
	it('offers every resource and operation, each with a description', async () => {
		const resources = [...new Set(operations.map(({ resource }) => resource))];
		expect(await editor.choicesOf('resource')).toEqual(resources.map(({ name }) => name));
		for (const resource of resources) {
			await editor.choose('resource', resource.name);
			const offered = await editor.choicesOf('operation');
			const names = resource.operations.map(({ name }) => name);
			expect(offered.map((choice) => choice.split('\n')[0])).toEqual(names);
			for (const choice of offered) expect(choice).toMatch(/\n.{20,}/);
		}
	});

	it('asks for a credential only where it is used', async () => {
		await editor.choose('resource', 'Recording');
		const labelsFor = async (operation: string) => {
			await editor.choose('operation', operation);
			return await editor.credentialLabels();
		};
		expect(await labelsFor('Get Many')).toEqual([STORAGE[0]]);
		expect(await labelsFor('Download')).toEqual([STORAGE[0]]);
		expect(await labelsFor('Start')).toEqual([ACCOUNT[0], STORAGE[0]]);
		expect(await labelsFor('Get')).toEqual([ACCOUNT[0], STORAGE[0]]);
	});

	it('shows the modes of resource locators whole', async () => {
		await editor.choose('resource', 'Project');
		await editor.choose('operation', 'Get');
		await editor.nameBy('projectId', 'App ID', 'unknown');
		expect(await editor.check('Project · Get, by App ID')).toEqual([]);
	});

	it('reports that there are no recordings to choose from', async () => {
		await editor.choose('resource', 'Recording');
		await editor.choose('operation', 'Get');
		expect(await editor.openList('recordingId')).toEqual([]);
		expect(await editor.check('Recording · Get, an empty bucket')).toEqual([]);
		await editor.leaveList();
		await editor.page.getByText('Recordings in the bucket, newest first').waitFor();
	});

	it(
		'lists recordings by channel and time',
		async () => {
			const run = async (parameters: Record<string, unknown>) => {
				const execution = await executeAgora(demo.api, 'Agora', {
					resource: 'recording',
					...parameters,
				});
				return execution.outputs.Agora ?? [];
			};
			for (const cname of RECORDED) await run({ operation: 'start', cname });
			await until('the recordings are completed', 120, async () => {
				const completed = await run({ operation: 'getAll', filters: { status: 'completed' } });
				return completed.length === RECORDED.length || null;
			});
			// n8n caches the list for each search text, and the empty one is cached.
			const names = await editor.openList('recordingId', COMMON);
			expect(names.map((name) => name.split(' ')[0])).toEqual(RECORDED.toReversed());
			for (const name of names)
				expect(name).toMatch(/^\S+ · \d+ \w{3} \d{4}, [:\d]{8} UTC · \d+ s$/);
			expect(await editor.check('Recording · Get, its list', 'from-list')).toEqual([]);
			await editor.leaveList();
		},
		3 * MINUTE,
	);

	it(
		'every operation looks right, and runs',
		async () => {
			for (const operation of inOrder(operations)) {
				const name = `${operation.resource.name} · ${operation.name}`;
				demo.sandbox.control.setChannel(RUNNING, { uids: ['1001', '1002'], seconds: null });
				await editor.choose('resource', operation.resource.name);
				await editor.choose('operation', operation.name);
				expect([name, await editor.check(name)]).toEqual([name, []]);
				await fillIn(editor, operation);
				expect([name, await editor.execute()]).toEqual([
					name,
					expect.stringMatching(/^\d+ items?$/),
				]);
				const defects = await editor.check(`${name}, run`, PICTURED[operation.value]);
				expect([name, defects]).toEqual([name, []]);
			}
		},
		6 * MINUTE,
	);

	it('shows in an error what happened and what to do', async () => {
		await editor.choose('resource', 'Recording');
		await editor.choose('operation', 'Stop');
		await editor.nameBy('recordingId', 'Channel', 'nobody-records-me');
		const error = await editor.execute();
		expect(error).toContain('has no recording of channel nobody-records-me');
		expect(error).toContain('Searched below "demo/"');
		expect(await editor.check('Recording · Stop, error', 'error')).toEqual([]);
	});
});

inBrowser(`${skipped}the trigger`, () => {
	it('shows the newest recording at its test button', async () => {
		await editor.openPanel();
		await editor.search('agora');
		await editor.actionsOf('Agora');
		await editor.addAction('On recording completed');
		await editor.useCredential('Credential', STORAGE[1]);
		const events = await editor.choicesOf('event');
		expect(events.map((event) => event.split('\n')[0])).toEqual([
			'Recording Completed',
			'Recording Started',
		]);
		expect(await editor.check('Agora Trigger')).toEqual([]);
		expect(await editor.execute()).toBe('1 item');
		expect(await editor.check('Agora Trigger, tested', 'trigger')).toEqual([]);
	});
});

inBrowser(`${skipped}the event trigger`, () => {
	it('shows its URL, how to register it, and the events of each product', async () => {
		await editor.openPanel();
		await editor.search('agora');
		await editor.openTriggersOf('Agora Event');
		expect(await editor.check('Panel, events')).toEqual([]);
		await editor.addAction('On files uploaded');
		expect(await editor.check('Agora Event Trigger')).toEqual([]);
		await editor.page.getByText('In the Agora Console').waitFor();
		expect(await editor.credentialLabels()).toHaveLength(1);
		await editor.choose('product', 'RTC Channel');
		const events = await editor.choicesOf('events');
		expect(events.map((event) => event.split('\n')[0]).toSorted()).toEqual(
			['All', ...EVENTS.channel.map(({ name }) => name)].toSorted(),
		);
		expect(await editor.check('Agora Event Trigger, channel')).toEqual([]);
	});
});

/** The end-to-end tests run them. */
const inPictures = PICTURES === null ? describe.skip : inBrowser;
inPictures(`${skipped}the example workflows, pictures of which are taken with UI_PICTURES`, () => {
	it.each(exampleWorkflows())('$name', async ({ id }) => {
		await editor.openWorkflow(id);
		expect(await editor.check(`Workflow ${id}`, id.replace('agora-', 'workflow-'))).toEqual([]);
	});

	it(
		'the animated picture: the trigger fires, the file arrives, a message is in the inbox',
		async () => {
			const { page } = editor;
			const id = 'agora-archive-and-notify';
			// Its own poll would post the message before the picture is taken.
			await demo.api.post(`/workflows/${id}/deactivate`, {});
			await executeAgora(demo.api, 'Agora', {
				resource: 'recording',
				operation: 'start',
				cname: 'demo-class',
			});
			await until('the recording is completed', 120, async () => {
				const filters = { cname: 'demo-class', status: 'completed' };
				const parameters = { resource: 'recording', operation: 'getAll', filters };
				const { outputs } = await executeAgora(demo.api, 'Agora', parameters);
				return outputs.Agora?.length === 1 || null;
			});
			const animation = new Animation();
			await editor.openWorkflow(id);
			await animation.take(page, 1.5);
			await page.getByTestId('execute-workflow-button').first().click();
			const done = page.locator('[data-test-id=canvas-node-status-success]');
			while ((await done.count()) < 4) await animation.take(page, 0.4);
			await animation.take(page, 2);
			await page.getByTestId('canvas-node').filter({ hasText: 'Download MP4' }).dblclick();
			await page.getByTestId('output-panel').getByText('File Name').first().waitFor();
			await animation.take(page, 3);
			await page.goto(demo.sandbox.inbox);
			await page.getByText('The recording of demo-class is ready').waitFor();
			await animation.take(page, 4);
			const picture = join(PICTURES!, 'demo.gif');
			animation.save(picture);
			expect(statSync(picture).size).toBeLessThan(MAX_BYTES);
		},
		4 * MINUTE,
	);
});
