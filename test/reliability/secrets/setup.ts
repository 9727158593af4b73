import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { Engine, type CredentialStore } from '../../integration/engine.ts';
import { agoraClient } from '../../integration/sandbox/agoraClient.ts';
import { agoraCredential, storageCredential } from '../../integration/sandboxedEngine.ts';
import { startEchoServers, type EchoServers } from './echo.ts';
import { plant, plantedAgora, type Planted } from './planted.ts';

/** Services that work, servers that repeat what they get, and n8n's engine with debug logs and files on disk. */
export interface Setup {
	sandbox: Sandbox;
	echo: EchoServers;
	engine: Engine;
	/** `default` fits the sandbox; scenarios add others. */
	credentials: CredentialStore;
	planted: Planted;
	stop(): Promise<void>;
}

/** A session ends within seconds. */
const PACE = { speed: 20, callSeconds: 8, startSeconds: 1, exitSeconds: 1 };

export async function setUp(): Promise<Setup> {
	const planted = plant();
	const [sandbox, echo] = await Promise.all([startSandbox({ pace: PACE }), startEchoServers()]);
	const storage = storageCredential(sandbox);
	const sessionToken = planted.inCredentials['Session Token'];
	const credentials: CredentialStore = {
		agoraApi: {
			default: agoraCredential(sandbox),
			leaky: plantedAgora(planted, sandbox.agora),
		},
		agoraNotificationsApi: { default: { secret: planted.inCredentials['Notifications Secret'] } },
		agoraStorageApi: {
			default: storage,
			'Amazon S3': { ...storage, vendor: 'amazonS3', amazonS3Region: 'us-east-1' },
			'session token': { ...storage, sessionToken },
		},
	};
	const engine = await Engine.start(credentials, {
		filesOnDisk: true,
		packages: [join(import.meta.dirname, 'leaky')],
		variables: planted.variables,
	});
	return {
		sandbox,
		echo,
		engine,
		credentials,
		planted,
		stop: async () => void (await Promise.all([sandbox.stop(), echo.close()])),
	};
}

/** @returns the current App Certificates of the sandbox's projects, by a name that may be printed */
export async function certificates(sandbox: Sandbox): Promise<Record<string, string>> {
	const { body } = await agoraClient(sandbox).call('GET', '/dev/v1/projects');
	const projects = body.projects as Array<{ name: string; sign_key: string }>;
	// A project has one certificate after the other.
	const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
	return Object.fromEntries(
		projects
			.filter(({ sign_key }) => sign_key !== '')
			.map(({ name, sign_key }) => [`App Certificate ${digest(sign_key)} of ${name}`, sign_key]),
	);
}
