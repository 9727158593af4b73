import type { RecordedFile } from '../recorder/recorder.ts';
import { Status, type Session } from './session.ts';

/**
 * `serverResponse` of a query. Agora has three shapes: a file name (mix with HLS only), an array
 * (everything else in a channel), and `extensionServiceState` (web).
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

function cdnPush({ pushAddresses, onhold, status }: Session) {
	if (pushAddresses.length === 0) return [];
	const doing = status < Status.ready ? 'connecting' : onhold ? 'onhold' : 'publishing';
	const outputs = pushAddresses.map((rtmpUrl) => ({ rtmpUrl, status: doing }));
	return [{ serviceName: 'rtmp_publish_service', payload: { state: webState(status), outputs } }];
}

function fileList({ parameters }: Session, files: RecordedFile[]): Record<string, unknown> {
	const { mode, request } = parameters;
	if (request.snapshotConfig && !request.recordingFileConfig) return {};
	const types = request.recordingFileConfig?.avFileType ?? ['hls'];
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
