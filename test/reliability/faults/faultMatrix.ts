import { Readable } from 'node:stream';
import type { Part, RunContext, Summary } from '../part.ts';
import { measureBaseline, runCell, type Baseline, type Cell } from './cell.ts';
import { COLUMNS, type Column } from './columns.ts';
import { FAULTS } from './faults.ts';
import { setUp } from './setup.ts';

/** Every kind of request that each operation sends, with every fault. */
export const faultMatrix: Part = { name: 'faults', inCi: false, run };

const CONCURRENT_BASELINES = 10;
/** Cells mostly wait for retries and timeouts. */
const CONCURRENT_CELLS = 100;

async function run({ log }: RunContext): Promise<Summary> {
	const setup = await setUp();
	const failures: string[] = [];
	try {
		const baselines = new Map<Column, Baseline>();
		await Readable.from(COLUMNS).forEach(
			async (column: Column) => {
				const name = `baseline${COLUMNS.indexOf(column)}-`;
				baselines.set(column, await measureBaseline(setup, column, name));
			},
			{ concurrency: CONCURRENT_BASELINES },
		);
		const cells = cellsOf(baselines);
		log(`${cells.length} runs`);
		let done = 0;
		await Readable.from(longestFirst(cells)).forEach(
			async (cell: Cell) => {
				failures.push(...(await runCell(setup, cell)));
				if (++done % 300 === 0) log(`${done} of ${cells.length} runs, ${failures.length} failures`);
			},
			{ concurrency: CONCURRENT_CELLS },
		);
		const { requests } = setup.elsewhere;
		if (requests > 0) failures.push(`Another origin got ${requests} requests.`);
		const figures = {
			requests: COLUMNS.length,
			faults: FAULTS.length,
			cells: new Set(cells.map(({ column, fault }) => `${COLUMNS.indexOf(column)} ${fault.name}`))
				.size,
			runs: cells.length,
		};
		return { figures, failures };
	} finally {
		// Throws if a secret leaked.
		await setup.stop();
	}
}

function cellsOf(baselines: Map<Column, Baseline>): Cell[] {
	const cells: Cell[] = [];
	for (const [column, baseline] of baselines) {
		for (const fault of FAULTS) {
			if (fault.on({ kind: column.kind, elsewhere: '', relay: '' }) === null) continue;
			for (const always of fault.isTransient ? [false, true] : [true]) {
				cells.push({
					column,
					baseline,
					fault,
					always,
					continueOnFail: cells.length % 2 === 1,
					name: `cell${cells.length}`,
				});
			}
		}
	}
	return cells;
}

/** Those that wait for a timeout, or as long as Start waits for its recording, take half a minute or more. */
function longestFirst(cells: Cell[]): Cell[] {
	const isLong = ({ fault, column }: Cell) =>
		/^(?:timeout|stall)/.test(fault.name) || column.kind === 'wait';
	return [...cells.filter(isLong), ...cells.filter((cell) => !isLong(cell))];
}
