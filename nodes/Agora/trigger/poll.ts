import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { Fault, toNodeError } from '../http/errors';
import { readPresentation } from '../resources/shared/recordingFields';
import { oneOf, readBoolean } from '../resources/shared/parameters';
import { eventField, mp4FilesField } from './fields';
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

/** n8n before 2.38 names no budget; its oldest limit for a poll is longer than this. */
const DEFAULT_BUDGET_MS = 30_000;
/**
 * The poll with which n8n activates a workflow, at each of its starts too, has less time than n8n names: after 84
 * seconds n8n gives the activation up, and does not try again (n8n: workflow-publication-outbox-consumer).
 */
const ACTIVATION_BUDGET_MS = 80_000;
/** Requests under way when time is up may take the rest. */
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
		return [recordings.map((json) => ({ json: json as unknown as IDataObject }))];
	} catch (error) {
		throw toNodeError(context.getNode(), error);
	}
}

/**
 * Finds the recordings to emit at one poll, oldest first. The workflow's static data is assigned once, at the end, so
 * that a poll that fails is simply repeated.
 *
 * @throws Fault when the bucket refuses, or when a manual test finds nothing to show
 */
export async function pollRecordings(context: IPollFunctions): Promise<Recording[]> {
	const filters = context.getNodeParameter('filters', {}) as { cname?: string; prefix?: string };
	const options = context.getNodeParameter('options', {}) as {
		includeExisting?: unknown;
		mp4Files?: unknown;
	};
	const presentation = readPresentation(context, 0);
	const bucket = await openBucket(context);
	const folder = `${bucket.prefix}${readFolder(filters.prefix)}`;
	const event = oneOf<TriggerEvent>(context.getNodeParameter('event'), eventField);
	const cname = filters.cname || undefined;
	if (context.getMode() === 'manual') {
		return await newestRecording(bucket, folder, { event, cname }, presentation);
	}

	const watch: Watch = {
		event,
		cname,
		scope: scopeOf(bucket.name, folder, event, cname ?? ''),
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
	const { state, news, unsearched } = await pollBucket(
		bucket,
		folder,
		before,
		watch,
		deadline,
		deadline,
	);
	warnOnce(context, bucket, unsearched);
	const recordings = news.map((read) => toRecording(bucket, read, presentation));
	const now = Date.now();
	memory.state = markEmitted(state, news, now);
	if (news.length > 0) rememberEmission(node, now);
	markPolled(context);
	return recordings;
}

/** The buckets whose log line was written. */
const warned = new WeakSet<Bucket['support']>();

/** A trigger has no other place to say so than n8n's log. */
function warnOnce(
	{ logger }: IPollFunctions,
	{ name, support }: Bucket,
	unsearched: string[],
): void {
	if (unsearched.length === 0 || warned.has(support)) return;
	warned.add(support);
	const names = unsearched.slice(0, 5).map((stem) => `"${stem}…"`);
	logger.warn(
		`The bucket "${name}" contains many files that are not Agora's (${names.join(', ')}). Each poll of the Agora Trigger searches some of them, so a new folder with such a name is noticed some polls later. Set a Prefix to avoid this.`,
	);
}

/**
 * @param budget what n8n names for a poll, in milliseconds
 * @returns how long a poll begins new requests
 */
export function timeForNewWork(budget = DEFAULT_BUDGET_MS): number {
	return Math.min(budget, ACTIVATION_BUDGET_MS) * SHARE_FOR_NEW_WORK;
}

/** A manual test shows what an item looks like: the newest recording, whatever was emitted before. */
async function newestRecording(
	bucket: Bucket,
	folder: string,
	{ event, cname }: Pick<Watch, 'event' | 'cname'>,
	presentation: Presentation,
): Promise<Recording[]> {
	const status = event === 'recordingCompleted' ? 'completed' : undefined;
	const { recordings } = await findRecordings(
		bucket,
		{ folder, cname, status, limit: 1 },
		presentation,
	);
	if (recordings.length > 0) return recordings;
	throw new Fault('There is no recording to show yet', {
		description: `The bucket "${bucket.name}" has no ${status ?? 'started'} recording below "${folder}" that matches the filters. Make a recording, or change the filters.`,
	});
}

function readFolder(prefix = ''): string {
	return prefix
		.split('/')
		.filter((part) => part !== '')
		.map((part) => `${part}/`)
		.join('');
}
