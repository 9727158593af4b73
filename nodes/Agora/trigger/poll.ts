import type { INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { Fault, toNodeError } from '../http/errors';
import {
	presentRecording,
	readChannelFilter,
	readFolder,
	readPresentation,
} from '../resources/shared/recordingFields';
import { oneOf, readBoolean } from '../resources/shared/parameters';
import { eventField, mp4FilesField } from './fields';
import type { ChannelFilter } from '../recordings/channelFilter';
import { findRecordings } from '../recordings/find';
import { toRecording, type Presentation, type Recording } from '../recordings/recording';
import { openBucket } from '../storage/bucket';
import type { Bucket } from '../storage/types';
import {
	isFirstPollAfterStart,
	isOutdated,
	rememberEmission,
	markEmitted,
	markPolled,
	forgetRecentlyEmitted,
	skipIfPolling,
} from './pollGuard';
import type { Mp4Files, TriggerEvent, Watch } from './detectNew';
import { pollBucket } from './pollBucket';
import { readState, scopeOf } from './state';

/** For n8n before 2.38, which provides no budget. Its own limit for a poll is longer than this. */
const DEFAULT_BUDGET_MS = 30_000;
/**
 * The poll with which n8n activates a workflow, also at each start of n8n, has less time than its budget: after 84
 * seconds n8n gives up the activation and does not retry (n8n: workflow-publication-outbox-consumer).
 */
const ACTIVATION_BUDGET_MS = 80_000;
/** Part of the budget in which new requests are sent. The rest is for requests that are still in flight then. */
const SHARE_FOR_NEW_WORK = 0.6;

/**
 * Polls the bucket once.
 *
 * @returns an item for each new recording, null for none
 * @throws NodeError when the bucket cannot be read
 */
export async function runPoll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	try {
		const recordings = await pollRecordings(context);
		if (recordings.length === 0) return null;
		return [recordings.map((each) => ({ json: presentRecording(context, 0, each) }))];
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}

/**
 * Finds the recordings to emit at one poll, oldest first. The workflow's static data is assigned once, at the end, so
 * that a failed poll is simply repeated.
 *
 * @throws Fault when the bucket refuses, or when a manual test finds nothing to show
 */
export async function pollRecordings(context: IPollFunctions): Promise<Recording[]> {
	const filters = context.getNodeParameter('filters', {}) as ChannelFilter & { prefix?: string };
	const options = context.getNodeParameter('options', {}) as {
		includeExisting?: unknown;
		mp4Files?: unknown;
	};
	const presentation = readPresentation(context, 0);
	const bucket = await openBucket(context);
	const folder = readFolder(bucket.prefix, filters.prefix);
	const event = oneOf<TriggerEvent>(context.getNodeParameter('event'), eventField);
	const channels = readChannelFilter(filters);
	if (context.getMode() === 'manual') {
		return await newestRecording(bucket, folder, { event, channels }, presentation);
	}

	const watch: Watch = {
		event,
		channels,
		scope: scopeOf(bucket.name, folder, event, channels),
		includeExisting: readBoolean(options.includeExisting, 'Include Existing Recordings'),
		includeSegments: presentation.includeSegments,
		mp4: oneOf<Mp4Files>(options.mp4Files ?? 'detect', mp4FilesField),
	};
	const node = `${context.getWorkflow().id} ${context.getNode().id} ${watch.scope}`;
	const poll = async () =>
		await newRecordingsOf(context, node, bucket, folder, watch, presentation);
	return await skipIfPolling(node, poll, []);
}

async function newRecordingsOf(
	context: IPollFunctions,
	node: string,
	bucket: Bucket,
	folder: string,
	watch: Watch,
	presentation: Presentation,
): Promise<Recording[]> {
	const deadline = Date.now() + timeForNewWork(context.getPollBudgetMs?.());
	const memory = context.getWorkflowStaticData('node');
	const stored = readState(memory, watch.scope);
	if (isOutdated(node, stored, Date.now())) return [];
	const before =
		stored && isFirstPollAfterStart(context) ? forgetRecentlyEmitted(stored, Date.now()) : stored;
	const { state, newSessions, unsearched } = await pollBucket(
		bucket,
		folder,
		before,
		watch,
		deadline,
		deadline,
	);
	warnOnce(context, bucket, unsearched);
	const recordings = newSessions.map((loaded) => toRecording(bucket, loaded, presentation));
	const now = Date.now();
	memory.state = markEmitted(state, newSessions, now);
	if (newSessions.length > 0) rememberEmission(node, now);
	markPolled(context);
	return recordings;
}

/** The buckets that were already reported in the log. */
const warned = new WeakSet<Bucket['support']>();

/** Reports prefixes that were not searched in n8n's log, because a trigger has no output for hints. */
function warnOnce(
	{ logger }: IPollFunctions,
	{ name, support }: Bucket,
	unsearched: string[],
): void {
	if (unsearched.length === 0 || warned.has(support)) return;
	warned.add(support);
	const names = unsearched.slice(0, 5).map((prefix) => `"${prefix}…"`);
	logger.warn(
		`The bucket "${name}" contains many files that are not Agora's (${names.join(', ')}). Each poll of the Agora Trigger searches some of them, so a new folder with such a name is noticed some polls later. Set Filters > Folder to avoid this.`,
	);
}

/**
 * @param budget n8n's time limit for a poll, in milliseconds
 * @returns for how long a poll sends new requests, in milliseconds
 */
export function timeForNewWork(budget = DEFAULT_BUDGET_MS): number {
	return Math.min(budget, ACTIVATION_BUDGET_MS) * SHARE_FOR_NEW_WORK;
}

/** A manual test shows an example item: the newest recording, even if it was emitted before. */
async function newestRecording(
	bucket: Bucket,
	folder: string,
	{ event, channels }: Pick<Watch, 'event' | 'channels'>,
	presentation: Presentation,
): Promise<Recording[]> {
	const status = event === 'recordingCompleted' ? 'completed' : undefined;
	const { recordings } = await findRecordings(
		bucket,
		{ folder, ...channels, status, limit: 1 },
		presentation,
	);
	if (recordings.length > 0) return recordings;
	throw new Fault('There is no recording to show yet', {
		description: `The bucket "${bucket.name}" has no ${status ?? 'started'} recording below "${folder}" that matches the filters. Make a recording, or change the filters.`,
	});
}
