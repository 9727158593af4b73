import { sandboxCredentials, saveCredential } from '../../../sandbox/n8n/credentials.ts';
import type { RestApi } from '../../../sandbox/n8n/restApi.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

export const TRIGGER = 'Agora Trigger';
const NOTHING = 'No Operation';
/** n8n refuses a time that comes more than once a minute, but takes several times. */
const SECONDS = [0, 20, 40];

/**
 * Makes a workflow that watches for completed recordings, and activates it. It polls every twenty seconds, so that
 * in short lives of n8n something polls.
 *
 * @param bucket origin at which n8n finds the sandbox's bucket
 * @returns its id
 */
export async function makeWatcher(api: RestApi, sandbox: Sandbox, bucket: string): Promise<string> {
	const there = { ...sandbox, storage: { ...sandbox.storage, endpoint: bucket } };
	const storage = sandboxCredentials(there).find(({ type }) => type === 'agoraStorageApi')!;
	const credential = { id: await saveCredential(api, storage), name: storage.name };
	const workflow = watcher({ [storage.type]: credential });
	const { id, versionId } = await api.post<{ id: string; versionId: string }>(
		'/workflows',
		workflow,
	);
	await api.post(`/workflows/${id}/activate`, { versionId });
	return id;
}

function watcher(credentials: Record<string, { id: string; name: string }>) {
	return {
		name: 'Watch',
		nodes: [
			{
				id: 'trigger',
				name: TRIGGER,
				type: 'n8n-nodes-agora.agoraTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: { pollTimes: { item: SECONDS.map(everyMinuteAt) } },
				credentials,
			},
			{
				id: 'nothing',
				name: NOTHING,
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [200, 0],
				parameters: {},
			},
		],
		connections: { [TRIGGER]: { main: [[{ node: NOTHING, type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
}

function everyMinuteAt(second: number) {
	return { mode: 'custom', cronExpression: `${second} * * * * *` };
}
