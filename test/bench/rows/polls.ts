import { bucketName, PREFIX } from '../archive.ts';
import { times, whole, type Measurement, type Row } from '../measurement.ts';
import { startFeed, type Feed } from '../polls/feed.ts';
import {
	measurePolls,
	type Contender,
	type PollCost,
	type PollCosts,
	type Span,
} from '../polls/measurePolls.ts';
import type { PollingNode } from '../polls/pollingN8n.ts';
import { storageApi } from '../nodes.ts';
import { startArchives, type ArchiveServer } from '../servers.ts';

const MAX_TIMES_RSS = 2.1;
const MAX_TIMES_BARE = 1.1;
/** With a smaller share of the scheduled polls, n8n was too busy. */
const MIN_SHARE = 0.9;
const LOADS: Span[] = [
	{ workflows: 10, everySeconds: 10, rounds: 9 },
	{ workflows: 100, everySeconds: 60, rounds: 3 },
];
/** Sessions in the bucket: one page of a listing, and ten pages. */
const SMALL = 100;
const LARGE = 10_000;

/** The processor time of a poll in an n8n server. */
export const polls: Measurement = {
	name: 'polls',
	title: 'Agora Trigger, a poll that finds nothing new in an n8n server',
	method: `User and system time of the n8n process, all its threads, for one poll that finds nothing new. n8n builds an isolate for each poll and each time it decrypts a credential, in other threads, which measurements in n8n's engine alone do not include. n8n runs with its default settings on SQLite: polls are scheduled in memory (the workflow publication service is on, the durable scheduler off). Active workflows poll at regular intervals, spread evenly: ${LOADS.map(inWords).join(', then ')}. Each contender has a separate n8n, and all are measured at the same time. What another n8n without active workflows uses in that time is subtracted. Polls are counted at the servers, by their first requests. The peer is n8n's RSS Feed Trigger, which needs no credential, on a feed of 20 items. Ten requests have a second peer: a node of this benchmark that sends the same requests with n8n's HTTP client and the same credential, and ignores the responses. It shows the least that they cost in n8n. The trigger on the large folder has the event Recording Started, so that its first poll does not list all files; later polls are the same for both events.`,
	async measure({ log }) {
		const feed = await startFeed();
		const archives: ArchiveServer[] = [];
		// Separate servers, so that each counts the requests of one contender only.
		const onBucket = async (
			sessions: number,
			type: string,
			parameters: PollingNode['parameters'],
		) => {
			const server = await startArchives();
			archives.push(server);
			return bucketContender(server, sessions, { type, parameters });
		};
		const agoraTrigger = async (sessions: number, event: string) =>
			await onBucket(sessions, 'n8n-nodes-agora.agoraTrigger', { event });
		try {
			const contenders = [
				rssContender(feed),
				await agoraTrigger(SMALL, 'recordingCompleted'),
				await agoraTrigger(LARGE, 'recordingStarted'),
				await onBucket(LARGE, 'CUSTOM.bareListing', { prefix: PREFIX }),
			];
			const reports = [];
			for (const load of LOADS) {
				reports.push(report(await measurePolls(contenders, load, log), load));
			}
			return {
				rows: reports.flatMap(({ rows }) => rows),
				notes: reports.flatMap(({ notes }) => notes),
			};
		} finally {
			await Promise.all([feed.stop(), ...archives.map(async (server) => await server.stop())]);
		}
	},
};

function rssContender(feed: Feed): Contender {
	return {
		name: 'RSS Feed Trigger',
		node: {
			type: 'n8n-nodes-base.rssFeedReadTrigger',
			typeVersion: 1,
			parameters: { feedUrl: feed.url },
		},
		async takeRequests() {
			const all = feed.takeCount();
			return { all, first: all };
		},
	};
}

function bucketContender(
	archives: ArchiveServer,
	sessions: number,
	node: Pick<PollingNode, 'type' | 'parameters'>,
): Contender {
	const bucket = bucketName('sessions', sessions);
	return {
		name: `${node.type}, ${whole(sessions)} sessions`,
		node: {
			...node,
			typeVersion: 1,
			credential: {
				name: bucket,
				type: 'agoraStorageApi',
				data: storageApi(archives, bucket),
			},
		},
		async takeRequests() {
			const { lists, gets, firstPages } = await archives.counts();
			await archives.reset();
			return { all: lists + gets, first: firstPages };
		},
	};
}

function inWords({ workflows, everySeconds, rounds }: Span): string {
	return `${workflows} every ${everySeconds} seconds, for ${everySeconds * rounds} seconds`;
}

function report({ idleMs, costs }: PollCosts, { workflows, everySeconds, rounds }: Span) {
	const [rss, small, large, bare] = costs as [PollCost, PollCost, PollCost, PollCost];
	const perPoll = (ms: number) => `${ms.toFixed(0)} ms`;
	const row = (ours: PollCost, name: string, peer: PollCost, target: number): Row => {
		const ratio = ours.processorMs / peer.processorMs;
		const requests = `${ours.requestsPerPoll} ${ours.requestsPerPoll === 1 ? 'request' : 'requests'}`;
		return {
			measured: `${workflows} workflows, a poll of ${requests}`,
			ours: perPoll(ours.processorMs),
			peer: `${name}: ${perPoll(peer.processorMs)}`,
			ratio: times(ratio),
			target: `at most ${target}×`,
			met: ratio <= target,
		};
	};
	const scheduled = workflows * rounds;
	const late = costs.some((cost) => cost.polls < scheduled * MIN_SHARE);
	const counted = costs.map((cost) => `${whole(cost.polls)} of ${whole(scheduled)}`).join(', ');
	return {
		rows: [
			row(small, 'RSS Feed Trigger', rss, MAX_TIMES_RSS),
			row(large, 'RSS Feed Trigger', rss, MAX_TIMES_RSS),
			row(large, 'the requests alone', bare, MAX_TIMES_BARE),
		],
		notes: [
			`Polls counted with ${workflows} workflows, ${((workflows / everySeconds) * 60).toFixed(0)} a minute: ${counted}. n8n without active workflows uses ${idleMs.toFixed(1)} ms of processor time a second.`,
			...(late
				? [
						'**N8N DID NOT KEEP UP**: polls were skipped because the one before was under way, and a skipped poll also builds an isolate. Figures with fewer polls than scheduled are too high.',
					]
				: []),
		],
	};
}
