import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { stop, type Session, type StopOutcome } from '../../agora/cloudRecording';
import { answeredUploadingStatus } from '../../recordings/agoraAnswer';
import { findSession, openSession } from '../../recordings/find';
import { saveSession } from '../../recordings/sessionRecord';
import type { SessionRecord } from '../../recordings/sessionRecord';
import type { RecordingStatus } from '../../recordings/status';
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
	const status = uploadingStatus(outcome, wait);
	const record = await noteEnd(context, located, status);
	const after = await lookAgain(located, session, record, presentation.includeSegments);
	const said = {
		status: statusAfter(outcome, after),
		answer: outcome.stopped ? outcome.serverResponse : null,
	};
	const note = outcome.stopped ? {} : { note: NOTES[outcome.because] };
	const recording = describe(after, said, presentation.linkSeconds);
	return { ...recording, uploading_status: status, ...note };
}

/**
 * Adds the end to the session record, if there is one, so that nothing takes the session for a running one any more.
 * The recording is stopped in any case, so a bucket that refuses is only reported in n8n's log.
 *
 * @returns the record as it is now; null where there is none
 */
async function noteEnd(
	{ logger }: IExecuteFunctions,
	{ bucket, found }: Located,
	uploading: string,
): Promise<SessionRecord | null> {
	if (bucket === null || !found?.record) return null;
	const { session, record } = found;
	// A second stop knows less about the end than the first.
	if (record.endedAt !== undefined) return record;
	const ended = { ...record, endedAt: new Date().toISOString(), uploadingStatus: uploading };
	try {
		await saveSession(bucket, session.folder, ended);
	} catch (error) {
		logger.warn(
			`Recording ${record.sid} was stopped, but its session record could not be updated: ${(error as Error).message}`,
		);
	}
	return ended;
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
	record: SessionRecord | null,
	keepSegments: boolean,
): Promise<Located> {
	const { bucket, found } = located;
	if (bucket === null) return located;
	const again =
		found === null
			? await findSession(bucket, sid, keepSegments)
			: await openSession(bucket, { ...found.session, record }, keepSegments);
	return { ...located, found: again ?? found };
}

function uploadingStatus(outcome: StopOutcome, wait: boolean): string {
	if (!outcome.stopped) return outcome.because;
	if (!wait) return 'in_progress';
	return answeredUploadingStatus(outcome.serverResponse) ?? 'unknown';
}
