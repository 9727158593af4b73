import type { IDataObject } from 'n8n-workflow';
import type { InjectedFault, RelayedRequest } from '../relay.ts';
import { isKind, type RequestKind } from '../requests.ts';
import { columnName, stablePart, TRIGGER, type Column } from './columns.ts';
import { HugeBody, type Fault } from './faults.ts';
import { judge } from './judge.ts';
import { openRoute, type Route, type RunOutcome } from './route.ts';
import { itemsOf, type Pair, type Setup } from './setup.ts';

/** One fault in one kind of request of one operation, injected once or always. */
export interface Cell {
	column: Column;
	baseline: Baseline;
	fault: Fault;
	always: boolean;
	continueOnFail: boolean;
	/** No other cell has the same. */
	name: string;
}

/** What an operation sends and returns without a fault. */
export interface Baseline {
	/** The stable parts of what each of two items returns. */
	outputs: IDataObject[][];
	/** How many requests of the kind one item sends. */
	requests: number;
	/** How many responses the service has sent before the first of them. */
	responsesBefore: number;
	/** Whether other requests are sent at the same time as the first of them. */
	isConcurrent: boolean;
}

/** A finished run of a cell. */
export interface Trial {
	cell: Cell;
	route: Route;
	/** The items of the run; the fault hits the last one. */
	items: IDataObject[];
	outcome: RunOutcome;
	/** Requests of the kind that belong to that item. */
	hits: RelayedRequest[];
	/** How often the fault hit one of them, or would have. */
	faults: number;
	/** How often it was sent, connections that failed included. */
	attempts: number;
	/** The body of a huge response. */
	huge: HugeBody | null;
	/** The poll after the fault. */
	nextPoll: RunOutcome | null;
}

/** By input item. */
export function outputsOf(column: Column, { items }: RunOutcome): IDataObject[][] {
	return [0, 1].map((index) =>
		items.filter(({ item }) => item === index).map(({ json }) => stablePart(column, json)),
	);
}

/** @throws when the operation fails without a fault, or sends no such request */
export async function measureBaseline(
	setup: Setup,
	column: Column,
	name: string,
): Promise<Baseline> {
	const single = await openRoute(setup, column, `${name}a`, () => null, null);
	const pair = await openRoute(setup, column, `${name}b`, () => null, null);
	const run = async (route: Route, items: IDataObject[]) => {
		const outcome = await route.run(items, false);
		if (outcome.errors.length === 0 && outcome.items.length > 0) return outcome;
		const errors = JSON.stringify(outcome.errors);
		throw new Error(`${columnName(column)}: failed without a fault: ${errors}`);
	};
	try {
		await run(single, (await itemsOf(setup, column, `${name}a`)).slice(1));
		const { requests } = single.relay;
		const own = requests.filter((request) => isKind(column.kind, request));
		const [first] = own;
		if (first === undefined) {
			const paths = requests.map(({ method, path }) => `${method} ${path}`);
			throw new Error(`${columnName(column)}: not among its requests:\n${paths.join('\n')}`);
		}
		const { responsesBefore } = first;
		const outcome = await run(pair, await itemsOf(setup, column, `${name}b`));
		return {
			outputs: outputsOf(column, outcome),
			requests: own.length,
			responsesBefore,
			isConcurrent: requests.some(
				(each) => each !== first && each.responsesBefore === responsesBefore,
			),
		};
	} finally {
		await Promise.all([single.close(), pair.close()]);
	}
}

/** Runs a cell. @returns what was not as the rules require */
export async function runCell(setup: Setup, cell: Cell): Promise<string[]> {
	const items = await itemsOf(setup, cell.column, cell.name);
	const { route, run } = await prepare(setup, cell, items);
	try {
		const { column, fault, always } = cell;
		const times = fault.isTransient && !always ? ', once' : '';
		const failures = judge(setup, await run());
		return failures.map((each) => `${columnName(column)}, ${fault.name}${times}: ${each}`);
	} finally {
		await route.close();
		await endSessions(setup, cell);
	}
}

/** Requests that do not depend on the input item. */
const UNMARKED: RequestKind[] = ['projects', 'channels', 'channel users', 'user status', 'bans'];

/** Opens a route that injects the fault into the requests of the second item. */
async function prepare(setup: Setup, cell: Cell, pair: Pair) {
	const { column, fault, always, baseline, name } = cell;
	const target = { kind: column.kind, elsewhere: setup.elsewhere.origin, relay: '' };
	const injected = fault.on(target)!;
	const failure = 'connection' in injected ? injected.connection : null;
	const isAlone = failure !== null || column.isAlone;
	const hits: RelayedRequest[] = [];
	let isOver = false;
	let unmarked = 0;

	const isHit = (request: RelayedRequest): boolean => {
		if (!isKind(column.kind, request)) return false;
		if (isAlone) return true;
		// The requests of all items are the same, so those after the first item's belong to the second.
		if (UNMARKED.includes(column.kind)) return unmarked++ >= baseline.requests;
		return isOf(setup, pair[1], request);
	};
	const decide = (request: RelayedRequest): InjectedFault | null => {
		if (!isHit(request)) return null;
		hits.push(request);
		if (failure !== null || isOver || (!always && hits.length > 1)) return null;
		// Each redirect leads to another URL.
		return (fault.name === 'endless redirects' ? fault.on(target) : injected) as InjectedFault;
	};
	const nextFailure = () => {
		const { relay, tls } = route;
		const isNext = relay.requests.length >= baseline.responsesBefore;
		return isNext && !isOver && (always || tls!.failures === 0) ? failure : null;
	};
	const tlsFailure = failure === null ? null : nextFailure;
	const route: Route = await openRoute(setup, column, name, decide, tlsFailure);
	const { relay, tls } = route;
	target.relay = relay.origin;
	const run = async (): Promise<Trial> => {
		const items = isAlone ? pair.slice(1) : pair;
		const outcome = await route.run(items, cell.continueOnFail);
		const faults = tls?.failures ?? hits.length;
		const attempts = tls === null ? faults : faults + hits.length;
		const response = 'response' in injected ? injected.response : null;
		const body = response !== null && typeof response === 'object' ? response : {};
		const huge = 'body' in body && body.body instanceof HugeBody ? body.body : null;
		isOver = true;
		const nextPoll = column.operation === TRIGGER ? await route.run([], false) : null;
		return { cell, route, items, outcome, hits, faults, attempts, huge, nextPoll };
	};
	return { route, run };
}

/** Whether a request belongs to an item: it contains the item's ID or name, or the sid of what was started for it. */
function isOf({ sandboxed }: Setup, { sid, id, cname }: IDataObject, request: RelayedRequest) {
	const contains = (text: string) => request.path.includes(text) || request.body.includes(text);
	if (contains(String(sid ?? id ?? cname))) return true;
	if (sid !== undefined || cname === undefined) return false;
	const started = sandboxed.sandbox.control.sessions().filter((each) => each.cname === cname);
	return started.some((session) => contains(session.sid));
}

/** What a cell has started must not slow down the others. */
async function endSessions({ sandboxed }: Setup, { name }: Cell): Promise<void> {
	const { control } = sandboxed.sandbox;
	const isOwn = (cname: string) => cname === `${name}-0` || cname === `${name}-1`;
	const own = control.sessions().filter(({ live, cname }) => live && isOwn(cname));
	await Promise.all(own.map(({ sid }) => control.crash(sid)));
}
