/**
 * `npm run test:reliability`: tries all that must hold whatever happens, prints what came of it, and writes
 * docs/reliability.md. With the names of parts it tries only those, with `ci` those that CI tries, and only
 * prints. Ends with 1 when something did not hold.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Account } from '../../sandbox/agora/account.ts';
import { BUCKET_CREDENTIALS } from '../../sandbox/bucket/bucket.ts';
import { repository } from '../../sandbox/n8n/paths.ts';
import { crash } from './crash/crash.ts';
import { faultMatrix } from './faults/faultMatrix.ts';
import { hostile } from './hostile/hostile.ts';
import type { Finding, Part } from './part.ts';
import { queue } from './queue/queue.ts';
import { page, verdictOf, type Result } from './report.ts';
import { secrets } from './secrets/secrets.ts';
import { soak } from './soak/soak.ts';
import { start } from './start/start.ts';
import { exactlyOnce } from './trigger/exactlyOnce.ts';
import { Witness } from './witness.ts';

/** `secrets` is the last: it tells what all of them have shown. */
const ALL: Part[] = [faultMatrix, start, exactlyOnce, hostile, queue, crash, soak, secrets];
const PAGE = join(repository, 'docs/reliability.md');

const began = Date.now();

function say(line: string): void {
	const elapsed = Math.round((Date.now() - began) / 1000);
	const clock = `${Math.floor(elapsed / 60)}:${String(elapsed % 60).padStart(2, '0')}`;
	console.log(`${clock.padStart(6)}  ${line}`);
}

async function tryPart(part: Part, witness: Witness): Promise<Finding> {
	try {
		return await part.try({ witness, say: (line) => say(`${part.name}: ${line}`) });
	} catch (error) {
		// The others are worth having all the same.
		return { page: [], broken: [`It could not be tried to its end: ${(error as Error).stack}`] };
	}
}

function chosenBy(names: string[]): Part[] {
	if (names.length === 0) return ALL;
	if (names.join() === 'ci') return ALL.filter(({ inCi }) => inCi);
	const unknown = names.filter((name) => !ALL.some((each) => each.name === name));
	if (unknown.length === 0) return ALL.filter(({ name }) => names.includes(name));
	const known = ALL.map(({ name }) => name).join(', ');
	throw new Error(`There is no part ${unknown.join(', ')}. There are: ci, ${known}.`);
}

/** Whatever a part forgets to guard: every sandbox without a name of its own has these. */
function ofTheSandbox(): Record<string, string> {
	const { customerSecret, mainProject } = new Account('');
	return {
		'sandbox’s Customer Secret': customerSecret,
		'sandbox’s App Certificate': mainProject.certificate,
		'sandbox’s storage Secret Key': BUCKET_CREDENTIALS.secretKey,
	};
}

async function main(names: string[]): Promise<void> {
	const witness = new Witness();
	witness.guard(ofTheSandbox());
	const results: Result[] = [];
	for (const part of chosenBy(names)) {
		const started = Date.now();
		const finding = await tryPart(part, witness);
		const seconds = (Date.now() - started) / 1000;
		results.push({ part, finding, seconds });
		say(`${part.name}: ${verdictOf(finding)}`);
		for (const line of finding.broken) say(`${part.name}: ${line}`);
	}
	const text = await page(results);
	console.log(`\n${text}`);
	if (results.some(({ finding }) => finding.broken.length > 0)) process.exitCode = 1;
	if (results.length < ALL.length) return;
	writeFileSync(PAGE, text);
	say(`written to ${PAGE}`);
}

await main(process.argv.slice(2)).catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
// Sockets and servers of a part that broke off must not keep this process.
process.exit();
