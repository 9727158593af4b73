import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { Engine, type CredentialStore } from '../../integration/engine.ts';
import { agoraCredential, storageCredential } from '../../integration/sandboxedEngine.ts';
import { sessionRecords } from '../../integration/sessionRecords.ts';

/** What one execution talks to: Agora and the bucket, each behind a relay of its own. */
export interface Origins {
	agora: string;
	s3: string;
}

/** The engine, and the sandbox whose account has several projects. */
export interface Services {
	sandbox: Sandbox;
	engine: Engine;
	/** Under these names everything that must not come out. */
	secrets: Record<string, string>;
	/**
	 * Makes credentials for one execution.
	 *
	 * @param turn whose project it is; those of one turn share ten requests a second
	 * @returns the names of its credentials
	 */
	connect(name: string, origins: Origins, turn: number): Record<string, string>;
	/** Forgets the credentials again. */
	disconnect(name: string): void;
	/** The session records and index entries in the bucket. */
	sessionRecords(): Promise<string[]>;
	stop(): Promise<void>;
}

/** Each has ten requests a second; few enough that some requests are too many. */
const PROJECTS = 5;

/** Now and then Agora has no recorder left, and answers with code 406. */
const OVERLOADED = { seed: 1, overloaded: 0.05 };

/**
 * Starts them. Sessions run in real time and nobody is in the channels, so that they last, do nothing, and are
 * ready a second after their start.
 */
export async function startServices(): Promise<Services> {
	const pace = { speed: 1, startSeconds: 1, exitSeconds: 0 };
	const sandbox = await startSandbox({ pace, agora: { randomFailures: OVERLOADED } });
	const projects = [await mainProject(sandbox)];
	while (projects.length < PROJECTS) projects.push(await addProject(sandbox, projects.length));
	const credentials: CredentialStore = { agoraApi: {}, agoraStorageApi: {} };
	const engine = await Engine.start(credentials);
	return {
		sandbox,
		engine,
		secrets: {
			'the Customer Secret': sandbox.agoraAccount.customerSecret,
			'the Secret Key': sandbox.storage.secretKey,
			...Object.fromEntries(
				projects.map(({ appCertificate }, index) => [`App Certificate ${index}`, appCertificate]),
			),
		},
		connect(name, origins, turn) {
			const project = projects[turn % projects.length]!;
			credentials.agoraApi![name] = {
				...agoraCredential(sandbox),
				...project,
				customHost: origins.agora,
			};
			credentials.agoraStorageApi![name] = { ...storageCredential(sandbox), endpoint: origins.s3 };
			return { agoraApi: name, agoraStorageApi: name };
		},
		disconnect(name) {
			delete credentials.agoraApi![name];
			delete credentials.agoraStorageApi![name];
		},
		sessionRecords: async () => await sessionRecords(sandbox),
		async stop() {
			await sandbox.stop();
		},
	};
}

interface Project {
	appId: string;
	appCertificate: string;
}

async function mainProject({ agoraAccount }: Sandbox): Promise<Project> {
	const { appId, appCertificate } = agoraAccount;
	return { appId, appCertificate };
}

async function addProject(sandbox: Sandbox, number: number): Promise<Project> {
	const { customerId, customerSecret } = sandbox.agoraAccount;
	const answer = await fetch(`${sandbox.agora}/dev/v1/project`, {
		method: 'POST',
		headers: {
			authorization: `Basic ${Buffer.from(`${customerId}:${customerSecret}`).toString('base64')}`,
			'content-type': 'application/json',
		},
		body: JSON.stringify({ name: `Reliability ${number}`, enable_sign_key: true }),
	});
	const { project } = (await answer.json()) as {
		project: { vendor_key: string; sign_key: string };
	};
	return { appId: project.vendor_key, appCertificate: project.sign_key };
}
