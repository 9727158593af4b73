import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { updateLayout } from '../../agora/cloudRecording';
import { Fault } from '../../http/fault';
import { alphabetical } from '../alphabetical';
import { layoutFields, layoutOptions, readLayout, type LayoutSettings } from './layout';
import { locateRecording, needSession, recordingLocator, sessionOptions } from './locator';
import type { SessionOptions } from './locator';

export const description = (): INodeProperties[] => [
	recordingLocator,
	...layoutFields,
	{
		displayName:
			'The whole layout is replaced: what is not set here goes back to Agora’s default, not to what the recording was started with',
		name: 'layoutNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: alphabetical([...layoutOptions, ...sessionOptions]),
	},
];

/**
 * Gives a running composite recording another layout.
 *
 * @returns which recording, and the layout it has now
 * @throws Fault when the recording cannot be found, is not composite, runs no more, or the layout cannot be
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const layout = readLayout(readSettings(context, itemIndex));
	const options = context.getNodeParameter('options', itemIndex, {}) as SessionOptions;
	const session = needSession(await locateRecording(context, itemIndex, options));
	if (session.mode !== 'mix') {
		throw new Fault('Only composite recordings have a layout', {
			description: `The recording is of mode ${session.mode}. Choose another one.`,
		});
	}
	await updateLayout(context, await readAccount(context), session, layout);
	const { sid, cname, resourceId, uid, mode } = session;
	return { sid, cname, resourceId, uid, mode, layout };
}

function readSettings(context: IExecuteFunctions, itemIndex: number): LayoutSettings {
	// Fields of another layout are not there; n8n wants a fallback that is not undefined.
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, null) ?? undefined;
	return {
		mixedVideoLayout: parameter('mixedVideoLayout'),
		maxResolutionUid: parameter('maxResolutionUid'),
		layoutConfig: parameter('layoutConfig'),
		backgroundColor: parameter('backgroundColor'),
		backgroundImage: parameter('options.backgroundImage'),
		defaultUserBackgroundImage: parameter('options.defaultUserBackgroundImage'),
		backgroundConfig: parameter('options.backgroundConfig'),
	} as LayoutSettings;
}
