import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/sandbox.ts';

/** A sandbox for the tests of a file or a `describe` block. It is reset before each test. */
export function useSandbox(options: SandboxOptions = {}): Sandbox {
	const sandbox = {} as Sandbox;
	beforeAll(async () => void Object.assign(sandbox, await startSandbox(options)));
	beforeEach(async () => await sandbox.control.reset());
	afterAll(async () => await sandbox.stop());
	return sandbox;
}
