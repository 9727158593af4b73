import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../../agora/account';
import { oncePerItem, shareStart } from './once';
import { readPlan, type RunningRecording } from './plan';
import { startRecorder } from './recorder';
import { waitUntilRecording } from './waitUntilRecording';

export { description } from './settings';

/**
 * Starts a recording, once for each input item, even if n8n retries the node.
 *
 * @throws Fault when nothing was started, and when the recording may not be running. It names what may be running.
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const item = context.getInputData()[itemIndex]!;
	return await oncePerItem(item, async () => await startItem(context, itemIndex));
}

async function startItem(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const account = await readAccount(context);
	const plan = await readPlan(context, itemIndex, account);
	const running = await shareStart(
		account,
		plan,
		async () => await startRecorder(context, account, plan),
	);
	if (!plan.waitsForRecording) return toItem(running);
	const agoraState = await waitUntilRecording(context, account, running.record);
	return toItem(running, { agora_state: agoraState });
}

function toItem(
	{ record, folder, isNew, note }: RunningRecording,
	state?: IDataObject,
): IDataObject {
	const { sid, cname, uid, mode, appId, startedAt, resourceId } = record;
	return {
		sid,
		cname,
		status: 'recording',
		already_recording: !isNew,
		mode,
		uid,
		app_id: appId,
		started_at: startedAt,
		folder,
		session_record_saved: note === null,
		...(note !== null && { session_record_note: note }),
		...state,
		resourceId,
	};
}
