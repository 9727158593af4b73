import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { repository } from '../sandbox/n8n/paths.ts';

/** @returns processors, memory and operating system of this machine */
export function machine(): string {
	const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
	return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory}, ${type()} ${release()}`;
}

/** @returns the commit, ending in `-dirty` if files have changed since; "unknown" outside a Git checkout */
export function commit(): string {
	try {
		const options = { cwd: repository, encoding: 'utf8', stdio: 'pipe' } as const;
		return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], options).trim();
	} catch {
		return 'unknown';
	}
}
