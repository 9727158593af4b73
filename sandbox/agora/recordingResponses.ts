import type { RecordedFile } from '../recorder/recorder.ts';
import type { ApiResponse } from '../router.ts';
import { Status, type Session } from './session.ts';

/** An error of cloud recording, which has a `code` and a `reason`; `more` is added to the body. */
export const recordingError = (
	status: number,
	code: number,
	reason: string,
	more: Record<string, unknown> = {},
): ApiResponse => ({ status, body: { ...more, code, reason } });

/**
 * `serverResponse` of a query. The file list has three shapes: a file name (mix mode with HLS only), an array
 * (other recordings of a channel), or part of `extensionServiceState` (web mode).
 */
export function queryResponse(session: Session): Record<string, unknown> {
	const { status } = session;
	if (session.parameters.mode === 'web') {
		const state = status >= Status.stopRequested ? 'exit' : webState(status);
		return { status, extensionServiceState: [webRecorder(session, state), ...cdnPush(session)] };
	}
	const files = session.recorder.files();
	const sliceStartTime = files[0]?.sliceStartTime ?? 0;
	return { status, ...fileList(session, files), sliceStartTime };
}

/** `serverResponse` of a stop. */
export function stopResponse(session: Session, uploadingStatus: string): Record<string, unknown> {
	if (session.parameters.mode === 'web') {
		const upload = { serviceName: 'upload_service', payload: { uploadingStatus } };
		return { extensionServiceState: [upload, webRecorder(session, 'exit')] };
	}
	return { ...fileList(session, session.recorder.files()), uploadingStatus };
}

const webState = (status: number) => (status >= Status.ready ? 'inProgress' : 'init');

function webRecorder({ recorder, onhold }: Session, state: string) {
	const files = recorder.files();
	return {
		serviceName: 'web_recorder_service',
		payload: {
			state,
			onhold,
			fileList: files.map(({ fileName, sliceStartTime }) => ({
				filename: fileName,
				sliceStartTime,
			})),
		},
	};
}

function cdnPush({ rtmpUrls, onhold, status }: Session) {
	if (rtmpUrls.length === 0) return [];
	const outputStatus = status < Status.ready ? 'connecting' : onhold ? 'onhold' : 'publishing';
	const outputs = rtmpUrls.map((rtmpUrl) => ({ rtmpUrl, status: outputStatus }));
	return [{ serviceName: 'rtmp_publish_service', payload: { state: webState(status), outputs } }];
}

function fileList({ parameters }: Session, files: RecordedFile[]): Record<string, unknown> {
	const { mode, startRequest } = parameters;
	if (startRequest.snapshotConfig && !startRequest.recordingFileConfig) return {};
	const types = startRequest.recordingFileConfig?.avFileType ?? ['hls'];
	if (mode === 'mix' && !types.includes('mp4'))
		return { fileListMode: 'string', fileList: files[0]?.fileName ?? '' };
	return {
		fileListMode: 'json',
		fileList: files.map((file) => ({
			...file,
			mixedAllUser: mode === 'mix',
			isPlayable: true,
		})),
	};
}
