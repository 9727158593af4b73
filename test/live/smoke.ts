/**
 * `npm run smoke:live` records once with a real Agora account and once with the sandbox, and prints the differences
 * between their responses. It costs one minute of recording. The authors have no account, so it has only been tested
 * with a second sandbox in place of Agora.
 */
import { startSandbox } from '../../sandbox/sandbox.ts';
import { differences } from './differences.ts';
import { keysFrom, keysOf } from './keys.ts';
import { runSmokeTest } from './smokeTest.ts';

const SANDBOX_PACE = { speed: 20, callSeconds: 600, startSeconds: 1, exitSeconds: 1 };
const SANDBOX_RECORD_MS = 3_000;

async function main(): Promise<void> {
	const keys = keysFrom(process.env);
	const sandbox = await startSandbox({ pace: SANDBOX_PACE });
	const expected = await runSmokeTest(
		keysOf(sandbox),
		(line) => console.log(`sandbox: ${line}`),
		SANDBOX_RECORD_MS,
	);
	await sandbox.stop();
	const live = await runSmokeTest(keys, (line) => console.log(`Agora:   ${line}`));
	const found = differences(live, expected);
	console.log(
		found.length === 0
			? '\nAgora responds as documented.'
			: `\nAgora responds differently than documented. Please open an issue with these lines:\n${found.map((line) => `  ${line}`).join('\n')}`,
	);
}

await main().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
process.exit();
