import type { Circus } from '@jest/types';
import TestEnvironment from '../environment.ts';

/** Set by a test file. */
export interface Skipping {
	/** The names of the tests to skip, by the label of their `describe`. */
	skippedChecks?: Record<string, { has(test: string): boolean }>;
}

/** Skips tests when they start: only then is it known whether a server is installed. */
export default class extends TestEnvironment {
	override handleTestEvent(event: Circus.Event): void {
		super.handleTestEvent(event);
		if (event.name !== 'test_start') return;
		const { name, parent } = event.test;
		const { skippedChecks = {} } = this.global as Skipping;
		if (skippedChecks[parent.name]?.has(name)) event.test.mode = 'skip';
	}
}
