import type { NodeSettings } from '../../e2e/executions.ts';
import type { RestApi } from '../../../sandbox/n8n/restApi.ts';

/** Ids of n8n's credentials. */
export interface CredentialIds {
	agora: string;
	/** The bucket's folder of finished recordings, reached through the relay. */
	finished: string;
	/** The folder that recordings started here go to. */
	live: string;
	s3: string;
}

export type WorkflowName = 'announce' | 'archive' | 'repair' | 'start' | 'stop' | 'query';

/** n8n's ids of the workflows. */
export type WorkflowIds = Record<WorkflowName, string>;

type Step = Omit<NodeSettings, 'name'> & {
	typeVersion?: number;
	onError?: string;
	executeOnce?: boolean;
};

/**
 * Makes the workflows and activates all but `announce`, which begins to poll when it is activated:
 *
 * - `announce`: Agora Trigger, and a call of `archive` for each recording, so that each has an execution
 * - `archive`: gets the recording by its sid, downloads it, puts the film into the archive bucket
 * - `repair`: compares the recordings with the archive, and calls `archive` for those that are not in it
 * - `start`, `stop`: a channel's recording, by the channel's name alone
 * - `query`: asks Agora for each of many running sessions; an item that fails tells why
 */
export async function makeWorkflows(
	api: RestApi,
	n8n: string,
	ids: CredentialIds,
): Promise<WorkflowIds> {
	const made: Partial<WorkflowIds> = {};
	for (const [name, steps] of Object.entries(workflows(n8n, ids))) {
		const id = await make(api, name, steps);
		made[name as WorkflowName] = id;
		if (name !== 'announce') await activate(api, id);
	}
	return made as WorkflowIds;
}

/** Puts a workflow to work; a trigger that polls does so once at once. */
export async function activate(api: RestApi, id: string): Promise<void> {
	const { versionId } = await api.get<{ versionId: string }>(`/workflows/${id}`);
	await api.post(`/workflows/${id}/activate`, { versionId });
}

function workflows(n8n: string, ids: CredentialIds): Record<WorkflowName, Record<string, Step>> {
	const agora = { agoraApi: credential(ids.agora) };
	const finished = { agoraStorageApi: credential(ids.finished) };
	const live = { ...agora, agoraStorageApi: credential(ids.live) };
	return {
		announce: {
			'Agora Trigger': {
				type: 'n8n-nodes-agora.agoraTrigger',
				parameters: {
					pollTimes: { item: [{ mode: 'everyMinute' }] },
					event: 'recordingCompleted',
					options: { includeExisting: true },
				},
				credentials: finished,
			},
			Announce: announce(n8n),
		},
		archive: {
			Announced: webhook('archive', 'onReceived'),
			Get: {
				type: 'n8n-nodes-agora.agora',
				parameters: {
					resource: 'recording',
					operation: 'get',
					recordingId: byId('={{ $json.body.sid }}'),
				},
				credentials: { ...agora, ...finished },
			},
			Download: {
				type: 'n8n-nodes-agora.agora',
				parameters: {
					resource: 'recording',
					operation: 'download',
					recordingId: byId('={{ $json.sid }}'),
					scope: 'whole',
					binaryPropertyName: 'data',
				},
				credentials: { ...agora, ...finished },
			},
			Archive: {
				type: 'n8n-nodes-base.s3',
				parameters: {
					operation: 'upload',
					bucketName: 'archive',
					fileName: '={{ $json.sid }}.mp4',
					binaryData: true,
					binaryPropertyName: 'data',
					additionalFields: {},
					tagsUi: {},
				},
				credentials: { s3: credential(ids.s3) },
			},
		},
		repair: {
			Called: webhook('repair', 'lastNode'),
			Archived: {
				type: 'n8n-nodes-base.s3',
				parameters: {
					operation: 'getAll',
					bucketName: 'archive',
					returnAll: true,
					options: {},
				},
				credentials: { s3: credential(ids.s3) },
			},
			Recordings: {
				type: 'n8n-nodes-agora.agora',
				parameters: {
					resource: 'recording',
					operation: 'getAll',
					returnAll: true,
					filters: { status: 'completed' },
				},
				credentials: { ...agora, ...finished },
				executeOnce: true,
			},
			Missing: {
				type: 'n8n-nodes-base.filter',
				typeVersion: 2.2,
				parameters: {
					conditions: {
						options: { caseSensitive: true, typeValidation: 'strict', version: 2 },
						conditions: [
							{
								id: 'missing',
								leftValue:
									"={{ $('Archived').all().some((item) => item.json.Key === $json.sid + '.mp4') }}",
								rightValue: '',
								operator: { type: 'boolean', operation: 'false', singleValue: true },
							},
						],
						combinator: 'and',
					},
					options: {},
				},
			},
			Announce: announce(n8n),
		},
		start: {
			Called: webhook('start', 'lastNode'),
			Start: {
				type: 'n8n-nodes-agora.agora',
				parameters: {
					resource: 'recording',
					operation: 'start',
					cname: '={{ $json.body.channel }}',
					options: { maxIdleTime: 3600 },
				},
				credentials: live,
			},
		},
		stop: {
			Called: webhook('stop', 'lastNode'),
			Stop: {
				type: 'n8n-nodes-agora.agora',
				parameters: {
					resource: 'recording',
					operation: 'stop',
					recordingId: { __rl: true, mode: 'channel', value: '={{ $json.body.channel }}' },
				},
				credentials: live,
			},
		},
		query: {
			Called: webhook('query', 'onReceived'),
			'Each session': {
				type: 'n8n-nodes-base.splitOut',
				parameters: { fieldToSplitOut: 'body.sessions', options: {} },
			},
			Query: {
				type: 'n8n-nodes-agora.agora',
				parameters: {
					resource: 'recording',
					operation: 'get',
					recordingId: byId('={{ $json.sid }}'),
					options: {
						resourceId: '={{ $json.resourceId }}',
						cname: '={{ $json.cname }}',
						uid: '={{ $json.uid }}',
					},
				},
				credentials: agora,
				onError: 'continueRegularOutput',
			},
		},
	};
}

function credential(id: string) {
	return { id, name: id };
}

function byId(value: string) {
	return { __rl: true, mode: 'id', value };
}

function announce(n8n: string): Step {
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			method: 'POST',
			url: `${n8n}/webhook/archive`,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: '={{ { sid: $json.sid } }}',
			options: {},
		},
	};
}

function webhook(path: string, responseMode: string): Step {
	return {
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		parameters: { httpMethod: 'POST', path, responseMode, options: {} },
	};
}

async function make(api: RestApi, name: string, steps: Record<string, Step>): Promise<string> {
	const names = Object.keys(steps);
	const nodes = Object.entries(steps).map(([node, step], i) => ({
		id: `${name}-${i}`,
		name: node,
		typeVersion: 1,
		position: [i * 220, 0],
		...(step.type.endsWith('.webhook') && { webhookId: `${name}-webhook` }),
		...step,
	}));
	const connections = Object.fromEntries(
		names
			.slice(1)
			.map((next, i) => [names[i], { main: [[{ node: next, type: 'main', index: 0 }]] }]),
	);
	const { id } = await api.post<{ id: string }>('/workflows', {
		name,
		nodes,
		connections,
		settings: { executionOrder: 'v1' },
	});
	return id;
}
