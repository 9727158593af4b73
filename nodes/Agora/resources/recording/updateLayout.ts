import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { updateLayout, type Session } from '../../agora/cloudRecording';
import { Fault } from '../../http/errors';
import { LAYOUT_SETTINGS, layoutFields, layoutOptions, namedLayout, readLayout } from './layout';
import type { LayoutSettings } from './layout';
import { EXAMPLE_LOCATOR, runningRecordingLocator, sessionDetails } from './locator';
import { notRunning, sendToRunning } from './runningSession';
import type { Target } from './runningSession';
import type { Example, OperationDescription } from '../shared/operation';
import { EXAMPLE_RESOURCE_ID, EXAMPLE_SESSION } from '../shared/recordingFields';

export const description: OperationDescription = {
	name: 'Update Layout',
	value: 'updateLayout',
	action: 'Update recording layout',
	description: 'Change the video layout of a running composite recording',
	fields: () => [
		runningRecordingLocator(),
		...layoutFields(),
		{
			displayName:
				"The whole layout is replaced. Settings that are not set here return to Agora's defaults, not to those of the start.",
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
			options: layoutOptions(),
		},
		sessionDetails(),
	],
};

/**
 * Changes the layout of a running composite recording. Of a channel, the one that is running.
 *
 * @returns which recording, and its layout as `namedLayout` returns it
 * @throws Fault when the layout is not valid, or the recording cannot be found, is not composite, or is not running
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const layout = readLayout(readSettings(context, itemIndex));
	checkLayout(layout);
	const account = await readAccount(context);
	const send = async ({ session }: Target) => {
		if (session.mode !== 'mix') throw notComposite(session.mode);
		return await updateLayout(context, account, session, layout);
	};
	const isComposite = ({ mode }: Session) => mode === 'mix';
	const { target, result } = await sendToRunning(context, itemIndex, false, send, isComposite);
	const { sid, cname, resourceId, uid, mode } = target.session;
	if (result === null) throw await notRunning(target);
	return { sid, cname, mode, uid, ...namedLayout(layout), resourceId };
}

function checkLayout(layout: IDataObject): void {
	for (const { agora, label, check, must } of LAYOUT_SETTINGS) {
		if (layout[agora] === undefined || check(layout[agora])) continue;
		throw new Fault(`"${label}" has an invalid value`, { description: `It must be ${must}.` });
	}
}

function notComposite(mode: string): Fault {
	return new Fault('Only composite recordings have a layout', {
		description: `The mode of this recording is ${mode}. Choose another recording.`,
	});
}

function readSettings(context: IExecuteFunctions, itemIndex: number): LayoutSettings {
	// Fields of another layout are absent; n8n needs a fallback that is not undefined.
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

export const example = (): Example => ({
	needs: 'runningRecording',
	parameters: { recordingId: EXAMPLE_LOCATOR, mixedVideoLayout: 1 },
	result: {
		...EXAMPLE_SESSION,
		layout: 'best_fit',
		background_color: '#000000',
		resourceId: EXAMPLE_RESOURCE_ID,
	},
});
