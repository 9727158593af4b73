import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mp4, transportStream } from '../../../sandbox/recorder/clip.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { startAzurite, type Azurite } from '../../integration/azurite.ts';
import { Engine, type CredentialStore } from '../../integration/engine.ts';
import { agoraClient } from '../../integration/sandbox/agoraClient.ts';
import { agoraCredential, storageCredential } from '../../integration/sandboxedEngine.ts';
import { startEchoes, type Echoes } from './echo.ts';
import { CHANNEL, SID } from './actions.ts';
import { writeLeakyPackage } from './leakyNode.ts';
import * as planted from './planted.ts';

/** What the actions need: services that work, services that do not, and n8n's engine with debug logs. */
export interface Setting {
	sandbox: Sandbox;
	azurite: Azurite;
	/** Permits to write as well, so that it may be found nowhere, in no link either. */
	azuriteSignature: string;
	echoes: Echoes;
	engine: Engine;
	/** `default` fits the sandbox; actions add others. */
	credentials: CredentialStore;
	planted: planted.Planted;
	stop(): Promise<void>;
}

/** A session is over within seconds. */
const PACE = { speed: 20, callSeconds: 8, startSeconds: 1, exitSeconds: 1 };

export async function setUp(secrets: planted.Planted): Promise<Setting> {
	const [sandbox, azurite, echoes] = await Promise.all([
		startSandbox({ pace: PACE }),
		startAzurite(),
		startEchoes(),
	]);
	const azuriteSignature = azurite.sign('rcwl');
	const storage = storageCredential(sandbox);
	const credentials: CredentialStore = {
		agoraApi: {
			default: agoraCredential(sandbox),
			leaky: planted.agoraCredential(secrets, sandbox.agora),
			'wrong keys': planted.agoraCredential(secrets, sandbox.agora),
		},
		agoraStorageApi: {
			default: storage,
			'Amazon S3': { ...storage, vendor: 'amazonS3', amazonS3Region: 'us-east-1' },
			'with a session token': {
				...storage,
				sessionToken: secrets.inCredentials['Session Token'],
			},
			'Azure, key': azurite.credential(),
			'Azure, signature': azurite.credential({ secretKey: '', sasToken: azuriteSignature }),
		},
	};
	await seed(azurite);
	const leaky = writeLeakyPackage();
	const engine = await Engine.start(credentials, {
		filesOnDisk: true,
		packages: [leaky],
		variables: secrets.variables,
	});
	return {
		sandbox,
		azurite,
		azuriteSignature,
		echoes,
		engine,
		credentials,
		planted: secrets,
		stop: async () => {
			await Promise.all([sandbox.stop(), azurite.stop(), echoes.close()]);
			rmSync(leaky, { recursive: true });
		},
	};
}

/** One finished recording, which is what the actions ask for. */
async function seed({ container }: Azurite): Promise<void> {
	const slice = `${SID}_${CHANNEL}_20261123080000000.ts`;
	const files: Record<string, string | Buffer> = {
		[`${SID}_${CHANNEL}.m3u8`]: `#EXTM3U\n#EXTINF:2.0\n${slice}\n#EXT-X-ENDLIST\n`,
		[slice]: transportStream([0]),
		[`${SID}_${CHANNEL}_0.mp4`]: mp4(1),
	};
	for (const [name, content] of Object.entries(files)) {
		await container.getBlockBlobClient(`class/${name}`).uploadData(Buffer.from(content));
	}
}

/** @returns the App Certificates that the sandbox's projects have now, by a name that can be shown */
export async function certificates(sandbox: Sandbox): Promise<Record<string, string>> {
	const { body } = await agoraClient(sandbox).call('GET', '/dev/v1/projects');
	const projects = body.projects as Array<{ name: string; sign_key: string }>;
	return Object.fromEntries(
		projects
			.filter(({ sign_key }) => sign_key !== '')
			.map(({ name, sign_key }) => [
				`App Certificate ${fingerprint(sign_key)} of ${name}`,
				sign_key,
			]),
	);
}

/** A project has one certificate after the other. */
const fingerprint = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
