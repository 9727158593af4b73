import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fault } from '../../../nodes/Agora/http/errors';

/** `HOSTILE_CASES=100000` takes some minutes. */
const CASES = Number(process.env.HOSTILE_CASES ?? 1_000);
/** Of processor time: other processes may slow the machine down. A case takes microseconds, a garbage collection more. */
const CASE_MS = 3_000;
/** Growing, so that a reader with quadratic time fails within seconds instead of hanging. */
const LENGTHS = [1_000, 16_000, 64_000, 256_000, 1_000_000];
/** A reader in linear time needs a tenth of it for the longest input. */
const LENGTH_MS = 5_000;
const TIMEOUT_MS = 600_000;
/** With fewer of either, the inputs would not test that outcome. */
const MIN_SHARE = 0.02;

export interface Reader<Input> {
	input: fc.Arbitrary<Input>;
	/**
	 * Reads an input and asserts what must be true of the result.
	 *
	 * @returns false where the reader rejects the input
	 */
	read(input: Input): boolean | Promise<boolean>;
	/** Inputs of about a given length on which a careless reader takes quadratic time. */
	long: Record<string, (length: number) => Input>;
}

/** Tests a reader of data from outside with random inputs and with long ones. */
export function describeReader<Input>(name: string, { input, read, long }: Reader<Input>): void {
	describe(name, () => {
		it(
			'are read correctly or rejected with a Fault',
			async () => {
				let accepted = 0;
				const property = fc.asyncProperty(input, async (value) => {
					const { result, ms } = await timed(() => read(value));
					if (result) accepted++;
					assert(ms < CASE_MS, `it took ${Math.round(ms)} ms`);
				});
				await fc.assert(property, { numRuns: CASES });
				const share = accepted / CASES;
				assert(share > MIN_SHARE && share < 1 - MIN_SHARE, `${accepted} of ${CASES} accepted`);
			},
			TIMEOUT_MS,
		);

		it.each(Object.entries(long))('are read in linear time: %s', async (_, make) => {
			for (const length of LENGTHS) {
				const value = make(length);
				const { ms } = await timed(() => read(value));
				assert(ms < LENGTH_MS, `${length} characters took ${Math.round(ms)} ms`);
			}
		});
	});
}

const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype).join();

/** @returns what a reader returned, and the processor time it took */
async function timed(read: () => boolean | Promise<boolean>) {
	const started = process.cpuUsage();
	try {
		const result = await read();
		const { user, system } = process.cpuUsage(started);
		return { result, ms: (user + system) / 1000 };
	} finally {
		assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), PROTOTYPE);
	}
}

/**
 * @returns what was read; null where it was rejected with a Fault
 * @throws any other error
 */
export function unlessRejected<Result>(read: () => Result): Result | null {
	try {
		return read();
	} catch (error) {
		if (error instanceof Fault && error.message !== '') return null;
		throw error;
	}
}

/** What upsets readers of any format. */
const UPSETTING = [
	...['\0', '\n', '\r\n', '\u2028', '\uFEFF', '\u202E', '\uD800', '😀', ' ', '\t', '"', "'"],
	...['\\', '/', '%', '%2e%2e%2f', '%ff', '..', '../', '__proto__', 'constructor', 'prototype'],
	...['9'.repeat(400), '-1', '1e309', 'NaN', 'null', '[]', '{}'],
];

/**
 * Valid texts, the same with up to three changes, tokens of the format in any order, and noise.
 *
 * @param valid texts in the format
 * @param tokens of the format
 */
export function hostileText(valid: fc.Arbitrary<string>, tokens: string[]): fc.Arbitrary<string> {
	const token = fc.constantFrom(...UPSETTING, ...tokens);
	const change = fc.record({
		kind: fc.constantFrom('remove', 'truncate', 'repeat', 'insert', 'replace'),
		share: fc.nat(10_000),
		atBoundary: fc.boolean(),
		length: fc.integer({ min: 1, max: 12 }),
		token,
	});
	const changes = fc.array(change, { minLength: 1, maxLength: 3 });
	return fc.oneof(
		{ weight: 4, arbitrary: valid },
		{
			weight: 12,
			arbitrary: fc.tuple(valid, changes).map(([text, list]) => list.reduce(applyChange, text)),
		},
		{ weight: 3, arbitrary: fc.array(token, { maxLength: 12 }).map((list) => list.join('')) },
		{ weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
	);
}

/** The same for JSON, with up to two values replaced by others. */
export function hostileJson(valid: fc.Arbitrary<object>, tokens: string[]): fc.Arbitrary<string> {
	const replacements = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...VALUES)), {
		minLength: 1,
		maxLength: 2,
	});
	const replaced = fc.tuple(valid, replacements).map(([value, list]) => {
		const copy = JSON.parse(JSON.stringify(value)) as object;
		for (const [index, by] of list) replaceValue(copy, index, by);
		return JSON.stringify(copy);
	});
	const texts = hostileText(
		valid.map((value) => JSON.stringify(value)),
		tokens,
	);
	return fc.oneof({ weight: 2, arbitrary: texts }, { weight: 1, arbitrary: replaced });
}

const VALUES: unknown[] = [
	...[null, true, 0, -1, 1.5, 1e308, '', 'x', '../x', '__proto__', [], [null], [[]], ['x', 1]],
	...[{}, { length: 1 }, { toString: 1 }, { call: 1 }, [{ a: [] }]],
];

/** Replaces the value at `index`, counted through all levels. */
function replaceValue(root: object, index: number, by: unknown): void {
	const places: Array<[parent: Record<string, unknown>, key: string]> = [];
	const visit = (parent: object): void => {
		for (const [key, value] of Object.entries(parent)) {
			places.push([parent as Record<string, unknown>, key]);
			if (typeof value === 'object' && value !== null) visit(value as object);
		}
	};
	visit(root);
	if (places.length === 0) return;
	const [parent, key] = places[index % places.length]!;
	// A copy, into which another value can be placed.
	parent[key] = structuredClone(by);
}

interface Change {
	kind: string;
	/** Where, in ten-thousandths of the text. */
	share: number;
	/** Whether to move on to the next boundary of XML elements, JSON values or lines. */
	atBoundary: boolean;
	length: number;
	token: string;
}

function applyChange(text: string, change: Change): string {
	const { kind, share, atBoundary, length, token } = change;
	const exact = Math.floor((text.length * share) / 10_000);
	const start = atBoundary ? exact + text.slice(exact).search(/(?<=[>,{[\n])|$/) : exact;
	const before = text.slice(0, start);
	const removed = text.slice(start, start + length);
	const after = text.slice(start + length);
	if (kind === 'remove') return before + after;
	if (kind === 'truncate') return before;
	if (kind === 'repeat') return before + removed + removed + after;
	return before + token + (kind === 'insert' ? removed : '') + after;
}

export const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';
export const OTHER_SID = '0123456789abcdef0123456789abcdef';
