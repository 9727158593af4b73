import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts';
import { NOTIFICATIONS_SECRET } from '../../sandbox/n8n/credentials.ts';
import { Engine, type CredentialStore } from './engine.ts';
import { findSecrets } from './secrets.ts';
import { sessionRecords } from './sessionRecords.ts';

/** The engine's nodes and the sandbox they talk to. */
export interface SandboxedEngine {
	sandbox: Sandbox;
	engine: Engine;
	/** The credentials the nodes use; `default` fits the sandbox. Tests add others. */
	credentials: CredentialStore;
	/** Secrets that a test has requested, so that they may be in the output. */
	askedFor: string[];
	/** Keys and values of requests that a test has made the nodes send although Agora does not know them. */
	sentOnPurpose: string[];
	/** Resets the sandbox and the credentials. */
	reset(): Promise<void>;
	/**
	 * Ends the sandbox.
	 *
	 * @throws when a secret is found in what the nodes returned, logged, threw, or wrote into the bucket; or when they
	 *   sent Agora what it refuses or does not know
	 */
	stop(): Promise<void>;
}

/** A session is over within seconds: a slice of two seconds each 100 ms, calls of eight seconds. */
const PACE = { speed: 20, callSeconds: 8, startSeconds: 1, exitSeconds: 1 };

const RECORD_SAVED = '"session_record_saved":true';
/** Agora's number for the sandbox's bucket. */
const VENDOR = 11;
const vendorOf = (request: unknown) =>
	(request as { storageConfig: { vendor: number } }).storageConfig.vendor;

/** Starts a sandbox, and the engine with credentials for it. */
export async function startSandboxedEngine(options: SandboxOptions = {}): Promise<SandboxedEngine> {
	const sandbox = await startSandbox({ pace: PACE, ...options });
	const credentials: CredentialStore = {};
	const setCredentials = () =>
		Object.assign(credentials, {
			agoraApi: { default: agoraCredential(sandbox) },
			agoraStorageApi: { default: storageCredential(sandbox) },
			agoraNotificationsApi: { default: { secret: NOTIFICATIONS_SECRET } },
		});
	setCredentials();
	const engine = await Engine.start(credentials);
	const askedFor: string[] = [];
	const sentOnPurpose: string[] = [];
	const records: string[] = [];
	/** What Agora refused or does not know. */
	const sent: string[] = [];
	let recordedHere = false;
	const keepForChecks = async () => {
		await sandbox.control.clearFaults();
		records.push(...(await sessionRecords(sandbox)));
		const { rejections, unknownKeys } = sandbox.control;
		sent.push(
			...rejections().map(({ action, path, reason }) => `${action} ${path} (${reason})`),
			...unknownKeys().flatMap(({ action, keys }) => keys.map((key) => `${action} ${key}`)),
		);
		recordedHere ||= sandbox.control
			.sessions()
			.some(({ startRequest }) => vendorOf(startRequest) === VENDOR);
	};
	return {
		sandbox,
		engine,
		credentials,
		askedFor,
		sentOnPurpose,
		reset: async () => {
			await keepForChecks();
			await sandbox.control.reset();
			setCredentials();
		},
		stop: async () => {
			await keepForChecks();
			const wrong = sent.filter((each) => !sentOnPurpose.some((part) => each.includes(part)));
			await sandbox.stop();
			const { customerSecret, appCertificate } = sandbox.agoraAccount;
			const secrets = {
				...{ customerSecret, appCertificate, secretKey: sandbox.storage.secretKey },
				notificationsSecret: NOTIFICATIONS_SECRET,
			};
			const places = {
				'outputs, errors or state': engine.transcript,
				'the log': [await engine.log()],
				'binary metadata': engine.binaryMetadata(),
				'session records': records,
			};
			const leaks = Object.entries(places).flatMap(([place, texts]) =>
				findSecrets(texts, secrets)
					.filter((name) => !askedFor.includes(name) || place !== 'outputs, errors or state')
					.map((name) => `${name} in ${place}`),
			);
			if (leaks.length > 0) throw new Error(`a secret got out: ${leaks.join(', ')}`);
			if (wrong.length > 0)
				throw new Error(`Agora was sent what it does not know: ${wrong.join(', ')}`);
			if (engine.transcript.length === 0) throw new Error('no node ran: nothing was searched');
			const written = engine.transcript.some((text) => text.includes(RECORD_SAVED));
			if (written && recordedHere && records.length === 0)
				throw new Error('no session record was found: none was searched');
		},
	};
}

/** A sandboxed engine for the tests of a file or a `describe` block, reset before each test. */
export function useSandboxedEngine(options: SandboxOptions = {}): SandboxedEngine {
	const set = {} as SandboxedEngine;
	beforeAll(async () => void Object.assign(set, await startSandboxedEngine(options)));
	beforeEach(async () => await set.reset());
	afterAll(async () => await set.stop());
	return set;
}

/** What a person types into the Agora API credential for the sandbox. */
export function agoraCredential({ agora, agoraAccount }: Sandbox): ICredentialDataDecryptedObject {
	return { ...agoraAccount, host: 'custom', customHost: agora };
}

/** What a person types into the Agora Recording Storage API credential for the sandbox. */
export function storageCredential({ storage }: Sandbox): ICredentialDataDecryptedObject {
	const { endpoint, bucket, accessKey, secretKey } = storage;
	return {
		vendor: 's3Compatible',
		endpoint,
		addressing: 'pathStyle',
		bucket,
		accessKey,
		secretKey,
		fileNamePrefix: 'class',
	};
}

/**
 * Repeats a question until its answer will do.
 *
 * @throws after 20 seconds, with the last answer
 */
export async function eventually<Answer>(
	ask: () => Promise<Answer>,
	willDo: (answer: Answer) => boolean,
): Promise<Answer> {
	const deadline = Date.now() + 20_000;
	for (;;) {
		const answer = await ask();
		if (willDo(answer)) return answer;
		if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(answer)}`);
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}
