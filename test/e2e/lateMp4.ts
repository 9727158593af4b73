import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Workflow } from '../../sandbox/n8n/workflows.ts';
import { agoraClient } from '../integration/sandbox/agoraClient.ts';
import { SPEED } from './quickDemo.ts';

/** Seconds on the clock from the end of the playlist until the last MP4: two minutes of session time. */
export const LATE_SECONDS = Number(process.env.LATE_MP4_SECONDS ?? 120 / SPEED);

/** In session time: two MP4s of 12 seconds, and one of the 10 that are left. */
export const MP4_SECONDS = 12;
export const LONG_CALL = { uids: ['1001'], seconds: 34 };
/** The least that Agora accepts. */
export const IDLE_SECONDS = 5;

/** Separate folders, because the trigger also looks at the other recordings of a folder. */
export const OWN_FOLDER = ['demo', 'late', 'own'];
export const ELSEWHERE_FOLDER = ['demo', 'late', 'elsewhere'];

export const LATE_MP4 = 'late-mp4';
export const POLL_SECONDS = 5;

const STORAGE = { agoraStorageApi: { id: null, name: 'Agora Recording Storage account' } };
const S3 = { s3: { id: null, name: 'S3 account' } };

type Credentials = Workflow['nodes'][number]['credentials'];

/** Archives the MP4s of every new recording below `late`, as `<sid>/<file name>`. */
export function archivingWorkflow(archiveBucket: string): Workflow & Record<string, unknown> {
	const seconds = Array.from({ length: 60 / POLL_SECONDS }, (_, index) => index * POLL_SECONDS);
	const node = (name: string, type: string, parameters: object, credentials: Credentials) => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters,
		credentials,
	});
	const leadTo = (name: string) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
	return {
		id: LATE_MP4,
		name: 'Late MP4',
		nodes: [
			node(
				'Agora Trigger',
				'n8n-nodes-agora.agoraTrigger',
				{
					// n8n refuses an entry that polls more than once a minute.
					pollTimes: {
						item: seconds.map((second) => ({
							mode: 'custom',
							cronExpression: `${second} * * * * *`,
						})),
					},
					event: 'recordingCompleted',
					filters: { prefix: 'late' },
					options: {},
				},
				STORAGE,
			),
			// Uses the Agora API if it has a credential for it. n8n activates the workflow without one.
			node(
				'Get recording',
				'n8n-nodes-agora.agora',
				{
					resource: 'recording',
					operation: 'get',
					recordingId: { __rl: true, mode: 'id', value: '={{ $json.sid }}' },
				},
				STORAGE,
			),
			node(
				'Download recording',
				'n8n-nodes-agora.agora',
				{
					resource: 'recording',
					operation: 'download',
					recordingId: { __rl: true, mode: 'id', value: '={{ $json.sid }}' },
					scope: 'whole',
					options: {},
				},
				STORAGE,
			),
			node(
				'Archive file',
				'n8n-nodes-base.s3',
				{
					operation: 'upload',
					bucketName: archiveBucket,
					fileName: '={{ $json.sid }}/{{ $json.file.filename }}',
					binaryData: true,
					binaryPropertyName: 'data',
					additionalFields: {},
					tagsUi: {},
				},
				S3,
			),
		],
		connections: {
			'Agora Trigger': leadTo('Get recording'),
			'Get recording': leadTo('Download recording'),
			'Download recording': leadTo('Archive file'),
		},
		settings: { executionOrder: 'v1' },
	};
}

/**
 * Starts a recording through Agora's REST API, as a customer's own back end does. It has no session record.
 *
 * @returns its sid
 */
export async function startElsewhere(sandbox: Sandbox, cname: string): Promise<string> {
	const { record, startRequest, storageConfig } = agoraClient(sandbox);
	const uid = '8811';
	const { started, sid } = await record(cname, {
		uid,
		clientRequest: startRequest(cname, uid, {
			storageConfig: storageConfig({ fileNamePrefix: ELSEWHERE_FOLDER }),
			recordingConfig: { channelType: 0, maxIdleTime: IDLE_SECONDS },
			recordingFileConfig: { avFileType: ['hls', 'mp4'] },
		}),
	});
	expect(started).toMatchObject({ status: 200 });
	return sid;
}

/** @returns when each poll of the trigger began, Unix milliseconds, oldest first */
export async function pollsOf({ control }: Sandbox): Promise<number[]> {
	const prefix = `prefix=${encodeURIComponent('demo/late/')}`;
	const listings = (await control.requests('s3')).filter(({ path }) => path.includes(prefix));
	// One poll may list several times, and is over before the next one.
	const polls = new Map<number, number>();
	for (const { at } of listings) {
		const poll = Math.floor(Date.parse(at) / (POLL_SECONDS * 1000));
		polls.set(poll, polls.get(poll) ?? Date.parse(at));
	}
	return [...polls.values()];
}
