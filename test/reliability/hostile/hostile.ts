import { randomInt } from 'node:crypto';
import type { Finding, Part, Trial } from '../part.ts';
import type { Reading } from './reader.ts';
import { tryInProcess } from './readerProcess.ts';
import { READER_NAMES } from './readers/index.ts';

const CASES = Number(process.env.HOSTILE_CASES ?? 100_000);
const AT_ONCE = 2;

async function tryReaders({ say }: Trial, seed: number): Promise<Reading[]> {
	const names = [
		...(process.env.HOSTILE_READERS?.split(',') ?? READER_NAMES),
	] as typeof READER_NAMES;
	const readings: Reading[] = [];
	const lane = async () => {
		for (let reader = names.shift(); reader !== undefined; reader = names.shift()) {
			const reading = await tryInProcess({ reader, cases: CASES, seed });
			readings.push(reading);
			say(`${reading.name}: ${JSON.stringify(reading)}`);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
	return readings;
}

export const hostile: Part = {
	name: 'hostile',
	title: 'Hostile input',
	inCi: true,
	async try(trial): Promise<Finding> {
		const seed = randomInt(2 ** 31);
		const readings = await tryReaders(trial, seed);
		return { page: [], broken: readings.flatMap(({ broken }) => broken) };
	},
};
