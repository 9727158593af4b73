import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { stop, type Session, type StopOutcome } from '../../agora/cloudRecording';
import { answeredUploadingStatus } from '../../recordings/agoraAnswer';
import { findSession, openSession } from '../../recordings/find';
import type { RecordingStatus } from '../../recordings/completeness';
import { alphabetical } from '../alphabetical';
import { describe } from './describe';
import { locateRecording, needSession, recordingLocator, sessionOptions } from './locator';
import type { Located, SessionOptions } from './locator';
import { includeSegments, linkLifetime, presentationOf } from './presentation';
import type { PresentationOptions } from './presentation';

export const description = (): INodeProperties[] => [
	recordingLocator,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: alphabetical([
			includeSegments,
			linkLifetime,
			...sessionOptions,
			{
				displayName: 'Wait for Upload',
				name: 'waitForUpload',
				type: 'boolean',
				default: true,
				description:
					'Whether to go on only when the files are in the bucket, which takes some 20 seconds at most. The MP4 may still come later.',
			},
		]),
	},
];

/** What a workflow can go on with although there was nothing (more) to stop. */
const NOTES: Record<Extract<StopOutcome, { stopped: false }>['because'], string> = {
	already_ended: 'The recording had ended before.',
	already_stopping: 'The recording was being stopped already.',
	no_recorded_data:
		'Nobody published audio or video while the recording ran, so there are no files.',
};

interface StopOptions extends SessionOptions, PresentationOptions {
	waitForUpload?: boolean;
}

/**
 * Ends a recording.
 *
 * @returns the recording, with `uploading_status`: Agora's `uploaded`, `backuped`, `unknown` or `stranded`;
 *   `in_progress` where it was not waited for; `already_ended`, `already_stopping` or `no_recorded_data` (with
 *   a `note`) where there was nothing to stop
 * @throws Fault when the recording or its session record cannot be found, or Agora refuses
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const options = context.getNodeParameter('options', itemIndex, {}) as StopOptions;
	const presentation = presentationOf(options);
	const wait = options.waitForUpload ?? true;
	const located = await locateRecording(context, itemIndex, options, presentation.includeSegments);
	const session = needSession(located);
	const outcome = await stop(context, await readAccount(context), session, wait);
	const after = await lookAgain(located, session, presentation.includeSegments);
	const said = {
		status: statusAfter(outcome, after),
		answer: outcome.stopped ? outcome.serverResponse : null,
	};
	return { ...describe(after, said, presentation.linkSeconds), ...uploading(outcome, wait) };
}

/** Agora says that it has ended; where the bucket waits for files, it is right, unless none will come. */
function statusAfter(outcome: StopOutcome, { found }: Located): RecordingStatus {
	const nothingComes = !outcome.stopped && outcome.because === 'no_recorded_data';
	return nothingComes ? 'completed' : (found?.status ?? 'completed');
}

/** The stop has changed what is in the bucket. */
async function lookAgain(
	located: Located,
	{ sid }: Session,
	keepSegments: boolean,
): Promise<Located> {
	const { bucket, found } = located;
	if (bucket === null) return located;
	const again =
		found === null
			? await findSession(bucket, sid, keepSegments)
			: await openSession(bucket, { ...found.session, record: found.record }, keepSegments);
	return { ...located, found: again ?? found };
}

function uploading(outcome: StopOutcome, wait: boolean): IDataObject {
	if (!outcome.stopped) {
		return { uploading_status: outcome.because, note: NOTES[outcome.because] };
	}
	const status = answeredUploadingStatus(outcome.serverResponse);
	return { uploading_status: wait ? (status ?? 'unknown') : 'in_progress' };
}
