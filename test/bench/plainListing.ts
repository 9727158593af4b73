/** How fast a client that does nothing else gets a listing. */
import { request } from 'undici';
import { answerJob } from '../integration/childProcess.ts';
import { PREFIX } from './archive/archive.ts';

export interface SpeedJob {
	origin: string;
	bucket: string;
}

export interface ListingSpeed {
	objectsPerSecond: number;
}

const PAGE = 1000;

async function run({ origin, bucket }: SpeedJob): Promise<ListingSpeed> {
	const list = async (most: number) => {
		let token: string | undefined = '';
		let pages = 0;
		for (; token !== undefined && pages < most; pages++) {
			const query: string = token === '' ? '' : `&continuation-token=${token}`;
			const { body } = await request(`${origin}/${bucket}?list-type=2&prefix=${PREFIX}${query}`);
			token = /<NextContinuationToken>([^<]+)/.exec(await body.text())?.[1];
		}
		return pages;
	};
	await list(100);
	const started = performance.now();
	const pages = await list(Infinity);
	return { objectsPerSecond: (pages * PAGE) / ((performance.now() - started) / 1000) };
}

answerJob(import.meta.filename, run);
