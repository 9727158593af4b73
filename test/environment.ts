import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JestEnvironmentConfig, EnvironmentContext } from '@jest/environment';
import type { Circus } from '@jest/types';
import { TestEnvironment } from 'jest-environment-node';

/** Servers start and stop slowly on a busy machine. */
const HOOK_TIMEOUT_MS = 120_000;

/** For tests that start servers: hooks have more time than tests, and a test file leaves no temporary files behind. */
export default class extends TestEnvironment {
	private readonly outerFolder = tmpdir();
	private readonly folder = mkdtempSync(join(this.outerFolder, 'test-'));

	constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
		super(config, context);
		this.setFolder(this.folder);
	}

	handleTestEvent(event: Circus.Event): void {
		if (event.name === 'hook_start') event.hook.timeout ??= HOOK_TIMEOUT_MS;
	}

	override async teardown(): Promise<void> {
		this.setFolder(this.outerFolder);
		await super.teardown();
		rmSync(this.folder, { recursive: true, force: true });
	}

	/** Tests have a copy of the environment's variables; Node's own modules read the original. */
	private setFolder(folder: string): void {
		for (const { env } of [process, this.global.process]) env.TMPDIR = folder;
	}
}
