import { runCheck } from './checks.ts';
import type { Skipping } from './environment.ts';
import { CHECKS, NotAvailable, type StartServer, type StorageServer } from './servers/server.ts';
import type { Quirks } from './stubs/quirk.ts';
import { startS3Server } from './stubs/s3Server.ts';
import { Suite } from './suite.ts';

const TIMEOUT_MS = 180_000;

/**
 * Declares the suite for one server: every operation that reads or writes the bucket, in n8n's own engine, on
 * objects that Amazon's client wrote. Prints the number of requests of each check at the end.
 *
 * @param label of the tests, known before the server has started
 */
export function testStorage(label: string, start: StartServer): void {
	jest.setTimeout(TIMEOUT_MS);
	const skipped = new Map<string, string>();
	(globalThis as Skipping).skippedChecks ??= {};
	(globalThis as Skipping).skippedChecks![label] = skipped;

	describe(label, () => {
		let server: StorageServer | null = null;
		let suite: Suite | null = null;

		beforeAll(async () => {
			try {
				server = await start();
			} catch (error) {
				if (!(error instanceof NotAvailable)) throw error;
				for (const check of CHECKS) skipped.set(check, error.message);
				print(`${label.toUpperCase()} SKIPPED: ${error.message.toUpperCase()}`);
				return;
			}
			for (const [check, reason] of Object.entries(server.notApplicable ?? {}))
				skipped.set(check, reason);
			suite = await Suite.start(server);
		});
		afterAll(async () => {
			try {
				if (suite !== null) print(suite.table(skipped));
				await suite?.stop();
			} finally {
				await server?.stop();
			}
		});

		test.each(CHECKS)('%s', async (check) => {
			await runCheck(suite!, check);
			// Every check sends requests: without any, nothing was tested or nothing was counted.
			expect(suite!.count.of(check)).not.toBe('');
		});
	});
}

/** Declares the suite for a server in memory that differs from Amazon S3 by these quirks. */
export function testStub(
	name: string,
	quirks: Quirks,
	notApplicable?: StorageServer['notApplicable'],
): void {
	testStorage(name, async () => {
		const { credential, stop } = await startS3Server(quirks);
		return { name, credential, notApplicable, stop };
	});
}

/** Prints without Jest, which would add the line of code. */
const print = (text: string) => process.stderr.write(`${text}\n`);
