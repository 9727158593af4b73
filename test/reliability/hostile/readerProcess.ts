/** Tries one reader in a process of its own: one that hangs can be ended, and does not hold up the others. */
import { answerJob, runChild } from '../../integration/childProcess.ts';
import { tryReader, type Reader, type Reading } from './reader.ts';
import { READERS, type ReaderName } from './readers/index.ts';

interface Job {
	reader: ReaderName;
	cases: number;
	seed: number;
}

const TIMEOUT_MS = 180_000;

/** @returns what came of it; a reader that did not come to its end is broken */
export async function tryInProcess(job: Job): Promise<Reading> {
	const { exitCode, report } = await runChild<Job, Reading | string>(import.meta.filename, job, {
		timeoutMs: TIMEOUT_MS,
	});
	if (report !== null && typeof report !== 'string') return report;
	const why = report ?? `its process ended with ${exitCode}: it hangs, or broke down`;
	return {
		name: job.reader,
		cases: 0,
		parsed: 0,
		refused: 0,
		seconds: 0,
		longest: 0,
		longestLong: 0,
		slowestLongMs: 0,
		broken: [`${job.reader} could not be tried to its end (seed ${job.seed}): ${why}`],
	};
}

answerJob<Job, Reading | string>(import.meta.filename, async ({ reader, cases, seed }) => {
	try {
		const subject = (await READERS[reader]()) as unknown as Reader;
		return await tryReader(subject, { cases, seed });
	} catch (error) {
		return String((error as Error).stack);
	}
});
