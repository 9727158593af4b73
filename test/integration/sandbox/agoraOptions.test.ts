import { request } from 'undici';
import { Chance } from '../../../sandbox/agora/chance.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { agoraClient } from './agoraClient.ts';
import { useSandbox } from './useSandbox.ts';

const sandbox = useSandbox({ unlimited: true });
let agora: ReturnType<typeof agoraClient>;

beforeAll(() => {
	agora = agoraClient(sandbox);
});

const setOverHttp = (options: object) =>
	request(`${sandbox.agora}/sandbox/agora`, { method: 'PUT', body: JSON.stringify(options) });

const OVERLOADED = { status: 400, body: { code: 406, reason: 'vendor_over_load' } };

describe('too many sessions', () => {
	it('are refused by acquire until one is over', async () => {
		const first = await agora.record('first');
		sandbox.control.setAgora({ sessionLimit: 2 });
		expect((await agora.acquire('second')).status).toBe(200);
		const second = await agora.record('second');
		expect(await agora.acquire('third')).toEqual(OVERLOADED);
		expect((await first.query()).status).toBe(200);
		await sandbox.control.stop(second.sid);
		expect((await agora.acquire('third')).status).toBe(200);
		await sandbox.control.stop(first.sid);
	});
});

describe('chance', () => {
	const fates = (seed: number, channels: string[]) => {
		const chance = new Chance({ seed, overloaded: 0.2, stranded: 0.1, backuped: 0.1 });
		return Object.fromEntries(
			channels.map((cname) => [
				cname,
				[1, 2, 3].map(() => [
					chance.outcome(cname, ['overloaded']),
					chance.outcome(cname, ['backuped', 'stranded', 'unknown']),
				]),
			]),
		);
	};

	it('depends on seed and channel only', () => {
		const channels = Array.from({ length: 40 }, (_, index) => `class ${index}`);
		expect(fates(7, channels)).toEqual(fates(7, channels.toReversed()));
		expect(fates(7, channels)).not.toEqual(fates(8, channels));
	});

	it('keeps to the shares', () => {
		const chance = new Chance({ seed: 1, overloaded: 0.1, backuped: 0.2, stranded: 0.3 });
		const counts = { overloaded: 0, backuped: 0, stranded: 0, unknown: 0 };
		for (let count = 0; count < 2000; count += 1) {
			for (const outcome of [
				chance.outcome(`class ${count % 9}`, ['overloaded']),
				chance.outcome(`class ${count % 9}`, ['backuped', 'stranded', 'unknown']),
			])
				if (outcome) counts[outcome] += 1;
		}
		expect(counts.overloaded / 2000).toBeCloseTo(0.1, 1);
		expect(counts.backuped / 2000).toBeCloseTo(0.2, 1);
		expect(counts.stranded / 2000).toBeCloseTo(0.3, 1);
		expect(counts.unknown).toBe(0);
	});

	it('refuses acquires and delays uploads', async () => {
		sandbox.control.setAgora({ chance: { seed: 1, overloaded: 1 } });
		expect(await agora.acquire('unlucky')).toEqual(OVERLOADED);
		sandbox.control.setAgora({ chance: { seed: 1, stranded: 1 } });
		const { sid } = await agora.record('unlucky');
		const session = sandbox.control.sessions().find((each) => each.sid === sid);
		expect(session).toMatchObject({ uploadingStatus: 'stranded' });
		await sandbox.control.stop(sid);
	});

	it('can be there from the start', async () => {
		const unlucky = await startSandbox({ agora: { chance: { seed: 1, overloaded: 1 } } });
		try {
			expect(await agoraClient(unlucky).acquire('unlucky')).toEqual(OVERLOADED);
		} finally {
			await unlucky.stop();
		}
	});
});

describe('the console of the Chinese edition', () => {
	it('answers with arrays, and without sign_key and recording_server', async () => {
		sandbox.control.setAgora({ consoleEdition: 'china' });
		const create = { name: 'Shanghai', enable_sign_key: true };
		const post = async (path: string, body: object) =>
			await agora.call('POST', `/dev/v1/${path}`, body);
		const created = await post('project', create);
		const project = {
			id: expect.any(String),
			name: 'Shanghai',
			vendor_key: expect.stringMatching(/^[0-9a-f]{32}$/),
			status: 1,
			created: expect.any(Number),
		};
		expect(created).toEqual({ status: 201, body: { project: [project] } });
		const { id } = created.body.project[0];
		expect(await agora.call('GET', `/dev/v1/project?id=${id}&name=Shanghai`)).toEqual(created);
		expect(await post('signkey', { id, enable: false })).toEqual(created);
		expect(await post('reset_signkey', { id })).toEqual(created);
		expect((await post('project_status', { id, status: 0 })).body.project[0].status).toBe(0);
		const { body } = await agora.call('GET', '/dev/v1/projects');
		expect(body.projects).toContainEqual({ ...project, status: 0 });
		expect(JSON.stringify(body)).not.toContain('sign_key');
		expect(await post('project', create)).toEqual({
			status: 400,
			body: { message: 'project name already exists' },
		});
	});
});

it('can be told all that over HTTP', async () => {
	await setOverHttp({ sessionLimit: 0, consoleEdition: 'china' });
	expect(await agora.acquire('none')).toEqual(OVERLOADED);
	expect((await agora.call('GET', '/dev/v1/projects')).body.projects[0]).not.toHaveProperty(
		'sign_key',
	);
	await setOverHttp({});
	expect((await agora.acquire('none')).status).toBe(200);
});
