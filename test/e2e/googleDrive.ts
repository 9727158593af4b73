import { randomUUID } from 'node:crypto';
import type { FakeService } from './externalServices.ts';

/** A file that was uploaded to Google Drive. */
export interface DriveFile {
	id: string;
	name: string;
	mimeType: string;
	parents: string[];
	content: Buffer;
}

type Metadata = Pick<DriveFile, 'name' | 'parents'>;

const UPLOAD = '/upload/drive/v3/files';

/**
 * Simulates the part of Google Drive (API version 3) that uploads files in chunks and changes them.
 *
 * @param token the access token it accepts
 * @param files receives every file whose upload is complete
 */
export function fakeGoogleDrive(token: string, files: DriveFile[]): FakeService {
	/** Incomplete uploads by their ID, which is part of the upload URL. */
	const uploads = new Map<string, DriveFile>();

	function begin({ name, parents }: Metadata, mimeType: string): string {
		const uploadId = randomUUID();
		uploads.set(uploadId, { id: randomUUID(), name, mimeType, parents, content: Buffer.alloc(0) });
		return uploadId;
	}

	function append(uploadId: string, piece: Buffer, isLast: boolean) {
		const file = uploads.get(uploadId);
		if (!file) return refusal(404, 'there is no such upload');
		file.content = Buffer.concat([file.content, piece]);
		if (!isLast) {
			return { statusCode: 308, headers: { range: `bytes=0-${file.content.length - 1}` } };
		}
		uploads.delete(uploadId);
		files.push(file);
		return { statusCode: 200, json: shown(file) };
	}

	return async ({ method, url, headers, body }) => {
		const { origin, pathname, searchParams } = new URL(url);
		const uploadId = searchParams.get('upload_id');
		if (method === 'PUT' && pathname === UPLOAD && uploadId) {
			const [, last, size] =
				/^bytes \d+-(\d+)\/(\d+)$/.exec(String(headers['content-range'])) ?? [];
			return append(uploadId, body.buffer, Number(last) + 1 === Number(size));
		}
		// Chunks need no token: the upload URL itself is the secret.
		if (headers.authorization !== `Bearer ${token}`) return refusal(401, 'Invalid Credentials');

		if (method === 'POST' && pathname === UPLOAD) {
			const metadata = (await body.getJson()) as Metadata;
			const begun = begin(metadata, String(headers['x-upload-content-type']));
			const location = `${origin}${UPLOAD}?uploadType=resumable&upload_id=${begun}`;
			return { statusCode: 200, headers: { location } };
		}
		const file = files.find(({ id }) => pathname === `/drive/v3/files/${id}`);
		if (method !== 'PATCH' || !file) return null;
		const { name, mimeType } = ((await body.getJson()) ?? {}) as Partial<DriveFile>;
		if (name) file.name = name;
		if (mimeType) file.mimeType = mimeType;
		return { statusCode: 200, json: shown(file, searchParams.get('fields')) };
	};
}

/**
 * @param id the file's ID
 * @returns the URL at which a browser shows the file
 */
export function webViewLink(id: string): string {
	return `https://drive.google.com/file/d/${id}/view?usp=drivesdk`;
}

/** Without `fields`, Google returns only these four. */
function shown({ id, name, mimeType, parents, content }: DriveFile, fields: string | null = null) {
	const few = { kind: 'drive#file', id, name, mimeType };
	if (fields !== '*') return few;
	return { ...few, parents, size: String(content.length), webViewLink: webViewLink(id) };
}

function refusal(code: number, message: string) {
	return { statusCode: code, json: { error: { code, message } } };
}
