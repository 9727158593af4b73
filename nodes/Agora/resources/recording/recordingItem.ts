import type { IDataObject } from 'n8n-workflow';
import { answeredFiles } from '../../recordings/agoraAnswer';
import type { RecordingStatus } from '../../recordings/status';
import { toRecording, unseenRecording, withAnsweredFiles } from '../../recordings/recording';
import type { Located } from './locator';

export interface SaidByAgora {
	/** What holds now, which the bucket alone may not know. */
	status: RecordingStatus;
	/** `serverResponse` of `query` or `stop`, null where Agora was not asked or had nothing to say. */
	answer: IDataObject | null;
}

/**
 * One answer out of two: the bucket's files, and those that Agora names and that are still on their way.
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
			: unseenRecording(session!, status);
	const folder = found?.session.folder ?? bucket?.prefix ?? '';
	const files = answer === null ? [] : answeredFiles(answer);
	return withAnsweredFiles(recording, files, folder, bucket, linkSeconds) as unknown as IDataObject;
}
