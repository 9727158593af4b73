import { request } from 'undici';
import { RandomFailures } from '../../../sandbox/agora/randomFailures.ts';
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

describe('the session limit', () => {
	it('makes acquire fail until a session has ended', async () => {
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

describe('random failures', () => {
	const drawFor = (seed: number, channels: string[]) => {
		const failures = new RandomFailures({ seed, overloaded: 0.2, stranded: 0.1, backuped: 0.1 });
		return Object.fromEntries(
			channels.map((cname) => [
				cname,
				[1, 2, 3].map(() => [
					failures.draw(cname, ['overloaded']),
					failures.draw(cname, ['backuped', 'stranded', 'unknown']),
				]),
			]),
		);
	};

	it('depend only on the seed and the channel', () => {
		const channels = Array.from({ length: 40 }, (_, index) => `class ${index}`);
		expect(drawFor(7, channels)).toEqual(drawFor(7, channels.toReversed()));
		expect(drawFor(7, channels)).not.toEqual(drawFor(8, channels));
	});

	it('occur with the given probabilities', () => {
		const failures = new RandomFailures({ seed: 1, overloaded: 0.1, backuped: 0.2, stranded: 0.3 });
		const counts = { overloaded: 0, backuped: 0, stranded: 0, unknown: 0 };
		for (let count = 0; count < 2000; count += 1) {
			for (const failure of [
				failures.draw(`class ${count % 9}`, ['overloaded']),
				failures.draw(`class ${count % 9}`, ['backuped', 'stranded', 'unknown']),
			])
				if (failure) counts[failure] += 1;
		}
		expect(counts.overloaded / 2000).toBeCloseTo(0.1, 1);
		expect(counts.backuped / 2000).toBeCloseTo(0.2, 1);
		expect(counts.stranded / 2000).toBeCloseTo(0.3, 1);
		expect(counts.unknown).toBe(0);
	});

	it('make acquire fail and delay uploads', async () => {
		sandbox.control.setAgora({ randomFailures: { seed: 1, overloaded: 1 } });
		expect(await agora.acquire('unlucky')).toEqual(OVERLOADED);
		sandbox.control.setAgora({ randomFailures: { seed: 1, stranded: 1 } });
		const { sid } = await agora.record('unlucky');
		const session = sandbox.control.sessions().find((each) => each.sid === sid);
		expect(session).toMatchObject({ uploadingStatus: 'stranded' });
		await sandbox.control.stop(sid);
	});

	it('can be set when the sandbox starts', async () => {
		const unlucky = await startSandbox({ agora: { randomFailures: { seed: 1, overloaded: 1 } } });
		try {
			expect(await agoraClient(unlucky).acquire('unlucky')).toEqual(OVERLOADED);
		} finally {
			await unlucky.stop();
		}
	});
});

describe('the Chinese edition of the Console REST API', () => {
	it('returns arrays, without sign_key and recording_server', async () => {
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

it('options can be set over HTTP', async () => {
	await setOverHttp({ sessionLimit: 0, consoleEdition: 'china' });
	expect(await agora.acquire('lesson')).toEqual(OVERLOADED);
	expect((await agora.call('GET', '/dev/v1/projects')).body.projects[0]).not.toHaveProperty(
		'sign_key',
	);
	await setOverHttp({});
	expect((await agora.acquire('lesson')).status).toBe(200);
});
