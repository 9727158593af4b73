import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionEntry } from '../../../sandbox/control.ts';
import type { RunResult } from '../../integration/engine.ts';
import type { SandboxedEngine } from '../../integration/sandboxedEngine.ts';
import { agoraWith, storageWith } from '../faults/setup.ts';
import { startRelay, type InjectedFault, type Relay, type RelayedRequest } from '../relay.ts';
import { isKind } from '../requests.ts';
import {
	injectedFault,
	START_REQUESTS,
	type Execution,
	type PlannedFault,
	type Schedule,
	type StartRequest,
} from './schedule.ts';

/** What an execution returned, and what the sandbox recorded because of it. */
export interface Outcome {
	execution: Execution;
	result: RunResult;
	/** The sessions that its requests started, with the index of their item. */
	sessions: Array<{ item: number; session: SessionEntry }>;
	/** The planned faults that were injected. */
	injected: PlannedFault[];
	/** Starts that were sent a while after the execution was canceled. */
	lateStarts: number;
}

export interface CaseOutcome {
	outcomes: Outcome[];
	/** Sessions in the case's channels that none of its executions started. */
	strangers: SessionEntry[];
}

/** For requests still on their way when an execution ends: a canceled one does not wait for responses. */
const SETTLE_MS = 300;
/** How long after the cancellation a request may still arrive that was sent before it. */
const LATE_MS = 1000;
/** The channels are empty, and no session may end before it was looked at. */
const MAX_IDLE_SECONDS = 3600;
const FIRST_UID = 527_841;

let cases = 0;

/** Runs a schedule in n8n's engine, in channels that no other case uses. */
export async function runSchedule(
	sandboxed: SandboxedEngine,
	{ executions, hasOwnUids }: Schedule,
): Promise<CaseOutcome> {
	const { control } = sandboxed.sandbox;
	const number = cases++;
	const most = Math.max(...executions.map(({ items }) => items));
	const channels = Array.from({ length: most }, (_, item) => `case-${number}-item-${item + 1}`);
	for (const cname of channels) control.setChannel(cname, { uids: [], seconds: null });
	const runs = await Promise.all(
		executions.map(async (execution, index) => {
			return await runExecution(sandboxed, execution, `${number}-${index}`, hasOwnUids, channels);
		}),
	);
	await sleep(SETTLE_MS);
	const sessions = control.sessions().filter(({ cname }) => channels.includes(cname));
	const outcomes = runs.map(({ relays, plan, execution, result }): Outcome => {
		const { requests } = relays[0]!;
		const resourceIds = requests.map(resourceIdOf);
		const { injected, canceledAt } = plan;
		return {
			execution,
			result,
			injected,
			sessions: sessions
				.filter(({ resourceId }) => resourceIds.includes(resourceId))
				.map((session) => ({ item: channels.indexOf(session.cname), session })),
			lateStarts: requests.filter(
				(each) => isKind('start', each) && each.at > (canceledAt ?? Infinity) + LATE_MS,
			).length,
		};
	});
	await Promise.all(runs.flatMap(({ relays }) => relays.map((relay) => relay.close())));
	for (const { sid, live } of sessions) if (live) await control.crash(sid);
	const known = outcomes.flatMap((each) => each.sessions.map(({ session }) => session));
	return { outcomes, strangers: sessions.filter((session) => !known.includes(session)) };
}

interface Run {
	execution: Execution;
	result: RunResult;
	plan: Plan;
	/** In front of Agora and of the bucket. */
	relays: [Relay, Relay];
}

async function runExecution(
	sandboxed: SandboxedEngine,
	execution: Execution,
	name: string,
	hasOwnUids: boolean,
	channels: string[],
): Promise<Run> {
	const { sandbox, engine, credentials } = sandboxed;
	const plan = new Plan(execution);
	const agora = await startRelay(sandbox.agora, (request) => plan.next(request));
	const bucket = await startRelay(sandbox.s3, (request) => plan.next(request));
	credentials.agoraApi![name] = agoraWith(sandboxed, agora.origin);
	credentials.agoraStorageApi![name] = storageWith(sandboxed, bucket.origin, 'class');
	const { hasWrongToken, saveSessionRecord, ...toggles } = execution.options;
	const parameters = {
		resource: 'recording',
		operation: 'start',
		cname: '={{ $json.channel }}',
		...(hasOwnUids && { uidMode: 'specify', uid: '={{ $json.uid }}' }),
		...toggles,
		options: {
			saveSessionRecord,
			maxIdleTime: MAX_IDLE_SECONDS,
			...(hasWrongToken && { token: 'not a token' }),
		},
	};
	const { items, onError, retryOnFail, cancel } = execution;
	let timer: NodeJS.Timeout | undefined;
	const result = await engine.run(parameters, {
		items: channels
			.slice(0, items)
			.map((channel, index) => ({ channel, uid: String(FIRST_UID + index) })),
		credentials: { agoraApi: name, agoraStorageApi: name },
		settings: { onError, retryOnFail, maxTries: 2, waitBetweenTries: 1 },
		onStart: (cancelExecution) => {
			plan.cancelExecution = cancelExecution;
			if (cancel !== null && 'afterMs' in cancel)
				timer = setTimeout(() => plan.cancel(), cancel.afterMs);
		},
	});
	clearTimeout(timer);
	delete credentials.agoraApi![name];
	delete credentials.agoraStorageApi![name];
	return { execution, result, plan, relays: [agora, bucket] };
}

/** Carries out what is planned for an execution, request by request. */
class Plan {
	cancelExecution = () => {};
	canceledAt: number | null = null;
	readonly injected: PlannedFault[] = [];
	readonly #execution: Execution;
	readonly #counts = new Map<StartRequest, number>();

	constructor(execution: Execution) {
		this.#execution = execution;
	}

	/** @returns the fault of the request that has just arrived */
	next(request: RelayedRequest): InjectedFault | null {
		const kind = START_REQUESTS.find((each) => isKind(each, request));
		if (kind === undefined) return null;
		const index = this.#counts.get(kind) ?? 0;
		this.#counts.set(kind, index + 1);
		const { faults, cancel } = this.#execution;
		if (cancel !== null && 'nth' in cancel && cancel.request === kind && cancel.nth === index + 1) {
			const { when } = cancel;
			if (when === 'after') return { response: (response) => (this.cancel(), response), when };
			this.cancel();
		}
		const planned = faults[kind][index] ?? null;
		if (planned === null) return null;
		this.injected.push(planned);
		return injectedFault(kind, planned);
	}

	cancel(): void {
		this.canceledAt = Date.now();
		this.cancelExecution();
	}
}

/** @returns the resource ID in the path of a start, null in any other request */
function resourceIdOf({ path }: RelayedRequest): string | null {
	const [, resourceId] = /\/resourceid\/([^/]+)\/mode\/[^/]+\/start$/.exec(path) ?? [];
	return resourceId === undefined ? null : decodeURIComponent(resourceId);
}
