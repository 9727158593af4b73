import type { Passing, Trouble } from '../relay.ts';
import type { Witness } from '../witness.ts';
import { nameOf, sameShapes, shapesOf, type Baseline } from './baseline.ts';
import {
	HUGE_BYTES,
	RETRY_AFTER_SECONDS,
	type FaultOf,
	type How,
	type HugeBody,
} from './catalogue.ts';
import { TRIGGER, type Column } from './columns.ts';
import { checkError } from './errorText.ts';
import { expected, type Expected } from './rules.ts';
import { layLine, type GivenError, type Line, type Seen } from './run.ts';
import type { Subject, World } from './world.ts';

/** One fault of one request, hitting once or always. */
export interface Cell {
	column: Column;
	baseline: Baseline;
	fault: FaultOf;
	always: boolean;
	continueOnFail: boolean;
	/** A name that no other cell has. */
	name: string;
}

export interface Verdict {
	cell: Cell;
	/** What came of it. */
	outcome: 'result' | 'other result' | 'error' | 'warning' | 'note';
	/** How often the request was sent. */
	attempts: number;
	/** The error or note that it came to, null for none. */
	error: { message: string; description: string } | null;
	/** How many requests the services got. */
	requests: number;
	/** What is not as it should be. */
	broken: string[];
	seconds: number;
}

/** Of a huge answer no more is taken than this. */
const MOST_BYTES = HUGE_BYTES / 2;

/** Brings the fault about in a run of its own, and compares what came of it with what the rules want. */
export async function tryCell(world: World, cell: Cell, witness: Witness): Promise<Verdict> {
	const { column, fault, always } = cell;
	const began = Date.now();
	const wanted = expected(column, fault.name, always, RETRY_AFTER_SECONDS * 1000);
	const subjects = await column.subjects(world, cell.name);
	const trial = await layTrial(world, cell, subjects);
	try {
		const { line, hit } = trial;
		const seen = await line.run(trial.subjects, cell.continueOnFail);
		witness.see(seen.errors.length > 0 ? 'error' : 'output', seen.stored);
		const broken = [
			...judgeOutcome(cell, wanted, seen, trial),
			...judgeAttempts(cell, wanted, trial),
			...judgeEffects(world, cell, seen, trial),
			...(trial.huge !== null && trial.huge.taken > MOST_BYTES * hit()
				? [`${trial.huge.taken} bytes were taken`]
				: []),
			...(line.relay.passed.some(({ path }) => path.startsWith('/again')) ? ['redirected'] : []),
			...(hit() === 0 ? ['the fault hit nothing'] : []),
		];
		// The next poll adds to them.
		const attempts = attemptsOf(trial);
		if (column.operation === TRIGGER) broken.push(...(await judgeNextPoll(cell, seen, trial)));
		const where = `${nameOf(column)}, ${fault.name}${fault.passes && !always ? ', once' : ''}: `;
		return {
			cell,
			outcome: outcomeOf(cell, seen, trial),
			attempts,
			error: seen.errors[0] ?? noteIn(seen),
			requests: line.relay.passed.length + (line.gate?.failed ?? 0),
			broken: broken.map((each) => where + each),
			seconds: (Date.now() - began) / 1000,
		};
	} finally {
		await trial.line.close();
		await endSessions(world, cell);
	}
}

interface Trial {
	line: Line;
	/** The items of the run; the last one is hit. */
	subjects: Subject[];
	/** How often the fault struck, or would have. */
	hit(): number;
	/** Requests of the kind that belong to the item that is hit. */
	requests(): Passing[];
	huge: HugeBody | null;
	/** From now on nothing goes wrong. */
	end(): void;
}

async function layTrial(world: World, cell: Cell, subjects: [Subject, Subject]): Promise<Trial> {
	const { column, fault, always, baseline, name } = cell;
	const { service, kind } = column;
	const { origin: elsewhere } = world.elsewhere;
	let here = '';
	const how = () => fault.on({ service, kind, elsewhere, here }) as How;
	const first = how();
	const withGate = 'closed' in first;
	const trouble: Trouble | null = 'trouble' in first ? first.trouble : null;
	const isAlone = withGate || column.isAlone || column.operation === TRIGGER;
	const hits: Passing[] = [];
	const state = { over: false, alike: 0 };
	const isHit = (passing: Passing): boolean => {
		if (!column.is(passing)) return false;
		if (isAlone) return true;
		const { mark } = subjects[1];
		if (mark === null) return state.alike++ >= baseline.requests;
		const text = typeof mark === 'function' ? mark() : mark;
		return passing.path.includes(text) || passing.body.includes(text);
	};
	const line: Line = await layLine(
		world,
		column,
		name,
		(passing) => {
			if (withGate && !state.over && line.relay.passed.length === baseline.before) shut();
			if (!isHit(passing)) return null;
			hits.push(passing);
			if (trouble === null || state.over || (!always && hits.length > 1)) return null;
			const again = how();
			return fault.name === 'endless redirects' && 'trouble' in again ? again.trouble : trouble;
		},
		withGate,
	);
	here = line.relay.origin;
	const shut = () => line.gate!.close((first as { closed: 'refused' }).closed);
	if (withGate) {
		if (baseline.before === 0) shut();
		line.gate!.onFailed = () => {
			if (always || state.over) return;
			state.over = true;
			line.gate!.open();
		};
	}
	const body =
		typeof trouble?.mishap === 'object' ? (trouble.mishap as { body?: unknown }).body : 0;
	return {
		line,
		subjects: withGate || column.isAlone ? [subjects[1]] : subjects,
		hit: () => (withGate ? line.gate!.failed : hits.length),
		requests: () => hits,
		huge: typeof body === 'object' && body !== null ? (body as HugeBody) : null,
		end() {
			state.over = true;
			line.gate?.open();
		},
	};
}

function outcomeOf(cell: Cell, seen: Seen, { subjects }: Trial): Verdict['outcome'] {
	const [error] = seen.errors;
	if (error !== undefined) {
		const text = `${error.message} ${error.description}`;
		return MAY_HAVE.test(text) || WAS_STARTED.test(text) ? 'warning' : 'error';
	}
	if (noteIn(seen) !== null) return 'note';
	const shapes = shapesOf(cell.column, seen);
	return sameShapes(shapes, usualShapes(cell, subjects)) ? 'result' : 'other result';
}

/** A run of one item is that of the second one. */
function usualShapes({ column, baseline: { shapes } }: Cell, subjects: Subject[]): unknown[][] {
	if (subjects.length > 1) return shapes;
	return [shapes[column.operation === TRIGGER ? 0 : 1]!, []];
}

function attemptsOf({ line, hit, requests }: Trial): number {
	return line.gate === null ? hit() : hit() + requests().length;
}

function judgeOutcome(cell: Cell, wanted: Expected, seen: Seen, { subjects }: Trial): string[] {
	const { column, continueOnFail } = cell;
	const hitItem = subjects.length - 1;
	const isPoll = column.operation === TRIGGER;
	const broken: string[] = [];
	const shapes = shapesOf(column, seen);
	const usual = usualShapes(cell, subjects);
	const given = JSON.stringify(shapes);
	const says = seen.errors.map(({ message }) => message).join(' / ');
	for (const error of seen.errors) broken.push(...checkError(error, column.service));
	if (seen.errors.length > 1) broken.push(`${seen.errors.length} errors instead of one: ${says}`);
	const others = isPoll || subjects.length === 1 ? [] : [0];
	for (const other of others) {
		const isDropped = seen.errors.length > 0 && !continueOnFail;
		if (!isDropped && !sameShapes(shapes[other], usual[other]))
			broken.push(`the other item gave ${given}`);
	}
	const [error] = seen.errors;
	const isError = wanted.outcome === 'error';
	if (wanted.outcome === 'no crash') return broken;
	if (isError !== (error !== undefined)) {
		return [...broken, isError ? `no error, but ${given}` : `an error: ${says}`];
	}
	if (error !== undefined) {
		const index = isPoll ? null : hitItem;
		if (error.item !== index) broken.push(`item index ${error.item} instead of ${index}`);
		broken.push(...judgeFailure(wanted, error));
	} else if (wanted.outcome === 'result' && !sameShapes(shapes, usual)) {
		broken.push(`gave ${given} instead of ${JSON.stringify(usual)}`);
	} else if (wanted.outcome === 'note' && noteIn(seen) === null) {
		broken.push(`no note in ${given}`);
	} else if (wanted.outcome === 'other result' && !isPoll && shapes[hitItem]!.length === 0) {
		broken.push('no result');
	}
	const note = noteIn(seen);
	if (note !== null) broken.push(...checkError(note, column.service));
	return broken;
}

function judgeFailure({ cause, retryAfterMs }: Expected, { failure }: GivenError): string[] {
	if (failure === undefined || cause === undefined) return [];
	const told = failure as { cause?: string; retryAfterMs?: number } | null;
	if (told?.cause !== cause) return [`n8n is told ${told?.cause} instead of ${cause}`];
	if (retryAfterMs !== undefined && told.retryAfterMs !== retryAfterMs)
		return [`n8n is told to wait ${told.retryAfterMs} ms instead of ${retryAfterMs}`];
	return [];
}

/** The note of a session record that could not be kept. */
function noteIn({ items }: Seen): { message: string; description: string } | null {
	const [note] = items
		.map(({ json }) => json.session_record_note)
		.filter((each) => each !== undefined);
	return note === undefined ? null : { message: String(note), description: String(note) };
}

function judgeAttempts(
	{ baseline }: Cell,
	{ outcome, attempts }: Expected,
	trial: Trial,
): string[] {
	if (attempts === undefined || outcome === 'no crash') return [];
	const isError = outcome === 'error';
	const wanted = isError ? attempts : baseline.requests + attempts - 1;
	const sent = attemptsOf(trial);
	// Those under way with it may be hit as well.
	const isLoose = baseline.hasCompany && (trial.line.gate !== null || isError);
	const fits = isLoose || outcome === 'other result' ? sent >= attempts : sent === wanted;
	return fits ? [] : [`sent ${sent} times instead of ${wanted}`];
}

const MAY_HAVE = /may be running|may have been created|may have changed|is running/;
const WAS_STARTED = /\b(?:It was started: |It is )sid [0-9a-f]{32}/;

/** What the sandbox did, whatever the nodes believe. */
function judgeEffects(world: World, cell: Cell, seen: Seen, trial: Trial): string[] {
	const { column, fault, always } = cell;
	const { kind, operation } = column;
	const wanted = expected(column, fault.name, always, 0);
	const text = seen.errors.map(({ message, description }) => `${message} ${description}`).join(' ');
	const broken: string[] = [];
	if (wanted.tells === 'effect' && !MAY_HAVE.test(text))
		broken.push(`does not say what may have happened: ${text}`);
	// Code 7 says in Agora's words that a recording runs.
	const isSure = wanted.tells === undefined && kind !== 'wait' && fault.name !== '201, code 7';
	if (wanted.outcome === 'error' && isSure && MAY_HAVE.test(text))
		broken.push(`says that something may have happened, which cannot be: ${text}`);
	if (kind === 'create project' || kind === 'reset certificate') {
		const done = trial.requests().filter(({ reached }) => reached).length;
		if (done > 1) broken.push(`done ${done} times`);
		if (done === 1 && seen.errors.length > 0 && !MAY_HAVE.test(text))
			broken.push(`was done, but the error does not say so: ${text}`);
	}
	if (operation !== 'Recording: Start') return broken;
	const { cname } = trial.subjects.at(-1)!.json;
	const sessions = world.set.sandbox.control.sessions().filter((each) => each.cname === cname);
	if (sessions.length > 1) broken.push(`${sessions.length} recordings were started`);
	const [session] = sessions;
	if (seen.errors.length === 0 || session === undefined) return broken;
	const { sid, resourceId } = session;
	if (!text.includes(sid) && !(MAY_HAVE.test(text) && text.includes(resourceId)))
		broken.push(`a recording was started, but the error does not say so: ${text}`);
	if (wanted.tells === 'session' && !text.includes(sid)) broken.push(`does not name ${sid}`);
	return broken;
}

/** A poll that failed is made again: all comes out once. */
async function judgeNextPoll(cell: Cell, seen: Seen, trial: Trial): Promise<string[]> {
	trial.end();
	const next = await trial.line.run([], false);
	const sids = (run: Seen) => run.items.map(({ json }) => json.sid as string);
	const all = [...sids(seen), ...sids(next)].sort();
	const usual = (cell.baseline.shapes[0] as Array<{ sid: string }>).map(({ sid }) => sid).sort();
	if (next.errors.length > 0) return [`the next poll failed: ${next.errors[0]!.message}`];
	return sameShapes(all, usual) ? [] : [`two polls gave ${all.join()} instead of ${usual.join()}`];
}

/** What was started for one cell is of no use to the others. */
async function endSessions({ set }: World, { name }: Cell): Promise<void> {
	const { control } = set.sandbox;
	const own = control
		.sessions()
		.filter(({ live, cname }) => live && (cname === `${name}-0` || cname === `${name}-1`));
	await Promise.all(own.map(({ sid }) => control.crash(sid)));
}
