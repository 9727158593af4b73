import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { toNodeError } from '../http/errors';
import { findRecordings } from '../recordings/find';
import { readableTime, type Recording } from '../recordings/recording';
import type { RecordingStatus } from '../recordings/status';
import { openBucket } from '../storage/bucket';

const SHOWN = 50;

const STATUSES: RecordingStatus[] = ['recording', 'completed', 'interrupted'];

/**
 * Fills the list of recordings with the newest of the bucket. The filter is part of a channel name or ID, the
 * beginning of a start time (2026-11-23 or 23 Nov 2026), or a status.
 */
export async function searchRecordings(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const status = STATUSES.find((each) => each === filter.trim().toLowerCase());
	return await list(this, status === undefined ? { search: filter } : { status });
}

/** The same for running recordings. */
export async function searchRunningRecordings(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	return await list(this, { search: filter, status: 'recording' });
}

async function list(
	context: ILoadOptionsFunctions,
	wanted: { search?: string; status?: RecordingStatus },
): Promise<INodeListSearchResult> {
	try {
		const bucket = await openBucket(context);
		const { recordings } = await findRecordings(
			bucket,
			{ folder: bucket.prefix, ...wanted, limit: SHOWN },
			{ includeSegments: false, linkSeconds: 1 },
		);
		return {
			results: recordings.map((recording) => ({
				name: labelOf(recording),
				value: recording.sid,
			})),
		};
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}

/** The field is narrow, so the usual status is left out. */
function labelOf({ cname, started_at: started, status, duration_seconds: seconds }: Recording) {
	const parts = [cname, ...(started === null ? [] : [readableTime(started)])];
	if (status === 'recording') return [...parts, '● running'].join(' · ');
	if (seconds !== null) parts.push(readableDuration(seconds));
	if (status === 'interrupted') parts.push(status);
	return parts.join(' · ');
}

/** @returns such as 12 s, 45 min or 1 h 30 min */
function readableDuration(seconds: number): string {
	if (seconds < 90) return `${Math.round(seconds)} s`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 90) return `${minutes} min`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
