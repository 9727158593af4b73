import type { IDataObject } from 'n8n-workflow';
import { listenOnLoopback } from '../../../sandbox/loopbackServer.ts';
import {
	agoraCredential,
	eventually,
	startSandboxedEngine,
	storageCredential,
	type SandboxedEngine,
} from '../../integration/sandboxedEngine.ts';
import { operationNamed } from '../operations.ts';
import type { Column } from './columns.ts';

export type Pair = [IDataObject, IDataObject];

/** What all cells share: the engine, the sandbox, and input items that no cell changes. */
export interface Setup {
	sandboxed: SandboxedEngine;
	project: Pair;
	ban: Pair;
	completed: Pair;
	running: Pair;
	/** Starts a recording that runs until it is stopped. */
	startRecording(cname: string): Promise<IDataObject>;
	createBan(): Promise<IDataObject>;
	/** A server that no node has a reason to call. */
	elsewhere: { origin: string; requests: number };
	stop(): Promise<void>;
}

/** One segment and one playlist, then nothing more. */
const PACE = { speed: 20, callSeconds: 4, sliceSeconds: 4, startSeconds: 1, exitSeconds: 1 };
const SOON = 5;
const NEVER = 2_000_000;
const RUNNING = 5;
const ENDED = 8;

/** Starts the sandbox without rate limits, because each cell simulates a separate account. */
export async function setUp(): Promise<Setup> {
	const sandboxed = await startSandboxedEngine({ pace: PACE, unlimited: true });
	const { sandbox, engine, credentials } = sandboxed;
	const elsewhere = { origin: '', requests: 0 };
	const server = await listenOnLoopback(0, async (_, response) => {
		elsewhere.requests++;
		response.end('{}');
	});
	elsewhere.origin = server.origin;
	// The first channel of a list, whatever the cells record.
	sandbox.control.setChannel('0', { uids: ['1001'], seconds: null });
	for (const prefix of ['class', 'live'])
		credentials.agoraStorageApi![prefix] = storageWith(sandboxed, sandbox.s3, prefix);

	const start = async (cname: string, prefix: string, maxIdleTime: number) => {
		const { json, error } = await engine.run(
			{ resource: 'recording', operation: 'start', cname, options: { maxIdleTime } },
			{ credentials: { agoraApi: 'default', agoraStorageApi: prefix } },
		);
		if (error !== undefined) throw new Error(`${cname} did not start: ${error.message}`);
		const recording = json[0]!;
		const status = () =>
			sandbox.control.sessions().find(({ sid }) => sid === recording.sid)!.status;
		await eventually(
			async () => status(),
			(each) => each === (maxIdleTime === NEVER ? RUNNING : ENDED),
		);
		return recording;
	};
	const startRecording = async (cname: string) => await start(cname, 'live', NEVER);
	const createBan = async () => {
		const { parameters } = operationNamed('ban', 'create');
		return (await engine.run(parameters, { items: [{ cname: '0' }] })).json[0]!;
	};
	const { json: projects } = await engine.run({ resource: 'project', operation: 'getAll' });
	return {
		sandboxed,
		elsewhere,
		project: [projects[1]!, projects[2]!],
		ban: [await createBan(), await createBan()],
		completed: [await start('alpha', 'class', SOON), await start('beta', 'class', SOON)],
		running: [await startRecording('gamma'), await startRecording('delta')],
		startRecording,
		createBan,
		async stop() {
			await server.close();
			await sandboxed.stop();
		},
	};
}

/** @param run a name that no other run has */
export async function itemsOf(setup: Setup, { needs }: Column, run: string): Promise<Pair> {
	const names = [`${run}-0`, `${run}-1`] as const;
	switch (needs) {
		case 'nothing':
			return [{}, {}];
		case 'new name':
			return [{ cname: names[0] }, { cname: names[1] }];
		case 'new recording':
			return [await setup.startRecording(names[0]), await setup.startRecording(names[1])];
		case 'new ban':
			return [await setup.createBan(), await setup.createBan()];
		default:
			return setup[needs];
	}
}

/** The Agora API credential for another origin, such as that of a relay. */
export function agoraWith({ sandbox }: SandboxedEngine, origin: string) {
	return { ...agoraCredential(sandbox), customHost: origin };
}

/** The storage credential for another origin and folder. */
export function storageWith({ sandbox }: SandboxedEngine, origin: string, prefix: string) {
	return { ...storageCredential(sandbox), endpoint: origin, fileNamePrefix: prefix };
}
