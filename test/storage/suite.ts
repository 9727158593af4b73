import { randomBytes } from 'node:crypto';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { Engine, type CredentialStore } from '../integration/engine.ts';
import { agoraCredential } from '../integration/sandboxedEngine.ts';
import { findSecrets } from '../integration/secrets.ts';
import { ARCHIVES, type ArchiveName } from './archives.ts';
import { PlainBucket } from './client.ts';
import { objectsOf, type MadeRecording } from './recordings.ts';
import { RequestCount } from './requestCount.ts';
import { CHECKS, type Check, type StorageServer } from './servers/server.ts';

/** Recordings of the sandbox end within seconds. */
const PACE = { speed: 20, callSeconds: 8, startSeconds: 1, exitSeconds: 1 };

/** The suite on one server: its engine, its sandbox and the folder that it writes to. */
export class Suite {
	readonly server: StorageServer;
	readonly engine: Engine;
	readonly sandbox: Sandbox;
	/** The folder that the suite writes to, with a trailing slash. */
	readonly root: string;
	readonly count: RequestCount;
	readonly bucket: PlainBucket;
	private readonly credentials: CredentialStore;
	private readonly seeded = new Map<string, Promise<MadeRecording[]>>();

	private constructor(
		server: StorageServer,
		engine: Engine,
		sandbox: Sandbox,
		credentials: CredentialStore,
		root: string,
	) {
		this.server = server;
		this.engine = engine;
		this.sandbox = sandbox;
		this.credentials = credentials;
		this.root = root;
		this.count = new RequestCount(String(server.credential.endpoint));
		this.bucket = new PlainBucket(server.credential);
	}

	static async start(server: StorageServer): Promise<Suite> {
		const sandbox = await startSandbox({ pace: PACE });
		const credentials = { agoraApi: { default: agoraCredential(sandbox) }, agoraStorageApi: {} };
		const engine = await Engine.start(credentials);
		const prefix = String(server.credential.fileNamePrefix ?? '').replace(/^\/+|\/+$/g, '');
		const folder = `conformance${randomBytes(4).toString('hex')}`;
		return new Suite(server, engine, sandbox, credentials, `${prefix && `${prefix}/`}${folder}/`);
	}

	/** @throws when the secret key is in an output, log or error of a node */
	async stop(): Promise<void> {
		await this.sandbox.stop();
		const { outlivesSuite, credential } = this.server;
		if (outlivesSuite) await this.bucket.remove(this.root);
		this.bucket.close();
		const texts = [...this.engine.transcript, await this.engine.log()];
		expect(findSecrets(texts, { secretKey: String(credential.secretKey) })).toEqual([]);
	}

	/** @returns a credential for one folder of the suite: its data, and its ID for nodes */
	credential(folder: string, changes: ICredentialDataDecryptedObject = {}) {
		const data = { ...this.server.credential, fileNamePrefix: `${this.root}${folder}`, ...changes };
		this.credentials.agoraStorageApi![folder] = data;
		return { id: folder, data };
	}

	/** Writes the recordings of an archive once for all checks that read them. */
	async seed(name: ArchiveName): Promise<MadeRecording[]> {
		const seeding = this.seeded.get(name) ?? this.write(ARCHIVES[name](`${this.root}${name}/`));
		this.seeded.set(name, seeding);
		return await seeding;
	}

	private async write(recordings: MadeRecording[]): Promise<MadeRecording[]> {
		await this.bucket.putAll(objectsOf(recordings));
		return recordings;
	}

	/**
	 * Runs a Recording operation and counts its requests.
	 *
	 * @throws with the message and description that n8n would show
	 */
	async recording(
		check: Check,
		folder: string,
		operation: string,
		parameters: IDataObject = {},
		{ agora = false } = {},
	) {
		const { id } = this.credential(folder);
		const ids = { agoraStorageApi: id, ...(agora && { agoraApi: 'default' }) };
		const result = await this.count.during(
			check,
			async () =>
				await this.engine.run(
					{ resource: 'recording', operation, ...parameters },
					{ credentials: ids },
				),
		);
		const { error } = result;
		if (error) throw new Error(`${operation}: ${error.message} ${error.description ?? ''}`);
		return result;
	}

	async getMany(check: Check, folder: string, parameters: IDataObject = { returnAll: true }) {
		return (await this.recording(check, folder, 'getAll', parameters)).json;
	}

	/** @returns a table of the requests of each check that ran */
	table(skipped: Map<string, string>): string {
		const width = Math.max(...CHECKS.map((check) => check.length));
		const lines = CHECKS.map((check) => {
			const reason = skipped.get(check);
			const requests = reason === undefined ? this.count.of(check) : `NOT APPLICABLE: ${reason}`;
			return requests && `${this.server.name}   ${check.padEnd(width)}   ${requests}`;
		});
		return `\n${lines.filter((line) => line !== '').join('\n')}\n`;
	}
}
