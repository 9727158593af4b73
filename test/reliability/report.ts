import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';
import { commit, machine } from '../machine.ts';
import type { Part, Summary } from './part.ts';

/** Ignored by Git; holds the last run of each part. */
export const SUMMARY_FILE = join(repository, '.reliability/summary.json');

export type Outcome = 'passed' | 'FAILED' | 'SKIPPED';

export function outcomeOf({ failures, skipped }: Summary): Outcome {
	if (failures.length > 0) return 'FAILED';
	return skipped === undefined ? 'passed' : 'SKIPPED';
}

/** Replaces a part's entry in the summary file. */
export function saveSummary({ name }: Pick<Part, 'name'>, summary: Summary, started: Date): void {
	const parts = existsSync(SUMMARY_FILE)
		? (JSON.parse(readFileSync(SUMMARY_FILE, 'utf8')) as Record<string, unknown>)
		: {};
	parts[name] = {
		outcome: outcomeOf(summary),
		date: started.toISOString(),
		seconds: Math.round((Date.now() - started.getTime()) / 1000),
		commit: commit(),
		machine: `${machine()}, Node ${process.versions.node}`,
		...summary,
	};
	mkdirSync(dirname(SUMMARY_FILE), { recursive: true });
	writeFileSync(SUMMARY_FILE, `${JSON.stringify(parts, null, '\t')}\n`);
}
