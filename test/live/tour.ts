import { setTimeout as wait } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import { Engine } from '../integration/engine.ts';
import type { Keys } from './keys.ts';
import { listenTo, type Heard } from './listener.ts';

/** For a first slice to be uploaded. */
const RECORD_MS = 30_000;

/**
 * Lists the projects, starts a recording, asks for it while it runs, stops it and gets its files: by the nodes, in
 * n8n's engine. A recording that was started is stopped, whatever happens in between.
 *
 * @param recordMs how long it records
 * @returns what Agora answered
 * @throws Error with what a node said, when one fails
 */
export async function tour(
	{ agora, storage, channel }: Keys,
	say: (line: string) => void,
	recordMs = RECORD_MS,
): Promise<Heard[]> {
	const listener = await listenTo(agora.host);
	const engine = await Engine.start({
		agoraApi: { default: { ...agora, host: 'custom', customHost: listener.origin } },
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
		say(`${projects.length} projects`);
		const [started] = await run('recording', 'start', {
			cname: channel,
			options: { waitForRecording: true },
		});
		const { sid } = started as { sid: string };
		say(`started ${sid}`);
		const recordingId = { __rl: true, mode: 'id', value: sid };
		try {
			await wait(recordMs);
			const [running] = await run('recording', 'get', { recordingId });
			say(`it is ${String(running?.status)}, with ${String(running?.segment_count)} slices so far`);
		} finally {
			const [stopped] = await run('recording', 'stop', { recordingId });
			const files = (stopped?.file_list ?? []) as unknown[];
			say(`stopped: ${String(stopped?.uploading_status)}, ${files.length} files`);
		}
		return listener.heard;
	} finally {
		await listener.close();
	}
}
