import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { update } from '../../agora/cloudRecording';
import { locateRecording, needSession, recordingLocator, sessionOptions } from './locator';
import type { SessionOptions } from './locator';
import { CHANGES, changeFields, readChange, type Change } from './updateChanges';

export const description = (): INodeProperties[] => [
	recordingLocator,
	...changeFields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: sessionOptions,
	},
];

/**
 * Changes a running recording.
 *
 * @returns which recording, and what was changed
 * @throws Fault when the recording cannot be found, is of a mode that knows no such change, or runs no more
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const change = context.getNodeParameter('change', itemIndex) as Change;
	const options = context.getNodeParameter('options', itemIndex, {}) as SessionOptions;
	const session = needSession(await locateRecording(context, itemIndex, options));
	const clientRequest = await readChange(context, itemIndex, change, session.mode);
	await update(context, await readAccount(context), session, clientRequest);
	const { sid, cname, resourceId, uid, mode } = session;
	return { sid, cname, resourceId, uid, mode, updated: CHANGES[change] };
}
