import type { ReaderSpeeds } from '../listingReaders.ts';
import { inProcess, times, whole, type Measurement } from '../measurement.ts';

const TIMES_FASTER = 10;

/** Reading the XML of listings. */
export const listingReader: Measurement = {
	name: 'listingReader',
	title: 'Reading a page of a listing',
	method:
		'Pages of 1,000 objects that lie in memory, in one process and in turns: ours, and xml2js with the options of n8n’s S3 node.',
	async measure({ say }) {
		say('both readers in turns');
		const { ours, xml2js } = await inProcess<object, ReaderSpeeds>('listingReaders.ts', {});
		const faster = ours / xml2js;
		return {
			rows: [
				{
					measured: 'Objects a second',
					ours: whole(ours),
					peer: `xml2js: ${whole(xml2js)}`,
					ratio: times(faster),
					target: `at least ${TIMES_FASTER}×`,
					met: faster >= TIMES_FASTER,
				},
			],
		};
	},
};
