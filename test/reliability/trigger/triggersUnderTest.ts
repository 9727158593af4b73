import { Readable } from 'node:stream';
import type {
	IDataObject,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
	IPollFunctions,
} from 'n8n-workflow';
import type { Bucket, ListPage } from '../../../nodes/Agora/storage/types.ts';
import { loadSource } from '../source.ts';
import type { Scenario } from './scenario.ts';
import type { PolledBucket } from './simulation.ts';

/** The trigger, or a part of it. */
export interface TriggerUnderTest {
	/** After so many milliseconds it starts nothing new, whatever its budget. */
	maxPollMs: number;
	/** Within so many milliseconds after a poll, a restart of n8n lets it emit the same again; 0 for never. */
	emitsAgainWithinMs: number;
	/** Whether it polls once at a time in a process, and from no state older than its last emission there. */
	isGuarded: boolean;
	poll(start: PollStart): Promise<PollResult>;
}

export interface PollStart {
	bucket: PolledBucket;
	trigger: Scenario['trigger'];
	/** The state that the last poll left, as n8n stores it; '{}' before the first. */
	stored: string;
	/** Milliseconds. */
	budget: number;
	/** Identifies the process of n8n. */
	process: string;
	/** Whether n8n was just restarted. */
	isAfterRestart: boolean;
}

export interface PollResult {
	/** Null if it threw. */
	emitted: Emission[] | null;
	error: Error | null;
	/** The state it leaves; unchanged if it threw. */
	stored: string;
	/** Rules that it broke whatever it emitted, as predicates. */
	violations: string[];
}

export interface Emission {
	/** Unique in a scenario. */
	sid: string;
	status: string;
	/** How many recorded files it contains. */
	files: number;
	/** The whole item, if there is one. */
	item: unknown;
}

/**
 * `pollBucket` alone: state in, state and new recordings out.
 *
 * @param change see `loadSource`
 */
export async function bareTrigger(change?: (code: string) => string): Promise<TriggerUnderTest> {
	type PollBucket = typeof import('../../../nodes/Agora/trigger/pollBucket.ts');
	type State = typeof import('../../../nodes/Agora/trigger/state.ts');
	const { pollBucket } = await loadSource<PollBucket>('trigger/pollBucket', change);
	const { readState } = await loadSource<State>('trigger/state');

	return {
		maxPollMs: Infinity,
		emitsAgainWithinMs: 0,
		isGuarded: false,
		async poll({ bucket: { bucket }, trigger, stored, budget }) {
			const { cname, ...rest } = trigger;
			const watch = { ...rest, channels: { cname: cname ?? undefined }, scope: 'scope' };
			const before = readState(JSON.parse(stored) as IDataObject, watch.scope);
			const copy = JSON.stringify(before);
			const violations = () =>
				JSON.stringify(before) === copy ? [] : ['changed the state that it was given'];
			try {
				const deadline = Date.now() + budget;
				const result = await pollBucket(bucket, bucket.prefix, before, watch, deadline);
				return {
					emitted: result.newSessions.map(({ session, status }) => ({
						sid: session.sid,
						status,
						files: session.segmentCount + session.files.length,
						item: null,
					})),
					error: null,
					stored: JSON.stringify({ state: result.state }),
					violations: violations(),
				};
			} catch (error) {
				return { emitted: null, error: error as Error, stored, violations: violations() };
			}
		},
	};
}

/** Of the bucket's credential. */
export const SECRET_KEY = 'a-secret-key-that-opens-nothing';
/** `pollRecordings` starts nothing new after this share of n8n's budget. */
const SHARE_FOR_NEW_WORK = 0.6;

/**
 * `pollRecordings`: everything between n8n and the HTTP client, with the workflow's static data observed.
 *
 * @param change see `loadSource`
 */
export async function wholeTrigger(change?: (code: string) => string): Promise<TriggerUnderTest> {
	type TriggerPoll = typeof import('../../../nodes/Agora/trigger/poll.ts');
	const { pollRecordings } = await loadSource<TriggerPoll>('trigger/poll', change);

	return {
		// The same share of the time that n8n allows an activation.
		maxPollMs: 48_000,
		emitsAgainWithinMs: 600_000,
		isGuarded: true,
		async poll(start) {
			const { data, assignments } = observedData(start);
			const violations = (expected: number) =>
				assignments.length === expected && assignments.every(({ isLast }) => isLast())
					? []
					: [`assigned the static data ${assignments.length} times, or before its last request`];
			try {
				const recordings = await pollRecordings(contextOf(start, data));
				return {
					emitted: recordings.map((item) => ({
						sid: item.sid,
						status: item.status,
						files:
							item.segment_count +
							item.file_list.filter(({ kind }) => !['segment', 'other'].includes(kind)).length,
						item,
					})),
					error: null,
					stored: JSON.stringify(data),
					violations: violations(1),
				};
			} catch (error) {
				const { stored } = start;
				return { emitted: null, error: error as Error, stored, violations: violations(0) };
			}
		},
	};
}

/** Static data that notes each assignment, and whether requests followed it. */
function observedData({ stored, bucket }: PollStart) {
	const assignments: Array<{ isLast: () => boolean }> = [];
	const data = new Proxy(JSON.parse(stored) as IDataObject, {
		set(target, name, value) {
			const requests = bucket.requestCount();
			assignments.push({ isLast: () => bucket.requestCount() === requests });
			return Reflect.set(target, name, value);
		},
	});
	return { data, assignments };
}

function contextOf(
	{ bucket: { bucket }, trigger, budget, process, isAfterRestart }: PollStart,
	data: IDataObject,
): IPollFunctions {
	const { event, cname, includeExisting, includeSegments, mp4 } = trigger;
	const parameters: Record<string, unknown> = {
		event,
		filters: cname === null ? {} : { cname },
		options: { includeExisting, includeSegments, mp4Files: mp4 },
	};
	const credentials = { agoraStorageApi: { id: '1', name: 'bucket' } };
	const context = {
		getNodeParameter: (name: string) => parameters[name],
		getMode: () => 'trigger',
		getActivationMode: () => (isAfterRestart ? 'init' : 'activate'),
		getTimezone: () => 'utc',
		// Polls of two processes do not know of each other.
		getWorkflow: () => ({ id: process }),
		getNode: () => ({ id: 'trigger', credentials }),
		getCredentials: async () => ({
			vendor: 's3Compatible',
			endpoint: 'https://storage.example',
			bucket: bucket.name,
			accessKey: 'an-access-key',
			secretKey: SECRET_KEY,
			fileNamePrefix: bucket.prefix,
		}),
		getPollBudgetMs: () => budget / SHARE_FOR_NEW_WORK,
		getWorkflowStaticData: () => data,
		logger: { warn: () => undefined },
		helpers: {
			httpRequestWithAuthentication: async (_: string, options: IHttpRequestOptions) =>
				await respondAsS3(bucket, options),
		},
	};
	return context as unknown as IPollFunctions;
}

/**
 * Responds to ListObjectsV2 and GetObject. If the bucket throws, the status is 401: the nodes must not take
 * it for a missing permission for one object.
 */
async function respondAsS3(
	bucket: Bucket,
	{ url, encoding }: IHttpRequestOptions,
): Promise<IN8nHttpFullResponse> {
	const { pathname, searchParams } = new URL(url, 'https://storage.example');
	const respond = (statusCode: number, text: string, time?: number): IN8nHttpFullResponse => ({
		statusCode,
		headers: time === undefined ? {} : { date: new Date(time).toISOString() },
		body: encoding === 'stream' ? Readable.from([Buffer.from(text)]) : Buffer.from(text),
	});
	const parameter = (name: string) => searchParams.get(name) ?? undefined;
	try {
		if (pathname !== '/') {
			const text = await bucket.getText(decodeURIComponent(pathname.slice(1)));
			if (text !== null) return respond(200, text);
			return respond(404, '<Error><Code>NoSuchKey</Code></Error>');
		}
		const maxKeys = parameter('max-keys');
		const page = await bucket.list({
			prefix: parameter('prefix') ?? '',
			delimiter: parameter('delimiter'),
			token: parameter('continuation-token'),
			maxKeys: maxKeys === undefined ? undefined : Number(maxKeys),
			startAfter: parameter('start-after'),
		});
		return respond(200, listingOf(page, parameter('encoding-type') === 'url'), page.serverTime);
	} catch {
		return respond(401, '<Error><Code>InvalidAccessKeyId</Code></Error>');
	}
}

function listingOf({ objects, prefixes, nextToken }: ListPage, isEncoded: boolean): string {
	const write = (name: string) => (isEncoded ? encodeURIComponent(name) : name);
	const contents = objects.map(
		({ key, size, lastModified }) =>
			`<Contents><Key>${write(key)}</Key><LastModified>${new Date(lastModified).toISOString()}</LastModified><Size>${size}</Size></Contents>`,
	);
	const folded = prefixes.map(
		(prefix) => `<CommonPrefixes><Prefix>${write(prefix)}</Prefix></CommonPrefixes>`,
	);
	const next =
		nextToken === null
			? '<IsTruncated>false</IsTruncated>'
			: `<IsTruncated>true</IsTruncated><NextContinuationToken>${nextToken}</NextContinuationToken>`;
	const encoding = isEncoded ? '<EncodingType>url</EncodingType>' : '';
	return `<ListBucketResult>${encoding}${contents.join('')}${folded.join('')}${next}</ListBucketResult>`;
}
