import type { IDataObject } from 'n8n-workflow';
import type { CallCounts } from '../agoraServer.ts';
import type { EngineJob, EngineReport, NodeRun } from '../engineRun.ts';
import {
	median,
	RUNS,
	seconds,
	times,
	tryNode,
	whole,
	type Bench,
	type Measurement,
} from '../measurement.ts';
import { AGORA, agoraApi, HTTP_REQUEST, storageApi, TINY } from '../nodes.ts';

const STARTS = 100;
const CALLS = 2 * STARTS;
/** Agora's rate limit: ten calls at once, then ten a second. */
const BURST = 10;
const PER_SECOND = 10;
const MIN_MS = ((CALLS - BURST) / PER_SECOND) * 1000;
const MAX_RATIO = 1.05;
/** Each run has a new App ID, with no calls used. */
let appIds = 0;

interface Starts {
	ms: number;
	failed: number;
	/** Calls over the rate limit. */
	refused: number;
}

/** Many starts within Agora's rate limit. */
export const starts: Measurement = {
	name: 'starts',
	title: `Recording: Start, ${STARTS} items`,
	method: `${CALLS} calls to one App ID, which is limited to ${PER_SECOND} a second after a burst of ${BURST}, need at least ${MIN_MS / 1000} s. The peers are two HTTP Request nodes in sequence, acquire and start: without batching, and with batches of one item every 100 ms, so that no call fails. Their times are added.`,
	async measure(bench) {
		const runs: Record<'ours' | 'unbatched' | 'batched', Starts[]> = {
			ours: [],
			unbatched: [],
			batched: [],
		};
		for (let run = 1; run <= RUNS; run++) {
			bench.log(`run ${run} of ${RUNS}: ours`);
			runs.ours.push(await ourStarts(bench));
			bench.log(`run ${run} of ${RUNS}: HTTP Request without batching`);
			runs.unbatched.push(await requests(bench, {}));
			bench.log(`run ${run} of ${RUNS}: HTTP Request in batches`);
			const batch = { batchSize: 1, batchInterval: 1000 / PER_SECOND };
			runs.batched.push(await requests(bench, { batching: { batch } }));
		}
		const time = (all: Starts[]) => median(all.map(({ ms }) => ms));
		const maximum = (all: Starts[], field: 'failed' | 'refused') =>
			Math.max(...all.map((each) => each[field]));
		const ratio = time(runs.ours) / MIN_MS;
		return {
			rows: [
				{
					measured: `Time, compared with the minimum of ${MIN_MS / 1000} s`,
					ours: seconds(time(runs.ours)),
					peer: `HTTP Request in batches: ${seconds(time(runs.batched))}; without batching: ${seconds(time(runs.unbatched))}`,
					ratio: times(ratio),
					target: `at most ${MAX_RATIO}×`,
					met: ratio <= MAX_RATIO,
				},
				{
					measured: `Failed starts, of ${STARTS} (maximum of ${RUNS} runs)`,
					ours: whole(maximum(runs.ours, 'failed')),
					peer: `HTTP Request in batches: ${maximum(runs.batched, 'failed')}; without batching: ${maximum(runs.unbatched, 'failed')}`,
					target: 'none',
					met: maximum(runs.ours, 'failed') === 0,
				},
			],
			notes: [
				`Calls refused with 429: this package ${maximum(runs.ours, 'refused')}; HTTP Request in batches ${maximum(runs.batched, 'refused')}, without batching ${maximum(runs.unbatched, 'refused')}.`,
			],
		};
	},
};

const channels = (count: number) =>
	Array.from({ length: count }, (_, n) => ({ channel: `class-${n}`, uid: String(100_000 + n) }));

async function ourStarts({ agora, archives }: Bench): Promise<Starts> {
	const parameters = { resource: 'recording', operation: 'start', cname: '={{ $json.channel }}' };
	const report = await tryNode<CallCounts>({
		node: AGORA,
		credentials: {
			agoraApi: {
				default: agoraApi(agora, `starts${appIds++}`),
				warmUp: agoraApi(agora, 'warmUp'),
			},
			agoraStorageApi: { default: storageApi(archives, TINY) },
		},
		warmUp: { parameters, items: channels(1) },
		run: { parameters, items: channels(STARTS) },
		server: agora.origin,
	});
	return { ms: report.ms, failed: failed(report), refused: report.counts.refused };
}

/** Both calls with HTTP Request, the second one for the items whose first call succeeded. */
async function requests({ agora }: Bench, options: IDataObject): Promise<Starts> {
	const appId = `starts${appIds++}`;
	const recording = (app: string) => `${agora.origin}/v1/apps/${app}/cloud_recording`;
	const job = (url: (app: string) => string, clientRequest: string, items: IDataObject[]) => {
		const run = (app: string, runItems: IDataObject[]): NodeRun => ({
			parameters: {
				method: 'POST',
				url: url(app),
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'agoraApi',
				sendBody: true,
				specifyBody: 'json',
				jsonBody: `={{ JSON.stringify({ cname: $json.cname, uid: $json.uid, clientRequest: ${clientRequest} }) }}`,
				options,
			},
			items: runItems,
		});
		return {
			node: HTTP_REQUEST,
			credentials: { agoraApi: { default: agoraApi(agora, '') } },
			warmUp: run('warmUp', items.slice(0, 1)),
			run: run(appId, items),
			server: agora.origin,
		} satisfies EngineJob;
	};
	const items = channels(STARTS).map(({ channel, uid }) => ({ cname: channel, uid }));
	const acquired = await tryNode<CallCounts>(
		job((app) => `${recording(app)}/acquire`, '{}', items),
	);
	const reserved = acquired.json.filter(({ resourceId }) => resourceId !== undefined);
	const start = (app: string) =>
		`=${recording(app)}/resourceid/{{ $json.resourceId }}/mode/mix/start`;
	const storage = '{ recordingConfig: {}, storageConfig: { vendor: 11, region: 0, bucket: "b" } }';
	const started = await tryNode<CallCounts>(job(start, storage, reserved));
	return {
		ms: acquired.ms + started.ms,
		failed: STARTS - (reserved.length - failed(started)),
		refused: acquired.counts.refused + started.counts.refused,
	};
}

function failed(report: EngineReport): number {
	if (report.error !== null) throw new Error(report.error);
	return report.json.filter(({ sid }) => typeof sid !== 'string').length;
}
