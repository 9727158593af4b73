import { sandboxCredentials, saveCredential } from '../../../sandbox/n8n/credentials.ts';
import type { RestApi } from '../../../sandbox/n8n/restApi.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

export const TRIGGER = 'Agora Trigger';
const NOTHING = 'No Operation';
const MINUTE_SECONDS = 60;

/**
 * Makes workflows that watch for completed recordings, and activates them. Each polls once a minute, at another
 * second, so that in short lives of n8n something polls.
 *
 * @param bucket origin at which n8n finds the sandbox's bucket
 * @returns their ids
 */
export async function makeWatchers(
	api: RestApi,
	sandbox: Sandbox,
	bucket: string,
	count: number,
): Promise<string[]> {
	const there = { ...sandbox, storage: { ...sandbox.storage, endpoint: bucket } };
	const storage = sandboxCredentials(there).find(({ type }) => type === 'agoraStorageApi')!;
	const credential = { id: await saveCredential(api, storage), name: storage.name };
	const seconds = Array.from({ length: count }, (_, i) => Math.floor((i * MINUTE_SECONDS) / count));
	const ids: string[] = [];
	for (const second of seconds) {
		const workflow = watcher(second, { [storage.type]: credential });
		const { id, versionId } = await api.post<{ id: string; versionId: string }>(
			'/workflows',
			workflow,
		);
		await api.post(`/workflows/${id}/activate`, { versionId });
		ids.push(id);
	}
	return ids;
}

function watcher(second: number, credentials: Record<string, { id: string; name: string }>) {
	return {
		name: `At second ${second}`,
		nodes: [
			{
				id: 'trigger',
				name: TRIGGER,
				type: 'n8n-nodes-agora.agoraTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: {
					pollTimes: { item: [{ mode: 'custom', cronExpression: `${second} * * * * *` }] },
				},
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
