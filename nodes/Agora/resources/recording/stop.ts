import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { stop, type StopOutcome } from '../../agora/cloudRecording';
import { findSession } from '../../recordings/find';
import { loadKnownSession, type LoadedSession } from '../../recordings/loadSession';
import { reportedUploadingStatus } from '../../recordings/serverResponse';
import type { SessionRecord } from '../../recordings/sessionRecord';
import type { RecordingStatus } from '../../recordings/status';
import { readBoolean } from '../shared/parameters';
import { EXAMPLE_LOCATOR, runningRecordingLocator, sessionDetails } from './locator';
import { mayComeBack, saveEnd, sendToRunning } from './runningSession';
import type { Target } from './runningSession';
import {
	exampleRecording,
	includeSegments,
	linkLifetime,
	presentRecording,
	presentationOf,
	simplifyRecordings,
} from '../shared/recordingFields';
import type { PresentationOptions } from '../shared/recordingFields';
import type { Example, OperationDescription } from '../shared/operation';
import { toRecordingItem } from './recordingItem';

export const description: OperationDescription = {
	name: 'Stop',
	value: 'stop',
	action: 'Stop recording',
	description: 'Stop a running recording, by ID or channel name, and retrieve its files',
	fields: () => [
		runningRecordingLocator(),
		simplifyRecordings(),
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [
				includeSegments,
				linkLifetime,
				{
					displayName: 'Wait for Upload',
					name: 'waitForUpload',
					type: 'boolean',
					default: true,
					description:
						'Whether to wait until the files are in the bucket, up to about 20 seconds. The MP4 can still arrive later.',
				},
			],
		},
		sessionDetails(),
	],
};

/** Agora does not find the recording, but its recorder may only be starting or being replaced. */
type NotFound = { stopped: false; because: 'not_found' };
type Outcome = StopOutcome | NotFound;
type NotStopped = Extract<Outcome, { stopped: false }>['because'];

/** Notes for items whose recording was not stopped. */
const NOTES: Record<NotStopped, string> = {
	already_ended: 'The recording had already ended.',
	not_found:
		'Agora does not find this recording at the moment. If its recorder is starting or being replaced, it goes on: stop it again in two minutes.',
	already_stopping: 'The recording was already being stopped.',
	no_recorded_data: 'Nobody published audio or video during the recording, so there are no files.',
};

interface StopOptions extends PresentationOptions {
	waitForUpload?: unknown;
}

/**
 * Ends a recording. Of a channel, the one that is running.
 *
 * @returns the recording, with `stopped` and `uploading_status`: Agora's `uploaded`, `backuped`, `unknown` or
 *   `stranded`; `in_progress` where files are still arriving; `already_ended`, `already_stopping`, `not_found` or
 *   `no_recorded_data` (with a `note`) where nothing was stopped
 * @throws Fault when the recording or its session record cannot be found, or Agora refuses
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const options = context.getNodeParameter('options', itemIndex, {}) as StopOptions;
	const { includeSegments: keepSegments, linkSeconds } = presentationOf(options);
	const wait = readBoolean(options.waitForUpload, 'Wait for Upload', true);
	const account = await readAccount(context);
	const { target, result } = await sendToRunning(
		context,
		itemIndex,
		keepSegments,
		async ({ session }) => {
			const outcome = await stop(context, account, session, wait);
			return isOver(outcome) ? null : outcome;
		},
	);
	const outcome = result ?? (await whyNotFound(target));
	const uploading = uploadingStatus(outcome, wait);
	const record = await noteEnd(context, target, uploading);
	const found = await readAgain(target, record, keepSegments);
	const answer = outcome.stopped ? outcome.serverResponse : null;
	const said = { status: statusAfter(uploading, found), answer };
	const recording = toRecordingItem({ ...target, found }, said, linkSeconds);
	const status = hasMissingFiles(recording, target) ? 'recording' : (recording.status as string);
	// Its files are still arriving, so already_ended alone would be misleading.
	const isArriving = status === 'recording' && uploading === 'already_ended';
	const notes = [recording.note, !outcome.stopped && NOTES[outcome.because]];
	const { resourceId, ...rest } = recording;
	return presentRecording(context, itemIndex, {
		...rest,
		status,
		...(status === 'recording' && { ended_at: null }),
		stopped: outcome.stopped,
		uploading_status: isArriving ? 'in_progress' : uploading,
		...(notes.some(Boolean) && { note: notes.filter(Boolean).join(' ') }),
		resourceId,
	});
}

/** Whether a recording that Agora doesn't find has ended, or may come back. */
async function whyNotFound({ bucket, known, found }: Target): Promise<Outcome> {
	const record = known?.record;
	const comesBack =
		bucket !== null &&
		record &&
		record.endedAt === undefined &&
		(await mayComeBack(bucket, { ...known!, record }, found));
	return { stopped: false, because: comesBack ? 'not_found' : 'already_ended' };
}

function isOver(outcome: StopOutcome): boolean {
	return !outcome.stopped && outcome.because === 'already_ended';
}

function uploadingStatus(outcome: Outcome, wait: boolean): string {
	if (!outcome.stopped) return outcome.because;
	if (!wait) return 'in_progress';
	return reportedUploadingStatus(outcome.serverResponse) ?? 'unknown';
}

/** @returns the session record with the end; null where there is no record */
async function noteEnd(
	context: IExecuteFunctions,
	{ bucket, known }: Target,
	uploading: string,
): Promise<SessionRecord | null> {
	if (bucket === null || !known?.record) return null;
	const { folder, record } = known;
	// The record of the first stop is more precise.
	if (record.endedAt !== undefined || uploading === 'not_found') return record;
	return await saveEnd(context, bucket, folder, record, uploading);
}

/** Reads the files again, which the stop has changed. */
async function readAgain(
	{ bucket, known, found, session }: Target,
	record: SessionRecord | null,
	keepSegments: boolean,
): Promise<LoadedSession | null> {
	if (bucket === null) return null;
	const again =
		known === null
			? await findSession(bucket, session.sid, keepSegments)
			: await loadKnownSession(bucket, { ...known, record }, keepSegments);
	return again ?? found;
}

/** What `uploading_status` is while files may still arrive. */
const ARRIVING = [
	'in_progress',
	'not_found',
	'already_stopping',
	'backuped',
	'unknown',
	'stranded',
];

/** The bucket decides whether all files are there, unless none will be uploaded. */
function statusAfter(uploading: string, found: LoadedSession | null): RecordingStatus {
	if (uploading === 'no_recorded_data') return 'completed';
	if (found !== null && found.playlists.length > 0) return found.status;
	if (ARRIVING.includes(uploading)) return 'recording';
	return found?.status ?? 'completed';
}

/** Whether Agora reports files that are not in the bucket. Unknown without a bucket. */
function hasMissingFiles(recording: IDataObject, { bucket }: Target): boolean {
	const files = recording.file_list as Array<{ size_bytes: number | null }>;
	return bucket !== null && files.some(({ size_bytes: bytes }) => bytes === null);
}

export const example = (): Example => {
	const { resourceId, ...recording } = exampleRecording();
	return {
		needs: 'runningRecording',
		parameters: { recordingId: EXAMPLE_LOCATOR },
		result: { ...recording, stopped: true, uploading_status: 'uploaded', resourceId },
	};
};
