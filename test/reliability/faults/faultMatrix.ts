import type { Part, RunContext, Summary } from '../part.ts';
import { forEachConcurrent } from '../forEachConcurrent.ts';
import { startRelay } from '../relay.ts';
import { measureBaseline, runCell, type Baseline, type Cell } from './cell.ts';
import { COLUMNS, type Column } from './columns.ts';
import { FAULTS } from './faults.ts';
import { agoraWith, setUp, type Setup } from './setup.ts';

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
		await forEachConcurrent(COLUMNS, CONCURRENT_BASELINES, async (column) => {
			const name = `baseline${COLUMNS.indexOf(column)}-`;
			baselines.set(column, await measureBaseline(setup, column, name));
		});
		const cells = cellsOf(baselines);
		log(`${cells.length} runs`);
		let done = 0;
		await forEachConcurrent(longestFirst(cells), CONCURRENT_CELLS, async (cell) => {
			failures.push(...(await runCell(setup, cell)));
			if (++done % 300 === 0) log(`${done} of ${cells.length} runs, ${failures.length} failures`);
		});
		failures.push(...(await generateTokenOffline(setup)));
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
		// Fails when a secret is in anything that came out.
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

function longestFirst(cells: Cell[]): Cell[] {
	return [...cells].sort((a, b) => secondsOf(b) - secondsOf(a));
}

/** About how long a cell takes. */
function secondsOf({ fault, always, column }: Cell): number {
	if (/^(?:timeout|stall)/.test(fault.name)) return 30;
	// Start keeps querying for that long.
	if (column.kind === 'wait' && /^(?:404|wrong types inside)$/.test(fault.name)) return 90;
	if (column.kind === 'wait') return 15;
	return fault.isTransient ? (always ? 10 : 1) : 0;
}

/** A token is computed from the credential alone, without a request. */
async function generateTokenOffline({ sandboxed }: Setup): Promise<string[]> {
	const { sandbox, engine, credentials } = sandboxed;
	const relay = await startRelay(sandbox.agora, () => ({ response: 'reset', when: 'before' }));
	try {
		credentials.agoraApi!.token = agoraWith(sandboxed, relay.origin);
		const { json } = await engine.run(
			{ resource: 'token', operation: 'generate', cname: 'any' },
			{ credentials: { agoraApi: 'token' } },
		);
		const isToken = String(json[0]?.token).startsWith('007');
		const { length } = relay.requests;
		return isToken && length === 0 ? [] : [`token generate sent ${length} requests`];
	} finally {
		await relay.close();
	}
}
