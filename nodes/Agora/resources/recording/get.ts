import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { hasAccount, readAccount } from '../../agora/account';
import { query, type Session } from '../../agora/cloudRecording';
import { Fault } from '../../http/errors';
import { placeIn } from '../../recordings/find';
import { loadKnownSession } from '../../recordings/loadSession';
import {
	EXAMPLE_LOCATOR,
	locateRecording,
	recordingLocator,
	sessionDetails,
	type Located,
} from './locator';
import { findRunning } from './runningSession';
import {
	exampleRecording,
	includeSegments,
	linkLifetime,
	presentRecording,
	readPresentation,
	simplifyRecordings,
} from '../shared/recordingFields';
import type { Example, OperationDescription } from '../shared/operation';
import { toRecordingItem } from './recordingItem';

export const description: OperationDescription = {
	name: 'Get',
	value: 'get',
	action: 'Get recording',
	description: 'Retrieve the status, files and download links of a recording',
	fields: () => [
		recordingLocator(),
		simplifyRecordings(),
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [includeSegments, linkLifetime],
		},
		sessionDetails(),
	],
};

/**
 * Returns a recording: its files in the bucket, and its status, for which Agora is queried unless it is completed.
 *
 * @throws Fault when the recording cannot be found
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const { includeSegments: keepSegments, linkSeconds } = readPresentation(context, itemIndex);
	const { current, answer } = await findCurrent(context, itemIndex, keepSegments);
	const status = answer === null ? current.found?.status : 'recording';
	if (status !== undefined) {
		const recording = toRecordingItem(current, { status, answer }, linkSeconds);
		return presentRecording(context, itemIndex, recording);
	}
	throw new Fault('This recording is not running, and no files of it were found', {
		description:
			current.bucket === null
				? 'It has ended, or it never started recording. Connect the Agora Recording Storage API credential of its bucket to find its files.'
				: `It has ended, or it never started recording. Its files may arrive within the next minutes; they were searched ${placeIn(current.bucket)}.`,
		httpCode: '404',
	});
}

/** @returns the recording, and Agora's `serverResponse` where it is running */
async function findCurrent(
	context: IExecuteFunctions,
	itemIndex: number,
	keepSegments: boolean,
): Promise<{ current: Located; answer: IDataObject | null }> {
	const ask = async (session: Session) => await query(context, await readAccount(context), session);
	const { running, over } = hasAccount(context)
		? await findRunning(context, itemIndex, async ({ session }) => await ask(session))
		: { running: null, over: new Set<string>() };
	if (running !== null) {
		const { target, result } = running;
		const found = await loadKnownSession(target.bucket!, target.known!, keepSegments);
		return { current: { ...target, found }, answer: result };
	}
	const current = await locateRecording(context, itemIndex, keepSegments);
	const { session, found } = current;
	// Agora doesn't know a recording that has ended, so only the others are worth a request.
	const mayRun = session !== null && found?.status !== 'completed' && !over.has(session.sid);
	// Without a credential, the bucket's files are the answer, if there are any.
	const canAsk = hasAccount(context) || found === null;
	return { current, answer: mayRun && canAsk ? await ask(session) : null };
}

export const example = (): Example => ({
	needs: 'endedRecording',
	parameters: { recordingId: EXAMPLE_LOCATOR },
	result: exampleRecording(),
});
