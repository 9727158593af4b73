import { bucketName } from '../archive/bucketName.ts';
import { storageApi } from '../credentials.ts';
import { times, whole, type Measurement, type Row } from '../measurement.ts';
import { startFeed, type Feed } from '../polls/feed.ts';
import {
	measurePolls,
	type Contender,
	type PollCost,
	type PollCosts,
	type Span,
} from '../polls/measurePolls.ts';
import { startArchives, type ArchiveServer } from '../servers.ts';

const TIMES_RSS = 2.1;
const WORKFLOWS = setting('BENCH_WORKFLOWS', 10);
const EVERY_SECONDS = setting('BENCH_POLL_SECONDS', 10);
const ROUNDS = setting('BENCH_POLL_ROUNDS', 9);
/** One page of a listing, and ten. */
const SMALL = 100;
const LARGE = 10_000;

/** What a quiet poll costs in n8n itself. */
export const polls: Measurement = {
	name: 'polls',
	title: 'A quiet poll of the Agora Trigger in a real n8n',
	method: `User and system time of the n8n process, all its threads, for one poll that finds nothing new: n8n builds an isolate for each poll and each time it decrypts a credential, in other threads. n8n 2.41.1 runs with its defaults, where its polls are scheduled in memory (the workflow publication service is on, the durable scheduler off), on SQLite. ${WORKFLOWS} active workflows poll every ${EVERY_SECONDS} seconds, evenly spread; each contender in an n8n of its own, all of them in the same ${EVERY_SECONDS * ROUNDS} seconds. What one more n8n uses meanwhile, which has no active workflow, is subtracted. Polls are counted by their first requests. The peer is n8n’s RSS Feed Trigger, which needs no credential, on a feed of 20 items. The trigger on the large folder waits for Recording Started, so that its first poll need not list every file; later polls are the same for both events.`,
	async measure({ say }) {
		const feed = await startFeed();
		const archives: ArchiveServer[] = [];
		const agoraTrigger = async (sessions: number, event: string) => {
			// Each has its own, which counts the requests of no other.
			const server = await startArchives();
			archives.push(server);
			return agoraContender(server, sessions, event);
		};
		try {
			const contenders = [
				rssContender(feed),
				await agoraTrigger(SMALL, 'recordingCompleted'),
				await agoraTrigger(LARGE, 'recordingStarted'),
			];
			const span = { workflows: WORKFLOWS, everySeconds: EVERY_SECONDS, rounds: ROUNDS };
			return report(await measurePolls(contenders, span, say), span);
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

function agoraContender(archives: ArchiveServer, sessions: number, event: string): Contender {
	const bucket = bucketName('flat', sessions);
	return {
		name: `Agora Trigger, ${whole(sessions)} sessions`,
		node: {
			type: 'n8n-nodes-agora.agoraTrigger',
			typeVersion: 1,
			parameters: { event },
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

function report({ idleMs, costs }: PollCosts, { workflows, everySeconds, rounds }: Span) {
	const [rss, ...ours] = costs as [PollCost, ...PollCost[]];
	const perPoll = (ms: number) => `${ms.toFixed(0)} ms`;
	const row = ({ requestsPerPoll, processorMs }: PollCost): Row => {
		const ratio = processorMs / rss.processorMs;
		const requests = `${requestsPerPoll} ${requestsPerPoll === 1 ? 'request' : 'requests'}`;
		return {
			measured: `Processor time of a poll of ${requests}`,
			ours: perPoll(processorMs),
			peer: `RSS Feed Trigger: ${perPoll(rss.processorMs)}`,
			ratio: times(ratio),
			target: `at most ${TIMES_RSS}×`,
			met: ratio <= TIMES_RSS,
		};
	};
	const counted = costs
		.map((cost) => `${whole(cost.polls)} of ${whole(workflows * rounds)}`)
		.join(', ');
	return {
		rows: ours.map(row),
		notes: [
			`Polls counted: ${counted}. n8n without active workflows uses ${idleMs.toFixed(1)} ms of processor time a second; ${workflows} workflows that poll every ${everySeconds} seconds make ${((workflows / everySeconds) * 60).toFixed(0)} polls a minute.`,
		],
	};
}

/** Other numbers are for trying things out: `BENCH_WORKFLOWS=100 BENCH_POLL_SECONDS=60 npm run bench -- polls`. */
function setting(name: string, standard: number): number {
	return Number(process.env[name] ?? standard);
}
