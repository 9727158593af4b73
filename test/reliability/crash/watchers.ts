import { sandboxCredentials, saveCredential } from '../../../sandbox/n8n/credentials.ts';
import type { RestApi } from '../../../sandbox/n8n/restApi.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

export const TRIGGER = 'Agora Trigger';
const NOTHING = 'No Operation';
/** n8n refuses a time that comes more than once a minute, but takes several times. */
const POLLS_A_MINUTE = 3;
const EVERY_SECONDS = 60 / POLLS_A_MINUTE;

/**
 * Makes workflows that watch for completed recordings, and activates them. Each polls every twenty seconds, at
 * other seconds than the others, so that in short lives of n8n something polls.
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
	const ids: string[] = [];
	for (let number = 0; number < count; number++) {
		const first = Math.floor((number * EVERY_SECONDS) / count);
		const workflow = watcher(first, { [storage.type]: credential });
		const { id, versionId } = await api.post<{ id: string; versionId: string }>(
			'/workflows',
			workflow,
		);
		await api.post(`/workflows/${id}/activate`, { versionId });
		ids.push(id);
	}
	return ids;
}

function watcher(first: number, credentials: Record<string, { id: string; name: string }>) {
	const seconds = Array.from({ length: POLLS_A_MINUTE }, (_, i) => first + i * EVERY_SECONDS);
	return {
		name: `At seconds ${seconds.join(', ')}`,
		nodes: [
			{
				id: 'trigger',
				name: TRIGGER,
				type: 'n8n-nodes-agora.agoraTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: { pollTimes: { item: seconds.map(everyMinuteAt) } },
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
