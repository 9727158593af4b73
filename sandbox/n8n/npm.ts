import { spawn } from 'node:child_process';

const LAST_WORDS = 4000;
const onWindows = process.platform === 'win32';

/**
 * Runs the machine's npm and gives back what it printed.
 *
 * @param args the command line without `npm`
 * @param options.cwd the folder to run in
 * @param options.env added to this process's environment
 * @param options.signal ends npm and all that it started
 * @throws Error with npm's last words when it ends with anything but 0
 */
export async function npm(
	args: string[],
	options: { cwd: string; env?: Record<string, string>; signal?: AbortSignal },
): Promise<string> {
	options.signal?.throwIfAborted();
	const child = spawn('npm', args, {
		cwd: options.cwd,
		env: { ...process.env, ...options.env },
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: onWindows,
		// A process group of its own: compilers that npm started can then be ended with it.
		detached: !onWindows,
	});
	const end = () => (onWindows || !child.pid ? child.kill() : process.kill(-child.pid));
	options.signal?.addEventListener('abort', end);
	let output = '';
	let errors = '';
	child.stdout.on('data', (chunk) => (output += chunk));
	child.stderr.on('data', (chunk) => (errors = `${errors}${chunk}`.slice(-LAST_WORDS)));
	try {
		const status = await new Promise<number | null>((resolve, reject) => {
			child.once('error', reject);
			child.once('close', resolve);
		});
		options.signal?.throwIfAborted();
		if (status === 0) return output;
		throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${errors.trim()}`);
	} finally {
		options.signal?.removeEventListener('abort', end);
	}
}
