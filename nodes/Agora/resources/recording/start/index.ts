import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../../agora/account';
import type { Example, OperationDescription } from '../../shared/operation';
import { EXAMPLE_RESOURCE_ID, EXAMPLE_SESSION } from '../../shared/recordingFields';
import { oncePerItem, shareStart } from './once';
import { readPlan, type RunningRecording } from './plan';
import { startRecorder } from './recorder';
import { startFields } from './settings';
import { waitUntilRecording } from './waitUntilRecording';

export const description: OperationDescription = {
	name: 'Start',
	value: 'start',
	action: 'Start recording',
	description: 'Start recording a channel or a web page',
	fields: startFields,
};

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
		mode,
		uid,
		started_at: startedAt,
		folder,
		already_recording: !isNew,
		app_id: appId,
		session_record_saved: note === null,
		...(note !== null && { session_record_note: note }),
		...state,
		resourceId,
	};
}

export const example = (): Example => ({
	parameters: {
		cname: 'class-7b',
		mode: 'mix',
		uidMode: 'automatic',
		channelType: 1,
		fileFormats: 'hlsMp4',
		partitionByDate: true,
		options: { maxIdleTime: 60 },
	},
	result: {
		sid: EXAMPLE_SESSION.sid,
		cname: EXAMPLE_SESSION.cname,
		status: 'recording',
		mode: EXAMPLE_SESSION.mode,
		uid: EXAMPLE_SESSION.uid,
		started_at: '2026-11-23T08:00:04.311Z',
		folder: 'recordings/school/20261123/',
		already_recording: false,
		app_id: '0123456789abcdef0123456789abcdef',
		session_record_saved: true,
		resourceId: EXAMPLE_RESOURCE_ID,
	},
});
