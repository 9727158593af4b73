import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionEntry } from '../../../sandbox/control.ts';
import type { RunResult } from '../../integration/engine.ts';
import { startRelay, type Passing, type Relay, type Trouble } from '../relay.ts';
import { ASKED, askedOf, resourceIdOf, type Asked } from './asked.ts';
import { troubleOf, type PlannedMishap } from './mishaps.ts';
import type { Execution, Schedule } from './schedule.ts';
import type { Services } from './services.ts';

/** What came of one execution. */
export interface Outcome {
	execution: Execution;
	result: RunResult;
	/** The sessions that its requests began, with the number of the item each belongs to. */
	sessions: Array<{ item: number; session: SessionEntry }>;
	/** What did go wrong; more may have been planned. */
	happened: Array<PlannedMishap & { asked: Asked }>;
	/** How often each request was sent. */
	asked: Record<Asked, number>;
	/** Starts that were sent although the execution had been cancelled a while ago. */
	lateStarts: number;
}

export interface CaseOutcome {
	outcomes: Outcome[];
	/** Sessions in the case's channels that none of its executions asked for. */
	strangers: SessionEntry[];
}

/** For what is still on its way when an execution ends: a cancelled one does not wait for its answers. */
const SETTLING_MS = 300;
/** How long after cancelling a request may still arrive that had been sent before. */
const LATE_MS = 1000;
/** Nobody is in the channels, and no session is to end before it was looked at. */
const MAX_IDLE_SECONDS = 3600;
const FIRST_UID = 527_841;

const ON_ERROR = {
	stop: 'stopWorkflow',
	'go on': 'continueRegularOutput',
	'error output': 'continueErrorOutput',
} as const;

let cases = 0;

/** Runs a schedule in n8n's engine, in channels of its own, and looks at what the sandbox holds afterwards. */
export async function runCase(services: Services, schedule: Schedule): Promise<CaseOutcome> {
	const number = cases++;
	const channelOf = (item: number) => `case-${number}-item-${item + 1}`;
	const most = Math.max(...schedule.executions.map(({ items }) => items));
	const channels = Array.from({ length: most }, (_, item) => channelOf(item));
	for (const cname of channels) {
		services.sandbox.control.setChannel(cname, { uids: [], seconds: null });
	}
	const runs = await Promise.all(
		schedule.executions.map((execution, index) =>
			runExecution(services, execution, `${number}-${index}`, schedule.ownUids, channels, number),
		),
	);
	await sleep(SETTLING_MS);
	const sessions = services.sandbox.control
		.sessions()
		.filter(({ cname }) => channels.includes(cname));
	const outcomes = runs.map(({ relays, cancelledAt, ...run }) => {
		const { passed } = relays[0]!;
		const resourceIds = new Set(passed.map(resourceIdOf));
		return {
			...run,
			sessions: sessions
				.filter(({ resourceId }) => resourceIds.has(resourceId))
				.map((session) => ({ item: channels.indexOf(session.cname), session })),
			asked: counted(relays.flatMap((relay) => relay.passed)),
			lateStarts: passed.filter(
				(each) =>
					askedOf(each) === 'start' && cancelledAt !== null && each.at > cancelledAt + LATE_MS,
			).length,
		};
	});
	await Promise.all(runs.flatMap(({ relays }) => relays.map((relay) => relay.close())));
	for (const { sid, live } of sessions) if (live) await services.sandbox.control.crash(sid);
	const known = outcomes.flatMap((each) => each.sessions.map(({ session }) => session));
	return { outcomes, strangers: sessions.filter((session) => !known.includes(session)) };
}

interface Run {
	execution: Execution;
	result: RunResult;
	happened: Outcome['happened'];
	/** In front of Agora and of the bucket. */
	relays: Relay[];
	cancelledAt: number | null;
}

async function runExecution(
	{ sandbox, engine, connect, disconnect }: Services,
	execution: Execution,
	name: string,
	ownUids: boolean,
	channels: string[],
	turn: number,
): Promise<Run> {
	const plan = new Plan(execution);
	const decide = (passing: Passing) => plan.next(passing);
	const agora = await startRelay(sandbox.agora, decide);
	const s3 = await startRelay(sandbox.s3, decide);
	const credentials = connect(name, { agora: agora.origin, s3: s3.origin }, turn);
	const { waitForRecording, saveSessionRecord, partitionByDate, refusedToken } = execution.options;
	const parameters = {
		resource: 'recording',
		operation: 'start',
		cname: '={{ $json.channel }}',
		...(ownUids && { uidMode: 'specify', uid: '={{ $json.uid }}' }),
		options: {
			waitForRecording,
			saveSessionRecord,
			partitionByDate,
			maxIdleTime: MAX_IDLE_SECONDS,
			...(refusedToken && { token: 'not a token' }),
		},
	};
	const items = channels
		.slice(0, execution.items)
		.map((channel, index) => ({ channel, uid: String(FIRST_UID + index) }));
	let timer: NodeJS.Timeout | undefined;
	const result = await engine.run(parameters, {
		items,
		credentials,
		settings: {
			onError: ON_ERROR[execution.onFailure],
			retryOnFail: execution.retryOnFail,
			maxTries: 2,
			waitBetweenTries: 1,
		},
		onStart: (cancel) => {
			plan.cancel = cancel;
			const { cancel: planned } = execution;
			if (planned !== null && 'afterMs' in planned)
				timer = setTimeout(() => plan.stop(), planned.afterMs);
		},
	});
	clearTimeout(timer);
	disconnect(name);
	engine.transcript.length = 0;
	const { happened, cancelledAt } = plan;
	return { execution, result, happened, relays: [agora, s3], cancelledAt };
}

/** Works through what was planned for an execution, request by request. */
class Plan {
	cancel = () => {};
	cancelledAt: number | null = null;
	readonly happened: Outcome['happened'] = [];
	readonly #execution: Execution;
	readonly #counts = new Map<Asked, number>();

	constructor(execution: Execution) {
		this.#execution = execution;
	}

	/** What goes wrong with the request that comes by now. */
	next(passing: Passing): Trouble | null {
		const asked = askedOf(passing);
		if (asked === null) return null;
		const index = this.#counts.get(asked) ?? 0;
		this.#counts.set(asked, index + 1);
		const when = this.#cancelsAt(asked, index);
		if (when === 'before') this.stop();
		if (when === 'after') return { mishap: (answer) => (this.stop(), answer), when };
		const planned = this.#execution.mishaps[asked][index] ?? null;
		if (planned === null) return null;
		this.happened.push({ ...planned, asked });
		return troubleOf(asked, planned);
	}

	/** Cancels the execution. */
	stop(): void {
		this.cancelledAt = Date.now();
		this.cancel();
	}

	#cancelsAt(asked: Asked, index: number): 'before' | 'after' | null {
		const { cancel } = this.#execution;
		if (cancel === null || 'afterMs' in cancel) return null;
		return cancel.asked === asked && cancel.nth === index + 1 ? cancel.when : null;
	}
}

function counted(passed: Passing[]): Record<Asked, number> {
	const asked = passed.map(askedOf);
	return Object.fromEntries(
		ASKED.map((each) => [each, asked.filter((one) => one === each).length]),
	) as Record<Asked, number>;
}
