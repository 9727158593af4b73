import { isDeepStrictEqual } from 'node:util';
import type { Column } from './columns.ts';
import { layLine, type Seen } from './run.ts';
import type { World } from './world.ts';

/** What an operation does and gives when nothing goes wrong. */
export interface Baseline {
	/** The shapes of what each of two items gives. */
	shapes: unknown[][];
	/** How many requests of the kind one item makes. */
	requests: number;
	/** How many requests to the service are answered before the first of the kind is sent. */
	before: number;
	/** Whether others are under way with the first of the kind. */
	hasCompany: boolean;
}

/**
 * Runs an operation without any fault.
 *
 * @throws when that does not succeed, or makes no such request
 */
export async function measure(world: World, column: Column, run: string): Promise<Baseline> {
	const alone = await layLine(world, column, `${run}a`, () => null, false);
	const pair = await layLine(world, column, `${run}b`, () => null, false);
	try {
		const [, second] = await column.subjects(world, `${run}a`);
		checkFine(column, await alone.run([second], false));
		const { passed } = alone.relay;
		const first = passed.find((passing) => column.is(passing));
		if (first === undefined) {
			const paths = passed.map(({ method, path }) => `${method} ${path}`);
			throw new Error(`${nameOf(column)}: not among its requests:\n${paths.join('\n')}`);
		}
		const seen = await pair.run(await column.subjects(world, `${run}b`), false);
		checkFine(column, seen);
		return {
			shapes: shapesOf(column, seen),
			requests: passed.filter((passing) => column.is(passing)).length,
			before: first.answered,
			hasCompany: passed.some((each) => each !== first && each.answered === first.answered),
		};
	} finally {
		await Promise.all([alone.close(), pair.close()]);
	}
}

export function nameOf({ operation, request }: Column): string {
	return `${operation}, ${request}`;
}

/** By the input item that gave them. */
export function shapesOf({ shape }: Column, { items }: Seen): unknown[][] {
	return [0, 1].map((item) =>
		items.filter(({ from }) => from === item).map(({ json }) => shape(json)),
	);
}

function checkFine(column: Column, { errors, items }: Seen): void {
	if (errors.length > 0 || items.length === 0)
		throw new Error(`${nameOf(column)}: failed without any fault: ${JSON.stringify(errors)}`);
}

export function sameShapes(a: unknown, b: unknown): boolean {
	return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
