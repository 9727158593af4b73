import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { toNodeError } from '../http/errors';
import { findRecordings } from '../recordings/find';
import type { Recording } from '../recordings/recording';
import type { RecordingStatus } from '../recordings/status';
import { openBucket } from '../storage/bucket';

const SHOWN = 50;

const STATES: RecordingStatus[] = ['recording', 'completed', 'interrupted'];

/**
 * Fills the list of recordings with the newest of the bucket. The filter is part of a channel name or ID, the
 * beginning of a start time (2026-11-23), or a state.
 */
export async function searchRecordings(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const status = STATES.find((state) => state === filter.trim().toLowerCase());
	const wanted = status === undefined ? { search: filter } : { status };
	try {
		const bucket = await openBucket(this);
		const { recordings } = await findRecordings(
			bucket,
			{ folder: bucket.prefix, ...wanted, limit: SHOWN },
			{ includeSegments: false, linkSeconds: 1 },
		);
		return {
			results: recordings.map((recording) => ({
				name: nameOf(recording),
				value: recording.sid,
			})),
		};
	} catch (error) {
		throw toNodeError(this.getNode(), error);
	}
}

/** The field is narrow, so the usual status is left out. */
function nameOf({ cname, started_at, status }: Recording): string {
	const begin = `${started_at?.slice(0, 16).replace('T', ' ')} UTC`;
	return [cname, begin, ...(status === 'completed' ? [] : [status])].join(' · ');
}
