import { readFileSync } from 'node:fs';

/** Linux reports processor time in hundredths of a second on every architecture that Node supports. */
const TICK_MS = 10;
/** `utime` to `cstime` in proc(5), counted after the name of the program, which may contain spaces. */
const FIRST_FIELD = 11;
const FIELDS = 4;

/**
 * The processor time that a process has used since it began: user and system, in all its threads, and in
 * the child processes that it has waited for.
 *
 * @returns milliseconds
 * @throws Error where there is no /proc, or no such process
 */
export function processorMs(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const ticks = fields.slice(FIRST_FIELD, FIRST_FIELD + FIELDS).map(Number);
	return ticks.reduce((sum, count) => sum + count, 0) * TICK_MS;
}
