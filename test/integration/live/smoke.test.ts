import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { differences } from '../../live/differences.ts';
import { keysOf } from '../../live/keys.ts';
import { tour } from '../../live/tour.ts';

/** `npm run smoke:live`, with a sandbox in Agora's place: nobody here has an account. */
let sandbox: Sandbox;
beforeEach(async () => (sandbox = await startSandbox({ pace: { speed: 20, callSeconds: 600 } })));
afterEach(async () => await sandbox.stop());

const silent = () => undefined;

it('records, and finds no difference between two that answer alike', async () => {
	const said: string[] = [];
	const expected = await tour(keysOf(sandbox), (line) => said.push(line), 3_000);
	expect(said.map((line) => line.replace(/[0-9a-f]{32}/, '…'))).toEqual([
		'3 projects',
		'started …',
		expect.stringMatching(/^it is recording, with \d+ slices so far$/),
		'stopped: uploaded, 2 files',
	]);
	expect(differences(await tour(keysOf(sandbox), silent, 3_000), expected)).toEqual([]);
	expect(sandbox.control.sessions().filter(({ live }) => live)).toEqual([]);
});

it('says in the node’s words what does not work', async () => {
	const { agora, ...rest } = keysOf(sandbox);
	const wrong = { ...rest, agora: { ...agora, customerSecret: 'wrong' } };
	await expect(tour(wrong, silent)).rejects.toThrow(/^project getAll: Agora does not accept/);
});

it('tells fields and statuses apart, and prints no values', () => {
	const heard = (status: number, body: unknown) => [{ call: 'GET /projects', status, body }];
	const expected = heard(200, { projects: [{ id: 'a', status: 1 }], success: true });
	const live = heard(201, { projects: [{ id: 'b', status: '1', secret: 'hidden' }] });
	expect(differences(live, expected)).toEqual([
		'GET /projects: status 201 is new',
		'GET /projects: status 200 did not come',
		'GET /projects: field projects[].status: string is new',
		'GET /projects: field projects[].secret: string is new',
		'GET /projects: field projects[].status: number did not come',
		'GET /projects: field success: boolean did not come',
	]);
	expect(differences([], expected)).toEqual(['GET /projects: was not asked']);
});
