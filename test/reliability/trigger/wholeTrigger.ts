import type { IDataObject, IHttpRequestOptions, IPollFunctions } from 'n8n-workflow';
import { loadSource } from '../source.ts';
import { answerAsS3 } from './s3Answer.ts';
import type { PollEnd, PollStart, Subject } from './subject.ts';

/** The secret key of the bucket's credential; it opens nothing. */
export const SECRET_KEY = 'a-secret-key-that-opens-nothing';
/** `pollRecordings` begins nothing new after this share of n8n's budget. */
const SHARE_FOR_NEW_WORK = 0.6;
/** The same share of the time that n8n gives an activation, which no poll exceeds. */
const LONGEST_MS = 48_000;
const TAKES_BACK_MS = 600_000;

/**
 * `pollRecordings`: everything between n8n and the wire, with the workflow's static data watched.
 *
 * @param change see `loadSource`
 */
export async function wholeTrigger(change?: (code: string) => string): Promise<Subject> {
	const { pollRecordings } = await loadSource<
		typeof import('../../../nodes/Agora/trigger/poll.ts')
	>('trigger/poll', change);

	return {
		longest: LONGEST_MS,
		takesBackMs: TAKES_BACK_MS,
		isGuarded: true,
		async poll(start: PollStart): Promise<PollEnd> {
			const { data, assigned } = watched(start);
			const faults = (expected: number) => {
				const fitting = assigned.length === expected && assigned.every(({ isLast }) => isLast());
				const what = assigned.map(({ name, isLast }) => `${name}${isLast() ? '' : ' too early'}`);
				return fitting ? [] : [`assigned to the static data: ${what.join(', ') || 'nothing'}`];
			};
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
					faults: faults(1),
				};
			} catch (error) {
				const { stored } = start;
				return { emitted: null, error: error as Error, stored, faults: faults(0) };
			}
		},
	};
}

/** Static data that notes what is assigned to it, and whether nothing was asked of the bucket after that. */
function watched({ stored, bucket }: PollStart) {
	const assigned: Array<{ name: string; isLast: () => boolean }> = [];
	const data = new Proxy(JSON.parse(stored) as IDataObject, {
		set(target, name, value) {
			const requests = bucket.count();
			assigned.push({ name: String(name), isLast: () => bucket.count() === requests });
			return Reflect.set(target, name, value);
		},
	});
	return { data, assigned };
}

function contextOf(
	{ bucket, trigger, budget, process, isAfterStart }: PollStart,
	data: IDataObject,
): IPollFunctions {
	const { event, cname, includeExisting, includeSegments, mp4 } = trigger;
	const parameters: Record<string, unknown> = {
		event,
		filters: cname === null ? {} : { cname },
		options: { includeExisting, includeSegments, mp4Files: mp4 },
	};
	const context = {
		getNodeParameter: (name: string) => parameters[name],
		getMode: () => 'trigger',
		getActivationMode: () => (isAfterStart ? 'init' : 'activate'),
		getTimezone: () => 'utc',
		// Polls of two processes do not know of each other.
		getWorkflow: () => ({ id: process }),
		getNode: () => ({
			id: 'trigger',
			credentials: { agoraStorageApi: { id: '1', name: 'bucket' } },
		}),
		getCredentials: async () => ({
			vendor: 's3Compatible',
			endpoint: 'https://storage.example',
			bucket: bucket.bucket.name,
			accessKey: 'an-access-key',
			secretKey: SECRET_KEY,
			fileNamePrefix: bucket.bucket.prefix,
		}),
		getPollBudgetMs: () => budget / SHARE_FOR_NEW_WORK,
		getWorkflowStaticData: () => data,
		logger: { warn: () => undefined },
		helpers: {
			httpRequestWithAuthentication: async (_: string, options: IHttpRequestOptions) =>
				await answerAsS3(bucket.bucket, options),
		},
	};
	return context as unknown as IPollFunctions;
}
