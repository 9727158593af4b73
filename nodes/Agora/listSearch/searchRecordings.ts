import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { toNodeError } from '../http/nodeError';
import { findRecordings } from '../recordings/catalogue';
import { openBucket } from '../storage/bucket';

const SHOWN = 50;

/** Fills the list of recordings: the newest of the bucket, those whose channel or ID contains the filter. */
export async function searchRecordings(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	try {
		const bucket = await openBucket(this);
		const recordings = await findRecordings(
			bucket,
			{ folder: bucket.prefix, search: filter, limit: SHOWN },
			{ includeSegments: false, linkSeconds: 1 },
		);
		return {
			results: recordings.map(({ cname, sid, started_at, status }) => ({
				name: `${cname} · ${started_at?.slice(0, 16).replace('T', ' ')} UTC · ${status}`,
				value: sid,
			})),
		};
	} catch (error) {
		throw toNodeError(this.getNode(), error);
	}
}
