import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IDataObject } from 'n8n-workflow';
import {
	agoraCredential,
	eventually,
	startSandboxedEngine,
	storageCredential,
	type SandboxedEngine,
} from '../../integration/sandboxedEngine.ts';

/** One input item: what its fields' expressions read, and by which text its requests can be told. */
export interface Subject {
	json: IDataObject;
	/** Null where the requests of all items are alike; asked when a request comes, as a sid is known late. */
	mark: string | null | (() => string);
}

/** What all cells share: the engine, the sandbox, and recordings that nobody changes. */
export interface World {
	set: SandboxedEngine;
	/** Two recordings that are complete. */
	completed: [Subject, Subject];
	/** Two that run and stay so. */
	running: [Subject, Subject];
	/** Two projects that tokens are not made for. */
	projects: [Subject, Subject];
	/** Starts a recording that ends only when it is stopped. */
	startRunning(cname: string): Promise<Subject>;
	/** A server that nobody has a reason to ask. */
	elsewhere: { origin: string; asked: number };
	stop(): Promise<void>;
}

/** One slice and one playlist, then silence. */
const PACE = { speed: 20, callSeconds: 4, sliceSeconds: 4, startSeconds: 1, exitSeconds: 1 };
export const FOREVER_SECONDS = 2_000_000;

/** Starts the sandbox, without its limits of requests a second: as many accounts as there are cells. */
export async function buildWorld(): Promise<World> {
	const set = await startSandboxedEngine({ pace: PACE, unlimited: true });
	const credentials = { agoraApi: 'default', agoraStorageApi: 'default' };
	set.credentials.agoraStorageApi!.live = {
		...storageCredential(set.sandbox),
		fileNamePrefix: 'live',
	};
	const start = async (cname: string, maxIdleTime: number, storage: string): Promise<Subject> => {
		const { json, error } = await set.engine.run(
			{ resource: 'recording', operation: 'start', cname, options: { maxIdleTime } },
			{ credentials: { ...credentials, agoraStorageApi: storage } },
		);
		if (error !== undefined) throw new Error(`${cname} did not start: ${error.message}`);
		const { sid } = json[0]!;
		await eventually(
			async () => set.sandbox.control.sessions().find((each) => each.sid === sid)!.status,
			(status) => status === (maxIdleTime === FOREVER_SECONDS ? 5 : 8),
		);
		return { json: json[0]!, mark: sid as string };
	};
	const elsewhere = { origin: '', asked: 0 };
	const stranger = createServer((_, response) => {
		elsewhere.asked++;
		response.end('{}');
	});
	await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
	elsewhere.origin = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
	const startRunning = async (cname: string) => await start(cname, FOREVER_SECONDS, 'live');
	const { json: projects } = await set.engine.run({ resource: 'project', operation: 'getAll' });
	const [, a, b] = projects.map((json): Subject => ({ json, mark: json.id as string }));
	return {
		set,
		completed: [await start('alpha', 5, 'default'), await start('beta', 5, 'default')],
		running: [await startRunning('gamma'), await startRunning('delta')],
		projects: [a!, b!],
		startRunning,
		elsewhere,
		async stop() {
			stranger.close();
			await set.stop();
		},
	};
}

/** The Agora API credential for a relay. */
export function agoraBy(set: SandboxedEngine, origin: string) {
	return { ...agoraCredential(set.sandbox), customHost: origin };
}

/** The storage credential for a relay. */
export function storageBy(set: SandboxedEngine, origin: string, prefix: string) {
	return { ...storageCredential(set.sandbox), endpoint: origin, fileNamePrefix: prefix };
}
