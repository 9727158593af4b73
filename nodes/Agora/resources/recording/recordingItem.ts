import type { IDataObject } from 'n8n-workflow';
import { toRecording, recordingWithoutFiles, withReportedFiles } from '../../recordings/recording';
import { reportedFiles } from '../../recordings/serverResponse';
import type { RecordingStatus } from '../../recordings/status';
import type { Located } from './locator';

export interface SaidByAgora {
	/** The current status, which the bucket's files alone may not show. */
	status: RecordingStatus;
	/** `serverResponse` of `query` or `stop`; null if Agora was not queried or returned none. */
	answer: IDataObject | null;
}

/**
 * Combines the files in the bucket with those that Agora reports and that are not uploaded yet.
 *
 * @param linkSeconds lifetime of the download links, 1 to 604,800 seconds
 * @returns the recording in the shape people see
 */
export function toRecordingItem(
	{ bucket, found, session }: Located,
	{ status, answer }: SaidByAgora,
	linkSeconds: number,
): IDataObject {
	const recording =
		bucket !== null && found !== null
			? toRecording(bucket, { ...found, status }, { includeSegments: true, linkSeconds })
			: recordingWithoutFiles(session!, status, null);
	const folder = found?.session.folder ?? bucket?.prefix ?? '';
	const files = answer === null ? [] : reportedFiles(answer);
	return withReportedFiles(recording, files, folder, bucket, linkSeconds) as unknown as IDataObject;
}
