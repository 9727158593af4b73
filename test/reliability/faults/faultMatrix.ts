import type { Finding, Part, Trial } from '../part.ts';
import { startRelay } from '../relay.ts';
import { measure, type Baseline } from './baseline.ts';
import { FAULTS } from './catalogue.ts';
import { tryCell, type Cell, type Verdict } from './cell.ts';
import { COLUMNS, type Column } from './columns.ts';
import { matrixPage } from './page.ts';
import { agoraBy, buildWorld, type World } from './world.ts';

/** Most of their time is back-off and timeouts, so two cores carry so many. */
const AT_ONCE = 100;

export const faultMatrix: Part = {
	name: 'faults',
	title: 'Every fault of every request',
	inCi: false,
	try: tryMatrix,
};

async function tryMatrix({ say, witness }: Trial): Promise<Finding> {
	const began = Date.now();
	const world = await buildWorld();
	const { customerSecret, appCertificate } = world.set.sandbox.agoraAccount;
	witness.guard({ customerSecret, appCertificate, secretKey: world.set.sandbox.storage.secretKey });
	try {
		const baselines = await measureAll(world);
		const cells = cellsOf(baselines);
		say(`${cells.length} runs`);
		const verdicts = await tryAll(world, cells, { say, witness });
		const broken = verdicts.flatMap((verdict) => verdict.broken);
		broken.push(...(await tryToken(world)));
		const { asked } = world.elsewhere;
		if (asked > 0) broken.push(`another origin was asked ${asked} times`);
		witness.see('log', world.set.engine.log());
		const seconds = (Date.now() - began) / 1000;
		return { page: matrixPage(verdicts, seconds), broken };
	} finally {
		await world.stop();
	}
}

async function measureAll(world: World): Promise<Map<Column, Baseline>> {
	const baselines = await Promise.all(
		COLUMNS.map(async (column, i) => await measure(world, column, `base${i}`)),
	);
	return new Map(COLUMNS.map((column, i) => [column, baselines[i]!]));
}

/** A token is made of the credential alone: it comes about although nobody can be asked. */
async function tryToken({ set }: World): Promise<string[]> {
	const relay = await startRelay(set.sandbox.agora, () => ({ mishap: 'reset', when: 'before' }));
	try {
		set.credentials.agoraApi!.token = agoraBy(set, relay.origin);
		const result = await set.engine.run(
			{ resource: 'token', operation: 'generate', cname: 'any' },
			{ credentials: { agoraApi: 'token' } },
		);
		const isToken = String(result.json[0]?.token).startsWith('007');
		const asked = relay.passed.length;
		return isToken && asked === 0 ? [] : [`Token: Generate: asked ${asked} times`];
	} finally {
		await relay.close();
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
			if (verdicts.length % 300 === 0) say(`${verdicts.length} of ${cells.length} runs`);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
	return verdicts;
}

/** About how long a cell waits, so that the longest begin first. */
function wait({ fault, always, column }: Cell): number {
	if (/^(?:timeout|stall)/.test(fault.name)) return 30;
	// Start itself waits for so long until it gives a recording up.
	if (column.kind === 'wait' && /^(?:404|wrong types inside)$/.test(fault.name)) return 90;
	if (column.kind === 'wait') return 15;
	return fault.passes ? (always ? 10 : 1) : 0;
}
