/**
 * `npm run test:reliability`: runs every part, or those named on the command line; `ci` runs those of CI.
 * Prints their summaries and writes them to .reliability/summary.json. Exits with 1 when a part fails.
 */
import { Account } from '../../sandbox/agora/account.ts';
import { BUCKET_CREDENTIALS } from '../../sandbox/bucket/bucket.ts';
import { log } from '../progress.ts';
import { crash } from './crash/crash.ts';
import { faultMatrix } from './faults/faultMatrix.ts';
import { hostile } from './hostile/hostile.ts';
import type { Part, Summary } from './part.ts';
import { queue } from './queue/queue.ts';
import { outcomeOf, saveSummary, SUMMARY_FILE } from './report.ts';
import { secrets } from './secrets/secrets.ts';
import { soak } from './soak/soak.ts';
import { start } from './start/start.ts';
import { trigger } from './trigger/trigger.ts';
import { Witness } from './witness.ts';

/** `secrets` is last because it also reports what the witness found in the other parts. */
const PARTS: Part[] = [faultMatrix, start, trigger, hostile, queue, crash, soak, secrets];

async function runPart(part: Part, witness: Witness): Promise<Summary> {
	try {
		return await part.run({ witness, log: (line) => log(`${part.name}: ${line}`) });
	} catch (error) {
		// The other parts still run.
		return { figures: {}, failures: [`It broke off: ${(error as Error).stack}`] };
	}
}

function selectParts(names: string[]): Part[] {
	if (names.length === 0) return PARTS;
	if (names.join() === 'ci') return PARTS.filter(({ inCi }) => inCi);
	const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
	if (unknown.length === 0) return PARTS.filter(({ name }) => names.includes(name));
	const known = PARTS.map(({ name }) => name).join(', ');
	throw new Error(`There is no part ${unknown.join(', ')}. There are: ci, ${known}.`);
}

/** In every sandbox that was started without an account of its own. */
function sandboxSecrets(): Record<string, string> {
	const { customerSecret, mainProject } = new Account('');
	return {
		"the sandbox's Customer Secret": customerSecret,
		"the sandbox's App Certificate": mainProject.certificate,
		"the sandbox's storage Secret Key": BUCKET_CREDENTIALS.secretKey,
	};
}

async function main(names: string[]): Promise<void> {
	const witness = new Witness();
	witness.guard(sandboxSecrets());
	for (const part of selectParts(names)) {
		const started = new Date();
		const summary = await runPart(part, witness);
		saveSummary(part, summary, started);
		log(`${part.name}: ${outcomeOf(summary)} ${JSON.stringify(summary, null, 2)}`);
		if (summary.failures.length > 0) process.exitCode = 1;
	}
	log(`written to ${SUMMARY_FILE}`);
}

await main(process.argv.slice(2)).catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
// A part that broke off may have left sockets and servers open.
process.exit();
