/**
 * `npm run smoke:live`: one recording with a real Agora account, and the same with the sandbox; prints where Agora
 * answers otherwise than its documentation says. Costs what a minute of recording costs. The authors have no account:
 * this was only ever run with another sandbox in Agora's place.
 */
import { startSandbox } from '../../sandbox/sandbox.ts';
import { differences } from './differences.ts';
import { keysFrom, keysOf } from './keys.ts';
import { tour } from './tour.ts';

const SANDBOX_PACE = { speed: 20, callSeconds: 600, startSeconds: 1, exitSeconds: 1 };
const SANDBOX_RECORD_MS = 3_000;

async function main(): Promise<void> {
	const keys = keysFrom(process.env);
	const sandbox = await startSandbox({ pace: SANDBOX_PACE });
	const expected = await tour(
		keysOf(sandbox),
		(line) => console.log(`sandbox: ${line}`),
		SANDBOX_RECORD_MS,
	);
	await sandbox.stop();
	const live = await tour(keys, (line) => console.log(`Agora:   ${line}`));
	const found = differences(live, expected);
	console.log(
		found.length === 0
			? '\nAgora answers as its documentation says.'
			: `\nAgora answers otherwise than the documentation says. Please tell us:\n${found.map((line) => `  ${line}`).join('\n')}`,
	);
}

await main().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
process.exit();
