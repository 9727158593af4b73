import { sandboxCredentials, saveCredential } from '../../../sandbox/n8n/credentials.ts';
import { FOLDER } from '../crash/recordings.ts';
import { activateWorkflow, createWorkflow, triggerNode } from '../crash/workflows.ts';
import type { Cluster } from './cluster.ts';

/** Their IDs. */
export interface Workflows {
	/** Emits recordings. */
	emit: string;
	/** Archives one of them. */
	archive: string;
}

/**
 * Creates and activates the workflows. Each recording that the trigger emits is archived by its own execution: Get,
 * Download, upload.
 *
 * @param bucketOrigin where the nodes reach the sandbox's bucket
 */
export async function createWorkflows(
	{ url, api, sandbox }: Cluster,
	bucketOrigin: string,
): Promise<Workflows> {
	const all = sandboxCredentials(sandbox);
	const save = async (type: string, changes = {}) => {
		const { name, data } = all.find((each) => each.type === type)!;
		const id = await saveCredential(api, { name, type, data: { ...data, ...changes } });
		return { id, name };
	};
	const agoraApi = await save('agoraApi');
	const agoraStorageApi = await save('agoraStorageApi', {
		endpoint: bucketOrigin,
		fileNamePrefix: FOLDER.slice(0, -1),
	});
	const s3 = await save('s3');
	const credentials = { agoraApi, agoraStorageApi };
	const recording = (sid: string) => ({ __rl: true, mode: 'id', value: `={{ ${sid} }}` });
	const archive = await createWorkflow(api, 'archive', {
		Webhook: {
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			parameters: { httpMethod: 'POST', path: 'archive', responseMode: 'onReceived', options: {} },
		},
		Get: {
			type: 'n8n-nodes-agora.agora',
			parameters: {
				resource: 'recording',
				operation: 'get',
				recordingId: recording('$json.body.sid'),
			},
			credentials,
		},
		Download: {
			type: 'n8n-nodes-agora.agora',
			parameters: {
				resource: 'recording',
				operation: 'download',
				scope: 'whole',
				recordingId: recording('$json.sid'),
				binaryPropertyName: 'data',
			},
			credentials,
		},
		Upload: {
			type: 'n8n-nodes-base.s3',
			parameters: {
				operation: 'upload',
				bucketName: sandbox.archiveBucket,
				binaryData: true,
				fileName: '={{ $json.sid }}.mp4',
				binaryPropertyName: 'data',
				additionalFields: {},
				tagsUi: {},
			},
			credentials: { s3 },
		},
	});
	const emit = await createWorkflow(api, 'emit', {
		'Agora Trigger': triggerNode([0, 30], agoraStorageApi.id),
		Archive: {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: {
				method: 'POST',
				url: `${url}/webhook/archive`,
				sendBody: true,
				options: {},
				specifyBody: 'json',
				jsonBody: '={{ { sid: $json.sid } }}',
			},
		},
	});
	for (const id of [archive, emit]) await activateWorkflow(api, id);
	return { emit, archive };
}
