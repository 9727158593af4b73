import { Archive } from '../archive/archive.ts';
import { bucketName, shapeOf } from '../archive/bucketName.ts';
import type { Counts } from '../archive/server.ts';
import { storageApi } from '../credentials.ts';
import { runNode, whole, type Bench, type Measurement, type Row } from '../measurement.ts';
import { AGORA, TINY } from '../nodes.ts';

const SIZES = [1_000, 10_000, 100_000];
const MOST_LISTS = 2;

/** What it costs to find one recording by its ID. */
export const getBySid: Measurement = {
	name: 'getBySid',
	title: 'Recording · Get by ID',
	method:
		'The requests of one run. In the folders by day it is a recording of an old day, a tenth of the way from the oldest, that Start began, and so noted where it is; n8n has not seen the archive before. Beside the listings, the playlist, the session record and that note are read.',
	async measure(bench) {
		return {
			rows: [
				await row(bench, 'flat', 'one folder'),
				await row(bench, 'dated', 'folders by day, an old day'),
			],
		};
	},
};

async function row(bench: Bench, layout: 'flat' | 'dated', words: string): Promise<Row> {
	const asked: Counts[] = [];
	for (const sessions of SIZES) asked.push(await get(bench, bucketName(layout, sessions)));
	const lists = asked.map((counts) => counts.lists);
	const all = asked.map((counts) => counts.lists + counts.gets);
	return {
		measured: `LIST requests (all requests), ${words}, ${SIZES.map(whole).join(' / ')} sessions`,
		ours: lists.map((count, i) => `${whole(count)} (${whole(all[i]!)})`).join(' / '),
		peer: '–',
		ratio: '–',
		target: `at most ${MOST_LISTS} LIST`,
		met: lists.every((count) => count <= MOST_LISTS),
	};
}

async function get({ archives, say }: Bench, bucket: string): Promise<Counts> {
	say(`Get from ${bucket}`);
	const sid = sidIn(bucket, 0.1);
	const parameters = (value: string) => ({
		resource: 'recording',
		operation: 'get',
		recordingId: { __rl: true, mode: 'id', value },
	});
	const { json, asked } = await runNode<Counts>({
		node: AGORA,
		credentials: {
			agoraStorageApi: {
				default: storageApi(archives, bucket),
				warmUp: storageApi(archives, TINY),
			},
		},
		warmUp: { parameters: parameters(sidIn(TINY, 0)) },
		run: { parameters: parameters(sid) },
		server: archives.origin,
	});
	if (json[0]?.sid !== sid || json[0].status !== 'completed' || json[0].segment_count !== 237)
		throw new Error(`Get from ${bucket} gave ${JSON.stringify(json[0])}`);
	return asked;
}

function sidIn(bucket: string, share: number): string {
	const shape = shapeOf(bucket);
	return new Archive(shape, Date.now()).sidOf(Math.floor(shape.sessions * share));
}
