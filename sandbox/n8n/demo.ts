import { join } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox.ts';
import { installTarball, registerPackage } from './communityPackage.ts';
import { sandboxCredentials, saveCredential } from './credentials.ts';
import { installN8n, type Log } from './install.ts';
import { subscribeExamples } from './notifications.ts';
import { signIn, type Owner, type RestApi } from './restApi.ts';
import { startN8n, type N8nServer } from './server.ts';
import { exampleWorkflows, importWorkflow } from './workflows.ts';

/** For a disposable n8n that only this machine can reach. */
export const owner: Owner = {
	email: 'owner@example.com',
	firstName: 'Demo',
	lastName: 'Owner',
	password: 'AgoraDemo1',
};

export interface DemoOptions {
	/** Contains n8n's data and the bucket's objects, which the next start in the same folder uses again. */
	folder: string;
	ports: { n8n: number; agora: number; s3: number };
	/** How fast session time runs in the sandbox; the default is real time. */
	pace?: SandboxOptions['pace'];
	/** Whether n8n reloads the package whenever its installed files change. */
	reload?: boolean;
	/** Further environment variables of n8n. */
	settings?: Record<string, string>;
	log: Log;
	/** Cancels the start. */
	signal?: AbortSignal;
}

export interface Demo {
	sandbox: Sandbox;
	/** The running n8n and its API; a restart replaces both. */
	readonly n8n: N8nServer;
	readonly api: RestApi;
	/** Restarts n8n in the same folder, while the sandbox continues to run. */
	restartN8n(): Promise<void>;
	/** Stops n8n, then the sandbox. */
	stop(): Promise<void>;
}

/**
 * Starts the sandbox and n8n, with this package installed from its tarball, credentials for the sandbox and the
 * example workflows.
 *
 * @throws Error that names the part that did not start; the others are stopped
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
	const { folder, ports, pace, reload = false, log, signal } = options;
	await installN8n(log, signal);
	const n8nData = join(folder, '.n8n');
	const manifest = await installTarball(n8nData, signal);
	log(`${manifest.name} ${manifest.version} is packed and installed as a community package.`);

	const sandbox = await startSandbox({
		agoraPort: ports.agora,
		s3Port: ports.s3,
		folder: join(folder, 'bucket'),
		pace,
	});
	let n8n: N8nServer | undefined;
	const settings = { ...(reload && { N8N_DEV_RELOAD: 'true' }), ...options.settings };
	const boot = async () => {
		n8n = await startN8n({ folder, port: ports.n8n, settings, signal });
		return { n8n, api: await signIn(n8n.url, owner) };
	};
	const stop = async () => {
		await n8n?.stop();
		await sandbox.stop();
	};
	try {
		log('Starting n8n …');
		const running = await boot();
		await registerPackage(n8nData, manifest, running.api);
		await importExamples(running.api, sandbox);
		subscribeExamples(sandbox, running.n8n.url);
		const restartN8n = async () => {
			await n8n?.stop();
			Object.assign(demo, await boot());
		};
		const demo: Demo = { sandbox, ...running, restartN8n, stop };
		return demo;
	} catch (error) {
		await stop();
		throw error;
	}
}

async function importExamples(api: RestApi, sandbox: Sandbox): Promise<void> {
	const ids = new Map<string, string>();
	for (const credential of sandboxCredentials(sandbox)) {
		ids.set(`${credential.type} ${credential.name}`, await saveCredential(api, credential));
	}
	const credentialId = (type: string, name: string) => ids.get(`${type} ${name}`);
	for (const workflow of exampleWorkflows()) {
		await importWorkflow(api, workflow, { credentialId, inbox: sandbox.inbox });
	}
}
