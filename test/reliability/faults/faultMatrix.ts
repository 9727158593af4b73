import type { Finding, Part, Trial } from '../part.ts';
import { measure, type Baseline } from './baseline.ts';
import { FAULTS } from './catalogue.ts';
import { tryCell, type Cell, type Verdict } from './cell.ts';
import { COLUMNS, type Column } from './columns.ts';
import { buildWorld, type World } from './world.ts';

/** Most of their time is back-off and timeouts, so two cores carry so many. */
const AT_ONCE = 100;

export const faultMatrix: Part = {
	name: 'faults',
	title: 'Every fault of every request',
	inCi: false,
	try: tryMatrix,
};

async function tryMatrix({ say, witness }: Trial): Promise<Finding> {
	const world = await buildWorld();
	const { customerSecret, appCertificate } = world.set.sandbox.agoraAccount;
	witness.guard({ customerSecret, appCertificate, secretKey: world.set.sandbox.storage.secretKey });
	try {
		const only = process.env.FAULT_CELLS ? new RegExp(process.env.FAULT_CELLS) : null;
		const baselines = new Map<Column, Baseline>();
		await Promise.all(
			COLUMNS.map(async (column, i) => {
				baselines.set(column, await measure(world, column, `base${i}`));
			}),
		);
		for (const [column, b] of baselines)
			say(
				`${column.operation} ${column.request} ${b.requests} ${b.before} ${b.hasCompany} ${JSON.stringify(b.shapes).slice(0, 150)}`,
			);
		const cells = cellsOf(baselines).filter(
			({ column, fault }) =>
				only === null || only.test(`${column.operation}, ${column.request}, ${fault.name}`),
		);
		say(`${cells.length} runs`);
		const verdicts = await tryAll(world, cells, { say, witness });
		const broken = verdicts.flatMap(({ broken }) => broken);
		return { page: [], broken };
	} finally {
		await world.stop();
	}
}

function cellsOf(baselines: Map<Column, Baseline>): Cell[] {
	const cells: Cell[] = [];
	for (const [column, baseline] of baselines) {
		for (const fault of FAULTS) {
			const { service, kind } = column;
			const how = fault.on({ service, kind, elsewhere: '', here: '' });
			if (typeof how === 'string') continue;
			for (const always of fault.passes ? [false, true] : [true]) {
				const name = `cell${cells.length}`;
				const continueOnFail = cells.length % 2 === 1;
				cells.push({ column, baseline, fault, always, continueOnFail, name });
			}
		}
	}
	return cells;
}

async function tryAll(world: World, cells: Cell[], { say, witness }: Trial): Promise<Verdict[]> {
	const waiting = [...cells].sort((a, b) => wait(b) - wait(a));
	const verdicts: Verdict[] = [];
	const lane = async () => {
		for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
			verdicts.push(await tryCell(world, cell, witness));
			if (verdicts.length % 200 === 0) say(`${verdicts.length} of ${cells.length} runs`);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
	return verdicts;
}

/** About how long a cell waits, so that the longest begin first. */
function wait({ fault, always, column }: Cell): number {
	if (fault.name.startsWith('timeout')) return 30;
	if (column.kind === 'wait') return fault.name === '404' && always ? 40 : 15;
	return fault.passes ? (always ? 10 : 1) : 0;
}
