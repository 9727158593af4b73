import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { differences } from '../../live/differences.ts';
import { keysOf } from '../../live/keys.ts';
import { runSmokeTest } from '../../live/smokeTest.ts';

/** `npm run smoke:live`, with a sandbox in Agora's place: nobody here has an account. */
let sandbox: Sandbox;
beforeEach(async () => (sandbox = await startSandbox({ pace: { speed: 20, callSeconds: 600 } })));
afterEach(async () => await sandbox.stop());

const silent = () => undefined;

it('records, and finds no difference between two sandboxes', async () => {
	const lines: string[] = [];
	const expected = await runSmokeTest(keysOf(sandbox), (line) => lines.push(line), 3_000);
	expect(lines.map((line) => line.replace(/[0-9a-f]{32}/, '…'))).toEqual([
		'3 projects',
		'started …',
		expect.stringMatching(/^status recording, \d+ segments so far$/),
		'stopped: uploaded, 2 files',
	]);
	expect(differences(await runSmokeTest(keysOf(sandbox), silent, 3_000), expected)).toEqual([]);
	expect(sandbox.control.sessions().filter(({ live }) => live)).toEqual([]);
});

it('reports the error of a node', async () => {
	const { agora, ...rest } = keysOf(sandbox);
	const wrong = { ...rest, agora: { ...agora, customerSecret: 'wrong' } };
	await expect(runSmokeTest(wrong, silent)).rejects.toThrow(
		/^project getAll: Agora does not accept/,
	);
});

it('reports different fields and statuses without values', () => {
	const exchanges = (status: number, body: unknown) => [{ call: 'GET /projects', status, body }];
	const expected = exchanges(200, { projects: [{ id: 'a', status: 1 }], success: true });
	const live = exchanges(201, { projects: [{ id: 'b', status: '1', secret: 'hidden' }] });
	expect(differences(live, expected)).toEqual([
		'GET /projects: status 201 is new',
		'GET /projects: status 200 is missing',
		'GET /projects: field projects[].status: string is new',
		'GET /projects: field projects[].secret: string is new',
		'GET /projects: field projects[].status: number is missing',
		'GET /projects: field success: boolean is missing',
	]);
	expect(differences([], expected)).toEqual(['GET /projects: was not requested']);
});
