import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';
import type { Part, Summary } from './part.ts';

/** Ignored by Git; holds the last run of each part. */
export const SUMMARY_FILE = join(repository, '.reliability/summary.json');

export type Outcome = 'passed' | 'FAILED' | 'SKIPPED';

export function outcomeOf({ failures, skipped }: Summary): Outcome {
	if (failures.length > 0) return 'FAILED';
	return skipped === undefined ? 'passed' : 'SKIPPED';
}

/** Replaces a part's entry in the summary file. */
export function saveSummary({ name }: Part, summary: Summary, started: Date): void {
	const parts = existsSync(SUMMARY_FILE)
		? (JSON.parse(readFileSync(SUMMARY_FILE, 'utf8')) as Record<string, unknown>)
		: {};
	parts[name] = {
		outcome: outcomeOf(summary),
		date: started.toISOString(),
		seconds: Math.round((Date.now() - started.getTime()) / 1000),
		commit: commit(),
		machine: machine(),
		...summary,
	};
	mkdirSync(dirname(SUMMARY_FILE), { recursive: true });
	writeFileSync(SUMMARY_FILE, `${JSON.stringify(parts, null, '\t')}\n`);
}

/** @returns the commit, ending in `-dirty` if files have changed since; "unknown" outside a Git checkout */
function commit(): string {
	try {
		const options = { cwd: repository, encoding: 'utf8', stdio: 'pipe' } as const;
		return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], options).trim();
	} catch {
		return 'unknown';
	}
}

function machine(): string {
	const processors = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
	const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
	return `${processors}, ${memory}, ${type()} ${release()}, Node ${process.versions.node}`;
}
