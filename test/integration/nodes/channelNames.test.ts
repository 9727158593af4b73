import type { IDataObject } from 'n8n-workflow';
import { randomSource } from '../../unit/randomSource.ts';
import { eventually, useSandboxedEngine } from '../sandboxedEngine.ts';

/**
 * Channel names of every character that Agora allows: recorded, found again and stopped by name alone.
 * CHANNEL_NAMES says how many names; 1,000 take some three minutes.
 */
const COUNT = Number(process.env.CHANNEL_NAMES ?? 100);
/** Agora takes ten requests a second for each App ID, so the work is spread over several. */
const PROJECTS = 10;
const AT_ONCE = 100;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const SIGNS = ' !#$%&()+-:;<=.>?@[]^_{|}~,';

// One slice each: everybody leaves at once, and the recorder waits for the stop.
const pace = { speed: 2, callSeconds: 3, startSeconds: 1, exitSeconds: 1 };
const set = useSandboxedEngine({ pace });

/** Different names, each character in at least one; many fall together in file names. */
function channelNames(count: number): string[] {
	const random = randomSource(20261123);
	const names = new Set([...LETTERS, ...SIGNS].map((character) => `class${character}7`));
	while (names.size < count) {
		const alphabet = random.pick([SIGNS, LETTERS + SIGNS, `ab${SIGNS}`]);
		const name = random.text(alphabet, random.integer(1, random.pick([4, 16, 64])));
		if (name.trim() !== '') names.add(name);
	}
	return [...names].slice(0, count);
}

const run = async (operation: string, parameters: IDataObject, items: IDataObject[]) => {
	const result = await set.engine.run(
		{ resource: 'recording', operation, ...parameters },
		{ items },
	);
	expect(result.error).toBeUndefined();
	return result.json;
};
const byChannel = { recordingId: { __rl: true, mode: 'channel', value: '={{ $json.channel }}' } };

describe(`${COUNT} channel names`, () => {
	const names = channelNames(COUNT);
	const groups = Array.from({ length: Math.ceil(COUNT / AT_ONCE) }, (_, i) =>
		names.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
	);

	const createProjects = async () => {
		const items = Array.from({ length: PROJECTS }, (_, i) => ({ name: `names ${i}` }));
		const create = { resource: 'project', operation: 'create', name: '={{ $json.name }}' };
		const { json } = await set.engine.run(create, { items });
		return json.map(({ app_id }) => String(app_id));
	};

	it('hold every character that Agora allows', () => {
		const used = new Set(names.join(''));
		expect([...LETTERS, ...SIGNS].filter((character) => !used.has(character))).toEqual([]);
	});

	it.each(groups.map((group, index) => [index, group] as const))(
		'are recorded, found and stopped by name: group %i',
		async (_, group) => {
			const appIds = await createProjects();
			const items = group.map((channel, i) => ({ channel, appId: appIds[i % PROJECTS]! }));
			const start = {
				cname: '={{ $json.channel }}',
				options: { appId: '={{ $json.appId }}', maxIdleTime: 36000 },
			};
			const started = await run('start', start, items);
			expect(started.map(({ cname }) => cname)).toEqual(group);

			const sids = started.map(({ sid }) => sid);
			await eventually(
				async () =>
					set.sandbox.control
						.sessions()
						.filter(({ sid, status }) => sids.includes(sid) && status === 5).length,
				(recording) => recording === group.length,
			);
			const found = await run('get', byChannel, items);
			expect(found.map(({ sid, cname }) => [sid, cname])).toEqual(
				started.map(({ sid, cname }) => [sid, cname]),
			);
			const stopped = await run('stop', byChannel, items);
			expect(stopped.map(({ sid, uploading_status }) => [sid, uploading_status])).toEqual(
				sids.map((sid) => [sid, 'uploaded']),
			);
		},
		120_000,
	);
});
