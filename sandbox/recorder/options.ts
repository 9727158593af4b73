/** How recordings behave that nothing in a request to Agora decides. */
export interface RecorderOptions {
	/**
	 * Whether composite and web page recordings keep the underscores of the channel name in their file
	 * names. Agora documents `-`, and no real file name shows either. Individual recordings keep them.
	 */
	compositeUnderscores: 'kept' | 'replaced';
	/** Writes the combined playlists of Agora's `streamMode: 'standard'` although nobody asked. */
	standardStreams: boolean;
	/**
	 * A new MP4 begins after so many seconds of recording. Null for what Agora does: two hours, and for
	 * web pages `maxVideoDuration`.
	 */
	mp4EverySeconds: number | null;
	/** From the end of a session until its last MP4 is in the bucket; the earlier ones are there before. */
	mp4DelaySeconds: number;
	/** Whether session IDs, and with them file names, have upper-case letters. */
	sidCase: 'lower' | 'upper';
	/**
	 * What stop answers when it has waited for the end. With `backuped` and `stranded` the last slices, the
	 * closed playlists and the last MP4s come late.
	 */
	uploadingStatus: UploadingStatus;
	/** From the end of a session until late files are in the bucket; null for never. */
	lateUploadSeconds: number | null;
}

/** Agora documents `stranded` for raw recordings only; here any recording can be stranded. */
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
