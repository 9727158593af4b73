import { randomInt } from 'node:crypto';
import type { Finding, Part, Trial } from '../part.ts';
import { tryInEngine } from './inEngine.ts';
import { hostPage, keyPage, readerPage } from './page.ts';
import type { Reading } from './reader.ts';
import { tryInProcess } from './readerProcess.ts';
import { READER_NAMES } from './readers/index.ts';

const CASES = Number(process.env.HOSTILE_CASES ?? 100_000);
const AT_ONCE = 2;

export const hostile: Part = {
	name: 'hostile',
	title: 'Hostile input',
	inCi: true,
	async try(trial): Promise<Finding> {
		const seed = randomInt(2 ** 31);
		const readings = await tryReaders(trial, seed);
		const { keys, hosts } = await tryInEngine(trial);
		return {
			page: [...readerPage(readings, seed), ...keyPage(keys), ...hostPage(hosts)],
			broken: [
				...readings.flatMap(({ broken }) => broken),
				...keys.flatMap(({ broken }) => broken),
				...hosts.broken,
			],
		};
	},
};

async function tryReaders({ say }: Trial, seed: number): Promise<Reading[]> {
	const names = [...READER_NAMES];
	const readings = new Map<string, Reading>();
	const lane = async () => {
		for (let reader = names.shift(); reader !== undefined; reader = names.shift()) {
			const reading = await tryInProcess({ reader, cases: CASES, seed });
			readings.set(reader, reading);
			const { name, cases, parsed, seconds } = reading;
			say(`${name}: ${cases} cases, ${parsed} parsed, ${seconds.toFixed(1)} s`);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
	return READER_NAMES.map((reader) => readings.get(reader)!);
}
