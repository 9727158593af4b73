import type { Counts } from '../archive/server.ts';
import { bucketName } from '../archive/bucketName.ts';
import { storageApi } from '../credentials.ts';
import { inProcess, times, tryNode, whole, type Bench, type Measurement } from '../measurement.ts';
import { listFiles, S3 } from '../nodes.ts';
import type { PollJob, PollReport } from '../pollRun.ts';

const STEADY_POLLS = 3;
const MOST_FLAT = 12;
const MOST_DATED = 3;

/** What a poll costs when nothing is new. */
export const triggerPolls: Measurement = {
	name: 'triggerPolls',
	title: 'A poll of the Agora Trigger that finds nothing new',
	method: `Everything in the archive was complete hours ago. The first poll takes it as known; figures are the most that any of the next ${STEADY_POLLS} asked (of the next one alone, where it took more than ten seconds). The poll may use a minute. The peer is n8n’s S3 node, File · Get Many with Return All, which is what a workflow without the trigger would do at each interval; it is run once, its requests cannot vary.`,
	async measure(bench) {
		const flat = bucketName('flat', 10_000);
		const ours = await steadyPoll(bench, flat);
		bench.say(`n8n’s S3 node lists ${flat}`);
		const peer = await tryNode<Counts>(listFiles(S3, bench.archives, flat));
		const ended = peer.error ?? String(peer.json[0]?.error ?? `${whole(peer.items)} items`);
		const sizes = [1_000, 10_000, 100_000];
		const dated: PollReport[] = [];
		for (const sessions of sizes) {
			dated.push(await steadyPoll(bench, bucketName('dated', sessions)));
		}
		const lists = dated.map(({ asked }) => asked.lists);
		return {
			rows: [
				{
					measured: 'LIST requests, 10,000 sessions of 240 files in one folder',
					ours: whole(ours.asked.lists),
					peer: `S3: ${whole(peer.asked.lists)}`,
					ratio: times(ours.asked.lists / peer.asked.lists),
					target: `at most ${MOST_FLAT}`,
					met: ours.asked.lists <= MOST_FLAT,
				},
				{
					measured: `LIST requests, folders by day, ${sizes.map(whole).join(' / ')} sessions`,
					ours: lists.map(whole).join(' / '),
					peer: '–',
					ratio: '–',
					target: `at most ${MOST_DATED}, and not more the more there are`,
					met: lists.every((count) => count <= MOST_DATED) && lists[1] === lists[2],
				},
			],
			notes: [
				'A thousand names fit on one page of a listing, so the smallest of the three archives needs no second one. What Start notes of its sessions is one name more, not counted here.',
				`All requests of such a poll, in one folder: ${allOf(ours)}; by day: ${dated.map(allOf).join(' / ')}.`,
				`After ${whole(peer.asked.lists)} requests (${(peer.ms / 1000).toFixed(0)} s) the S3 node ended so: ${ended}.`,
			],
		};
	},
};

const allOf = ({ asked }: PollReport) => whole(asked.lists + asked.gets);

/** @returns the poll that asked most, of those after the first */
async function steadyPoll({ archives, say }: Bench, bucket: string): Promise<PollReport> {
	say(`polls of ${bucket}`);
	const credentials = { agoraStorageApi: { default: storageApi(archives, bucket) } };
	const [, ...steady] = await inProcess<PollJob, PollReport[]>('pollRun.ts', {
		credentials,
		steadyPolls: STEADY_POLLS,
		server: archives.origin,
	});
	const news = steady.reduce((sum, { items }) => sum + items, 0);
	if (news > 0) throw new Error(`the trigger found ${news} new recordings where there are none`);
	return steady.reduce((most, poll) => (poll.asked.lists > most.asked.lists ? poll : most));
}
