import fc from 'fast-check';

/** A function of the nodes that takes what others wrote. */
export interface Reader<Input = unknown> {
	/** How the page names it. */
	name: string;
	input: fc.Arbitrary<Input>;
	/**
	 * Reads once and looks at what came.
	 *
	 * @throws when something does not hold
	 */
	read(input: Input): 'parsed' | 'refused' | Promise<'parsed' | 'refused'>;
	lengthOf(input: Input): number;
	/** Inputs of about a given length on which a careless reader takes for ever. */
	long: Record<string, (length: number) => Input>;
}

/** What came of trying one. */
export interface Reading {
	name: string;
	cases: number;
	parsed: number;
	refused: number;
	seconds: number;
	/** Letters of the longest input of any case. */
	longest: number;
	/** Letters of the longest long input, and what the slowest of those took. */
	longestLong: number;
	slowestLongMs: number;
	broken: string[];
}

/** One case of a few hundred letters takes microseconds; a garbage collection may come in between. */
const CASE_MS = 3000;
const LONG_LETTERS = [1000, 4000, 16_000, 64_000, 256_000, 1_000_000];
/** Who looks at each letter a few times needs a tenth of it for a million; who looks at all for each, hours. */
const LONG_MS = 5000;

/** Tries a reader with random inputs, shrinking the one that breaks it, and with long ones. */
export async function tryReader<Input>(
	reader: Reader<Input>,
	{ cases, seed }: { cases: number; seed: number },
): Promise<Reading> {
	const counts = { parsed: 0, refused: 0 };
	let longest = 0;
	const began = performance.now();
	const details = await fc.check(
		fc.asyncProperty(reader.input, async (input) => {
			longest = Math.max(longest, reader.lengthOf(input));
			const started = performance.now();
			counts[await readOnce(reader, input)]++;
			const took = performance.now() - started;
			if (took > CASE_MS) throw new Error(`it took ${Math.round(took)} ms`);
		}),
		{ numRuns: cases, seed, maxSkipsPerRun: 0 },
	);
	const seconds = (performance.now() - began) / 1000;
	const broken: string[] = [];
	if (details.failed) broken.push(sentence(reader.name, details));
	else broken.push(...oneSided(reader.name, counts, cases));
	const long = await tryLong(reader);
	const { parsed, refused } = counts;
	return {
		name: reader.name,
		cases: details.numRuns,
		parsed,
		refused,
		seconds,
		longest,
		longestLong: long.letters,
		slowestLongMs: long.slowestMs,
		broken: [...broken, ...long.broken],
	};
}

const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype).length;

async function readOnce<Input>({ read }: Reader<Input>, input: Input) {
	try {
		return await read(input);
	} finally {
		if (Object.getOwnPropertyNames(Object.prototype).length !== PROTOTYPE) {
			for (const name of Object.getOwnPropertyNames(Object.prototype).slice(PROTOTYPE))
				delete (Object.prototype as Record<string, unknown>)[name];
			// Nothing else that went wrong matters more.
			throw new Error('it changed the prototype of all objects');
		}
	}
}

function sentence<Input>(name: string, details: fc.RunDetails<[Input]>): string {
	const { errorInstance, counterexample, seed, counterexamplePath } = details;
	const said = (errorInstance as Error | null)?.message ?? 'it failed';
	const input = fc.stringify(counterexample?.[0]).slice(0, 500);
	return `${name}: ${said}, of ${input} (seed ${seed}, path ${counterexamplePath})`;
}

/** Cases that all go one way would show nothing of the other. */
function oneSided(
	name: string,
	{ parsed, refused }: Record<'parsed' | 'refused', number>,
	cases: number,
): string[] {
	const least = Math.min(parsed, refused) / cases;
	return least >= 0.02
		? []
		: [
				`${name}: of ${cases} cases it parsed ${parsed}, refused ${refused}: the inputs are too much alike`,
			];
}

async function tryLong<Input>(reader: Reader<Input>) {
	const broken: string[] = [];
	let letters = 0;
	let slowestMs = 0;
	for (const [what, make] of Object.entries(reader.long)) {
		for (const length of LONG_LETTERS) {
			const input = make(length);
			const started = performance.now();
			const fault = await Promise.resolve(readOnce(reader, input)).then(() => null, String);
			const took = performance.now() - started;
			letters = Math.max(letters, reader.lengthOf(input));
			slowestMs = Math.max(slowestMs, took);
			if (fault !== null) broken.push(`${reader.name}: ${what}, ${length} letters: ${fault}`);
			if (took > LONG_MS)
				broken.push(`${reader.name}: ${what}, ${length} letters: took ${Math.round(took)} ms`);
			// It would only get worse.
			if (fault !== null || took > LONG_MS) break;
		}
	}
	return { letters, slowestMs, broken };
}

/** @throws with a message that says what does not hold */
export function hold(condition: boolean, what: string): asserts condition {
	if (!condition) throw new Error(what);
}

/**
 * @returns what was read, null where it was refused in the words of a Fault
 * @throws anything else
 */
export function orRefused<Result>(read: () => Result): Result | null {
	try {
		return read();
	} catch (error) {
		if (isFault(error)) return null;
		throw error;
	}
}

/** The same for what takes its time. */
export async function orRefusedLater<Result>(read: () => Promise<Result>): Promise<Result | null> {
	try {
		return await read();
	} catch (error) {
		if (isFault(error)) return null;
		throw error;
	}
}

/** By name: each source module that is loaded by itself has a class of its own. */
function isFault(error: unknown): boolean {
	return error instanceof Error && error.name === 'Fault' && error.message.length > 0;
}

/** Whether two results say the same. */
export function same(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
