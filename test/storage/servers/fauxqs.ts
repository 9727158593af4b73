import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../e2e/freePorts.ts';
import { createBucket } from '../client.ts';
import { Processes } from './processes.ts';
import type { StorageServer } from './server.ts';

const PACKAGE = join(import.meta.dirname, '../../../node_modules/fauxqs');

const LOSES_KEYS = 'it sorts keys by locale and loses some between pages';

/** Starts fauxqs, an S3 emulator from npm that does not check signatures, in a separate process. */
export async function startFauxqs(): Promise<StorageServer> {
	const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
		version: string;
	};
	const processes = new Processes('fauxqs');
	const [port] = (await freePorts(1)) as [number];
	const script = join(processes.folder, 'main.mjs');
	const app = JSON.stringify(join(PACKAGE, 'dist/app.js'));
	// Its own start function listens on all interfaces.
	writeFileSync(
		script,
		`import { buildApp } from ${app};\nawait buildApp({ logger: false }).listen({ port: ${port}, host: '127.0.0.1' });\n`,
	);
	const credential = {
		vendor: 's3Compatible',
		endpoint: `http://127.0.0.1:${port}`,
		s3CompatibleRegion: 'us-east-1',
		addressing: 'pathStyle',
		bucket: 'recordings',
		accessKey: 'any-access-key',
		secretKey: 'any-secret-key-will-do',
	};
	try {
		await processes.start(port, process.execPath, script);
		await createBucket(credential);
	} catch (error) {
		await processes.stop();
		throw error;
	}
	return {
		name: `fauxqs ${version}`,
		credential,
		notApplicable: {
			'Credential test, wrong secret key': 'it accepts any key',
			'Get Many, 1,000+ files': LOSES_KEYS,
			'Trigger, 1,000+ files': LOSES_KEYS,
		},
		stop: async () => await processes.stop(),
	};
}
