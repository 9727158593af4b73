import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { query } from '../../agora/cloudRecording';
import { Fault } from '../../http/fault';
import { describe } from './describe';
import {
	locateRecording,
	recordingLocator,
	sessionOptions,
	type Located,
	type SessionOptions,
} from './locator';
import {
	includeSegments,
	linkLifetime,
	presentationOf,
	type PresentationOptions,
} from './presentation';

export const description = (): INodeProperties[] => [
	recordingLocator,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [includeSegments, linkLifetime, ...sessionOptions],
	},
];

/**
 * Gets one recording: what the bucket holds of it, and whether Agora says that it still runs.
 *
 * @throws Fault when the recording cannot be found
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const options = context.getNodeParameter('options', itemIndex, {}) as SessionOptions &
		PresentationOptions;
	const presentation = presentationOf(options);
	const located = await locateRecording(context, itemIndex, options, presentation.includeSegments);
	const answer = await askIfRunning(context, located);
	const status = answer === null ? located.found?.status : 'recording';
	if (status !== undefined) return describe(located, { status, answer }, presentation.linkSeconds);
	throw new Fault('This recording is not running, and no file of it is known', {
		description:
			'It has ended, or it never came up. Connect the Agora Recording Storage API credential of its bucket to find its files.',
		httpCode: '404',
	});
}

/** Only its session tells how to ask Agora; a finished recording needs no question. */
async function askIfRunning(
	context: IExecuteFunctions,
	{ found, session }: Located,
): Promise<IDataObject | null> {
	if (session === null || found?.status === 'completed') return null;
	return await query(context, await readAccount(context), session);
}
