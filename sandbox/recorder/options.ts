/** How recordings behave, independently of what a request contains. */
export interface RecorderOptions {
	/**
	 * Whether composite and web page recordings keep the underscores of the channel name in their file names.
	 * Agora documents that they become `-`; no file name of a real recording is known to confirm it. Individual
	 * recordings always keep them.
	 */
	compositeUnderscores: 'kept' | 'replaced';
	/** Whether to write the combined playlists of `streamMode: 'standard'` even if the request doesn't set it. */
	standardStreams: boolean;
	/**
	 * Seconds of recording after which a new MP4 begins. Null for what Agora does: two hours, or
	 * `maxVideoDuration` for web pages.
	 */
	mp4EverySeconds: number | null;
	/** Seconds from the end of a session until its last MP4 is uploaded. */
	mp4DelaySeconds: number;
	/** Whether session IDs, and therefore file names, are in upper case. */
	sidCase: 'lower' | 'upper';
	/**
	 * What stop reports after the session has ended. With `backuped` and `stranded`, the last slices, the closed
	 * playlists and the last MP4s are uploaded late.
	 */
	uploadingStatus: UploadingStatus;
	/** Seconds from the end of a session until late files are uploaded; null for never. */
	lateUploadSeconds: number | null;
}

/** Agora documents `stranded` for raw recordings only; in the sandbox, any recording can be stranded. */
export type UploadingStatus = 'uploaded' | 'backuped' | 'stranded' | 'unknown';

export const RECORDER_OPTIONS: RecorderOptions = {
	compositeUnderscores: 'replaced',
	standardStreams: false,
	mp4EverySeconds: null,
	mp4DelaySeconds: 0,
	sidCase: 'lower',
	uploadingStatus: 'uploaded',
	lateUploadSeconds: 30,
};
