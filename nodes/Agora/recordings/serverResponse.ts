import type { IDataObject } from 'n8n-workflow';

/** A file in Agora's response to `query` or `stop`. */
export interface ReportedFile {
	/** With or without the path: Agora does not document which, and both occur. */
	name: string;
	/** The user whose track it is, null where all are mixed. */
	uid: string | null;
}

/**
 * Reads the files from Agora's `serverResponse`: a string for composite HLS, a list of objects for
 * everything else, and a list inside `extensionServiceState` for web pages.
 *
 * Source: Agora, cloud recording, `query` and `stop`; older responses spell `filename` and contain a string for lists.
 */
export function reportedFiles(serverResponse: IDataObject): ReportedFile[] {
	const lists = [
		serverResponse.fileList,
		...payloads(serverResponse).map(({ fileList }) => fileList),
	];
	return lists.flatMap(readList);
}

/** @returns Agora's `uploadingStatus` (uploaded, backuped, unknown, stranded), null where there is none */
export function reportedUploadingStatus(serverResponse: IDataObject): string | null {
	const all = [serverResponse, ...payloads(serverResponse)];
	const status = all.map(({ uploadingStatus }) => uploadingStatus).find(Boolean);
	return typeof status === 'string' ? status : null;
}

/** `playload` is a misspelling in one of Agora's specifications, and may be in its responses. */
function payloads({ extensionServiceState }: IDataObject): IDataObject[] {
	if (!Array.isArray(extensionServiceState)) return [];
	return (extensionServiceState as IDataObject[])
		.map((state) => state?.payload ?? state?.playload)
		.filter((payload): payload is IDataObject => typeof payload === 'object' && payload !== null);
}

function readList(fileList: unknown): ReportedFile[] {
	if (typeof fileList === 'string') return fileList === '' ? [] : [{ name: fileList, uid: null }];
	if (!Array.isArray(fileList)) return [];
	return (fileList as IDataObject[]).flatMap((file) => {
		const name = file?.fileName ?? file?.filename;
		if (typeof name !== 'string' || name === '') return [];
		return [{ name, uid: readUid(file.uid) }];
	});
}

/** Agora writes 0, or no UID, for all users. */
function readUid(uid: unknown): string | null {
	if (typeof uid !== 'string' && typeof uid !== 'number') return null;
	return ['', '0'].includes(String(uid)) ? null : String(uid);
}
