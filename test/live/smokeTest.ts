import { setTimeout as wait } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import { Engine } from '../integration/engine.ts';
import type { Keys } from './keys.ts';
import { startRecordingProxy, type Exchange } from './recordingProxy.ts';

/** Enough time to upload the first segment. */
const RECORD_MS = 30_000;

/**
 * Lists the projects, starts a recording, gets it while it runs, and stops it, with the nodes in n8n's engine. A started
 * recording is stopped even if something fails in between.
 *
 * @param recordMs how long it records
 * @returns Agora's responses
 * @throws Error with the message of a node that fails
 */
export async function runSmokeTest(
	{ agora, storage, channel }: Keys,
	report: (line: string) => void,
	recordMs = RECORD_MS,
): Promise<Exchange[]> {
	const proxy = await startRecordingProxy(agora.host);
	const engine = await Engine.start({
		agoraApi: { default: { ...agora, host: 'custom', customHost: proxy.origin } },
		agoraStorageApi: { default: storage },
	});
	const run = async (resource: string, operation: string, parameters: IDataObject = {}) => {
		const { error, json } = await engine.run({ resource, operation, ...parameters });
		if (error) {
			const { message, description } = error;
			throw new Error(`${resource} ${operation}: ${message}\n  ${description ?? ''}`);
		}
		return json;
	};
	try {
		const projects = await run('project', 'getAll', { returnAll: true });
		report(`${projects.length} projects`);
		const [started] = await run('recording', 'start', {
			cname: channel,
			waitForRecording: true,
		});
		const { sid } = started as { sid: string };
		report(`started ${sid}`);
		const recordingId = { __rl: true, mode: 'id', value: sid };
		try {
			await wait(recordMs);
			const [running] = await run('recording', 'get', { recordingId });
			report(
				`status ${String(running?.status)}, ${String(running?.segment_count)} segments so far`,
			);
		} finally {
			const [stopped] = await run('recording', 'stop', { recordingId });
			const files = (stopped?.file_list ?? []) as unknown[];
			report(`stopped: ${String(stopped?.uploading_status)}, ${files.length} files`);
		}
		return proxy.exchanges;
	} finally {
		await proxy.close();
	}
}
