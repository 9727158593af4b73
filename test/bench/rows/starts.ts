import type { IDataObject } from 'n8n-workflow';
import type { AgoraCounts } from '../agora/server.ts';
import { agoraApi, storageApi } from '../credentials.ts';
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
import { AGORA, HTTP_REQUEST, TINY } from '../nodes.ts';

const STARTS = 100;
const CALLS = 2 * STARTS;
/** Agora lets ten calls through at once, then ten a second. */
const BURST = 10;
const PER_SECOND = 10;
const LEAST_MS = ((CALLS - BURST) / PER_SECOND) * 1000;
const MOST_TIMES = 1.05;
/** A new one for each run: nobody has used up its calls. */
let appIds = 0;

interface Starts {
	ms: number;
	failed: number;
	/** Calls that were refused for their rate. */
	refused: number;
}

/** Many starts under Agora's limit. */
export const starts: Measurement = {
	name: 'starts',
	title: `Recording · Start for ${STARTS} items`,
	method: `${CALLS} calls to one App ID that may make ${PER_SECOND} a second after a burst of ${BURST}: ${LEAST_MS / 1000} s at the least. The peers are two HTTP Request nodes one after the other, acquire and start: as they come, and with batches of one item each 100 ms, so that none fails; their times are added.`,
	async measure(bench) {
		const runs: Record<'ours' | 'plain' | 'batched', Starts[]> = {
			ours: [],
			plain: [],
			batched: [],
		};
		for (let run = 1; run <= RUNS; run++) {
			bench.say(`run ${run} of ${RUNS}: ours`);
			runs.ours.push(await ourStarts(bench));
			bench.say(`run ${run} of ${RUNS}: HTTP Request as it comes`);
			runs.plain.push(await requests(bench, {}));
			bench.say(`run ${run} of ${RUNS}: HTTP Request in batches`);
			const batch = { batchSize: 1, batchInterval: 1000 / PER_SECOND };
			runs.batched.push(await requests(bench, { batching: { batch } }));
		}
		const time = (all: Starts[]) => median(all.map(({ ms }) => ms));
		const most = (all: Starts[], field: 'failed' | 'refused') =>
			Math.max(...all.map((each) => each[field]));
		const slower = time(runs.ours) / LEAST_MS;
		return {
			rows: [
				{
					measured: `Time over the least possible, ${LEAST_MS / 1000} s`,
					ours: seconds(time(runs.ours)),
					peer: `HTTP Request in batches: ${seconds(time(runs.batched))}; as it comes: ${seconds(time(runs.plain))}`,
					ratio: times(slower),
					target: `at most ${MOST_TIMES}×`,
					met: slower <= MOST_TIMES,
				},
				{
					measured: `Starts that failed, of ${STARTS} (the most of ${RUNS} runs)`,
					ours: whole(most(runs.ours, 'failed')),
					peer: `HTTP Request in batches: ${most(runs.batched, 'failed')}; as it comes: ${most(runs.plain, 'failed')}`,
					ratio: '–',
					target: 'none',
					met: most(runs.ours, 'failed') === 0,
				},
			],
			notes: [
				`Calls refused with 429: ours ${most(runs.ours, 'refused')}; HTTP Request in batches ${most(runs.batched, 'refused')}, as it comes ${most(runs.plain, 'refused')}.`,
			],
		};
	},
};

const channels = (count: number) =>
	Array.from({ length: count }, (_, n) => ({ channel: `class-${n}`, uid: String(100_000 + n) }));

async function ourStarts({ agora, archives }: Bench): Promise<Starts> {
	const parameters = { resource: 'recording', operation: 'start', cname: '={{ $json.channel }}' };
	const report = await tryNode<AgoraCounts>({
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
	return { ms: report.ms, failed: failed(report), refused: report.asked.refused };
}

/** Both calls by HTTP Request, the second for those for which the first succeeded. */
async function requests({ agora }: Bench, options: IDataObject): Promise<Starts> {
	const appId = `starts${appIds++}`;
	const recording = (app: string) => `${agora.origin}/v1/apps/${app}/cloud_recording`;
	const job = (url: (app: string) => string, clientRequest: string, items: IDataObject[]) => {
		const run = (app: string, given: IDataObject[]): NodeRun => ({
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
			items: given,
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
	const acquired = await tryNode<AgoraCounts>(
		job((app) => `${recording(app)}/acquire`, '{}', items),
	);
	const reserved = acquired.json.filter(({ resourceId }) => resourceId !== undefined);
	const start = (app: string) =>
		`=${recording(app)}/resourceid/{{ $json.resourceId }}/mode/mix/start`;
	const storage = '{ recordingConfig: {}, storageConfig: { vendor: 11, region: 0, bucket: "b" } }';
	const started = await tryNode<AgoraCounts>(job(start, storage, reserved));
	return {
		ms: acquired.ms + started.ms,
		failed: STARTS - (reserved.length - failed(started)),
		refused: acquired.asked.refused + started.asked.refused,
	};
}

function failed(report: EngineReport): number {
	if (report.error !== null) throw new Error(report.error);
	return report.json.filter(({ sid }) => typeof sid !== 'string').length;
}
