import { createHash } from 'node:crypto';
import type { AgoraCounts } from '../agora/server.ts';
import { agoraApi } from '../credentials.ts';
import type { EngineJob, EngineReport } from '../engineRun.ts';
import { inTurns, median, runNode, times, whole, type Measurement } from '../measurement.ts';
import { AGORA, HTTP_REQUEST } from '../nodes.ts';
import type { AgoraServer } from '../servers.ts';

const ITEMS = 1000;
const WARM_UP_ITEMS = 300;
/** What Agora lets one App ID ask at once: nobody waits for its turn, and both nodes have as many under way. */
const ITEMS_AT_ONCE = 10;

/** What the node's own code costs. */
export const itemCpu: Measurement = {
	name: 'itemCpu',
	title: `Recording · Get by ID without a bucket, ${whole(ITEMS)} items: one query to Agora each`,
	method: `User and system time of the process, n8n’s engine included, after ${WARM_UP_ITEMS} items of the same kind. Each execution has ${ITEMS_AT_ONCE} items and an App ID of its own: that is what Agora lets an App ID ask at once, so no time goes by in waiting, and both nodes have as many requests under way. The peer is n8n’s HTTP Request node with the same credential and the same request.`,
	async measure(bench) {
		const { agora } = bench;
		const runs = await inTurns<'ours' | 'http', EngineReport<AgoraCounts>>(bench, {
			ours: async () => await runNode(ours(agora)),
			http: async () => await runNode(httpRequest(agora)),
		});
		for (const { items, asked } of [...runs.ours, ...runs.http]) {
			if (items !== ITEMS || asked.calls !== ITEMS || asked.refused > 0)
				throw new Error(`${items} items, ${asked.calls} calls, ${asked.refused} refused`);
		}
		const perItem = (reports: EngineReport[], field: 'cpuMs' | 'ms') =>
			median(reports.map((report) => report[field])) / ITEMS;
		const ratio = perItem(runs.ours, 'cpuMs') / perItem(runs.http, 'cpuMs');
		const milliseconds = (value: number) => `${value.toFixed(2)} ms`;
		return {
			rows: [
				{
					measured: 'Processor time for an item',
					ours: milliseconds(perItem(runs.ours, 'cpuMs')),
					peer: `HTTP Request: ${milliseconds(perItem(runs.http, 'cpuMs'))}`,
					ratio: times(ratio),
					target: 'at most 1.00×',
					met: ratio <= 1,
				},
			],
			notes: [
				'Not part of this run: with both rate limits taken out and 1,000 items in one execution, ours took 1.25 to 1.40 times as much when it was last tried. It keeps ten requests under way; the HTTP Request node sends all 1,000 at once, which Agora would refuse.',
				`Time of the run by item: ours ${milliseconds(perItem(runs.ours, 'ms'))}, HTTP Request ${milliseconds(perItem(runs.http, 'ms'))}.`,
			],
		};
	},
};

const items = (count: number) =>
	Array.from({ length: count }, (_, n) => ({
		appId: `app${count}-${Math.floor(n / ITEMS_AT_ONCE)}`,
		sid: createHash('md5').update(`${count} ${n}`).digest('hex'),
		resourceId: createHash('sha512').update(`${count} ${n}`).digest('base64url'),
	}));

function ours(agora: AgoraServer): EngineJob {
	const parameters = {
		resource: 'recording',
		operation: 'get',
		recordingId: { __rl: true, mode: 'id', value: '={{ $json.sid }}' },
		options: { resourceId: '={{ $json.resourceId }}', cname: 'class', uid: '527841', mode: 'mix' },
	};
	return { node: AGORA, ...withItems(agora, parameters) };
}

function httpRequest(agora: AgoraServer): EngineJob {
	const parameters = {
		url: `=${agora.origin}/v1/apps/{{ $json.appId }}/cloud_recording/resourceid/{{ $json.resourceId }}/sid/{{ $json.sid }}/mode/mix/query`,
		authentication: 'predefinedCredentialType',
		nodeCredentialType: 'agoraApi',
		options: {},
	};
	return { node: HTTP_REQUEST, ...withItems(agora, parameters) };
}

function withItems(agora: AgoraServer, parameters: EngineJob['run']['parameters']) {
	return {
		credentials: { agoraApi: { default: agoraApi(agora, 'app') } },
		warmUp: { parameters, items: items(WARM_UP_ITEMS) },
		run: { parameters, items: items(ITEMS) },
		server: agora.origin,
		itemsAtOnce: ITEMS_AT_ONCE,
	};
}
