import { NOTIFICATIONS_SECRET, saveCredential } from '../../sandbox/n8n/credentials.ts';
import { notificationsUrl } from '../../sandbox/n8n/notifications.ts';
import { exampleWorkflows, withCredentials } from '../../sandbox/n8n/workflows.ts';
import { activateWorkflow, createWorkflow, triggerNode } from '../reliability/crash/workflows.ts';
import type { Cluster } from '../reliability/queue/cluster.ts';
import {
	COPIES,
	foldersOf,
	KEYS,
	LAYOUTS,
	RECORDINGS,
	REGION,
	ROOT,
	SECRET_KEY,
} from './school.ts';

/** Their IDs. */
export interface Workflows {
	/** The example "Record every class by itself". */
	record: string;
	/** An Agora Trigger for each layout. */
	days: string;
	flat: string;
}

/**
 * Creates the workflows, and activates the one that records.
 *
 * @param bucket origin of the S3 server
 * @param pollSeconds the interval of the triggers, a divisor of 60
 */
export async function createWorkflows(
	{ api, url, sandbox }: Cluster,
	bucket: string,
	pollSeconds: number,
): Promise<Workflows> {
	const storage = (accessKey: string, folders: string[]) => ({
		...{ vendor: 's3Compatible', endpoint: bucket, s3CompatibleRegion: REGION },
		...{ bucket: RECORDINGS, accessKey, secretKey: SECRET_KEY, addressing: 'pathStyle' },
		fileNamePrefix: folders.join('/'),
	});
	const keys = { accessKeyId: KEYS.copy, secretAccessKey: SECRET_KEY };
	const data: Record<string, object> = {
		agoraApi: { ...sandbox.agoraAccount, host: 'custom', customHost: sandbox.agora },
		agoraNotificationsApi: { secret: NOTIFICATIONS_SECRET },
		agoraStorageApi: storage(KEYS.record, [ROOT]),
		s3: { endpoint: bucket, region: REGION, forcePathStyle: true, ...keys },
	};
	const ids: Record<string, string> = {};
	for (const [type, each] of Object.entries(data))
		ids[type] = await saveCredential(api, { name: type, type, data: { ...each } });

	const watch = async (layout: (typeof LAYOUTS)[number]) => {
		const { name } = layout;
		const credential = { name, type: 'agoraStorageApi' };
		const id = await saveCredential(api, {
			...credential,
			data: storage(KEYS[name], foldersOf(layout)),
		});
		const seconds = Array.from({ length: 60 / pollSeconds }, (_, i) => i * pollSeconds);
		return await createWorkflow(api, `Watch ${name}`, {
			'Agora Trigger': triggerNode(seconds, id),
			'No Operation': { type: 'n8n-nodes-base.noOp', parameters: {} },
		});
	};
	const example = exampleWorkflows().find(({ id }) => id === 'agora-record-every-class')!;
	const { id: record } = await api.post<{ id: string }>(
		'/workflows',
		withCredentials({ ...example, nodes: example.nodes.map(inLayouts) }, (type) => ids[type]),
	);
	await activateWorkflow(api, record);
	subscribe();
	const [days, flat] = LAYOUTS;
	return { record, days: await watch(days!), flat: await watch(flat!) };

	/** Chooses the events that the workflow uses. Some are sent twice, and late, as Agora may. */
	function subscribe(): void {
		const secret = NOTIFICATIONS_SECRET;
		const urlOf = (trigger: string) => notificationsUrl(url, `${record}-${trigger}`);
		sandbox.control.setNotifications({
			...{ product: 'channel', url: urlOf('channel'), secret, events: [101, 102] },
			...{ redundant: true, lateSeconds: 2 },
		});
		sandbox.control.setNotifications({
			...{ product: 'recording', url: urlOf('uploaded'), secret, events: [31] },
			...{ repeats: 1, lateSeconds: 3 },
		});
	}
}

type ExampleNode = ReturnType<typeof exampleWorkflows>[number]['nodes'][number];

/** Lets Start store each half of the channels in another layout, and names the copies by their recordings. */
function inLayouts(node: ExampleNode): ExampleNode {
	if (node.name === 'Archive file') {
		const copy = { bucketName: COPIES, fileName: '={{ $json.sid }}.mp4' };
		return { ...node, parameters: { ...node.parameters, ...copy } };
	}
	if (node.name !== 'Start recording') return node;
	const isDays = `$json.cname.startsWith('${LAYOUTS[0]!.prefix}')`;
	const [days, flat] = LAYOUTS.map((each) => JSON.stringify(foldersOf(each)));
	const clientRequest = `={{ { storageConfig: { fileNamePrefix: ${isDays} ? ${days} : ${flat} } } }}`;
	const parameters = { ...node.parameters, partitionByDate: `={{ ${isDays} }}`, clientRequest };
	return { ...node, parameters };
}
