import { join } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox.ts';
import { sandboxCredentials, saveCredential } from './credentials.ts';
import { installN8n } from './install.ts';
import { noteInstalledPackage } from './installedPackage.ts';
import type { Log } from './log.ts';
import { installPackageTarball } from './packageTarball.ts';
import { signIn, type Owner, type RestApi } from './restApi.ts';
import { startN8n, type N8nServer } from './server.ts';
import { exampleWorkflows, importWorkflow } from './workflows.ts';

/** For a throw-away n8n that only this machine can reach. */
export const owner: Owner = {
	email: 'owner@example.com',
	firstName: 'Demo',
	lastName: 'Owner',
	password: 'AgoraDemo1',
};

export interface DemoOptions {
	/** n8n's data and the bucket's objects; a second start in the same folder finds them again. */
	folder: string;
	ports: { n8n: number; agora: number; s3: number };
	/** How fast the sandbox's calls go by; as in life when left out. */
	pace?: SandboxOptions['pace'];
	/** Whether n8n loads the package anew whenever its installed files change. */
	reload?: boolean;
	/** Further settings of n8n, by the names of its environment variables. */
	settings?: Record<string, string>;
	log: Log;
	/** Gives up while starting. */
	signal?: AbortSignal;
}

export interface Demo {
	sandbox: Sandbox;
	/** The n8n that runs now, and its API: others after a restart. */
	readonly n8n: N8nServer;
	readonly api: RestApi;
	/** Ends n8n and starts it anew, in the same folder; the sandbox goes on meanwhile. */
	restartN8n(): Promise<void>;
	/** Ends n8n, then the sandbox. */
	stop(): Promise<void>;
}

/**
 * n8n with this package installed from its tarball, the sandbox, and between them the credentials and
 * the example workflows.
 *
 * @throws Error saying which part did not start; what had started by then is ended
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
	const { folder, ports, pace, reload = false, log, signal } = options;
	await installN8n(log, signal);
	const n8nData = join(folder, '.n8n');
	const manifest = await installPackageTarball(n8nData, signal);
	log(
		`${manifest.name} ${manifest.version} is packed and installed as n8n installs community packages.`,
	);

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
		await noteInstalledPackage(n8nData, manifest, running.api);
		await furnish(running.api, sandbox);
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

async function furnish(api: RestApi, sandbox: Sandbox): Promise<void> {
	const ids = new Map<string, string>();
	for (const credential of sandboxCredentials(sandbox)) {
		ids.set(`${credential.type} ${credential.name}`, await saveCredential(api, credential));
	}
	const credentialIds = (type: string, name: string) => ids.get(`${type} ${name}`);
	for (const workflow of exampleWorkflows()) {
		await importWorkflow(api, workflow, { credentialIds, inbox: sandbox.inbox });
	}
}
