import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { repository } from '../../../sandbox/n8n/paths.ts';
import { Engine, type CredentialStore } from '../../integration/engine.ts';
import type { Part, RunContext, Summary } from '../part.ts';
import { runKeys } from './keys.ts';
import { runRedirects } from './redirects.ts';

const CASES = process.env.HOSTILE_CASES ?? '100000';
/** A reader in a loop without end is a failure. */
const PROPERTIES_TIMEOUT_MS = 1_800_000;

/** What others have written is understood or rejected, and credentials are sent to their own host only. */
export const hostile: Part = {
	name: 'hostile',
	inCi: true,
	async run(context): Promise<Summary> {
		const properties = await runProperties(context);
		const store: CredentialStore = { agoraApi: {}, agoraStorageApi: {} };
		const engine = await Engine.start(store);
		context.log('hostile keys and playlists in the engine');
		const keys = await runKeys(engine, store.agoraStorageApi!, context);
		context.log('hosts that redirect');
		const redirects = await runRedirects(engine, store, context);
		context.witness.see('log', await engine.log());
		return {
			figures: {
				properties: properties.figures,
				'keys and playlists': keys.figures,
				redirects: redirects.figures,
			},
			failures: [...properties.failures, ...keys.failures, ...redirects.failures],
		};
	},
};

interface JestResult {
	numPassedTests: number;
	testResults: Array<{
		assertionResults: Array<{ status: string; fullName: string; failureMessages: string[] }>;
	}>;
}

/** Runs the properties of the unit tests, with more cases. */
async function runProperties({ log }: RunContext): Promise<Summary> {
	log(`the readers' properties, ${CASES} cases each`);
	const jest = ['node_modules/jest/bin/jest.js', '--selectProjects', 'unit', '--json'];
	const { stdout } = await promisify(execFile)(
		process.execPath,
		[...jest, '--testPathPatterns', 'hostileInput'],
		{
			cwd: repository,
			env: { ...process.env, HOSTILE_CASES: CASES },
			timeout: PROPERTIES_TIMEOUT_MS,
			maxBuffer: 2 ** 26,
		},
	).catch((error: { stdout?: string }) => {
		// Jest exits with 1 when a test fails.
		if (!error.stdout) throw error;
		return { stdout: error.stdout };
	});
	const { numPassedTests, testResults } = JSON.parse(stdout) as JestResult;
	const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
	const failed = tests.filter(({ status }) => status !== 'passed');
	return {
		figures: { 'cases of each reader': Number(CASES), 'tests passed': numPassedTests },
		failures: [
			...failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join()}`),
			...(tests.length === 0 ? ['no property was found'] : []),
		],
	};
}
