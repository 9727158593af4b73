import type { Circus } from '@jest/types';
import TestEnvironment from '../environment.ts';

/** What a test file sets once it knows which of its tests cannot run: whether one is skipped, by its name. */
export interface Skipping {
	isSkipped?: (test: string) => boolean;
}

/** Jest wants to know when it reads a file which tests are skipped; whether a server starts shows later. */
export default class extends TestEnvironment {
	override handleTestEvent(event: Circus.Event): void {
		super.handleTestEvent(event);
		const { isSkipped } = this.global as Skipping;
		if (event.name === 'test_start' && isSkipped?.(event.test.name)) event.test.mode = 'skip';
	}
}
