import type { StorageConfig } from '../agora/recordingRequest.ts';
import { mp4, picture } from './clip.ts';
import { objectKey, upload } from './storage.ts';

const PIECES = 2;

/** Content types and contents by the ending of the name. */
const KINDS: Record<string, [contentType: string, content: () => Buffer | string]> = {
	mp4: ['video/mp4', () => mp4(PIECES)],
	jpg: ['image/jpeg', picture],
	vtt: ['text/vtt', () => 'WEBVTT\n\n00:00.000 --> 00:02.000\nGood morning\n'],
	json: ['application/json', () => '{}'],
};

/**
 * Puts a file that is not the recorder's into the folder of a recording: the output of Agora's
 * converter, a thumbnail, subtitles.
 *
 * @param text its content; when left out, one that fits the name, or none
 * @returns its object key
 * @throws StorageRefused when the bucket does not take it
 */
export async function putBeside(
	storage: StorageConfig,
	name: string,
	text?: string,
): Promise<string> {
	const [contentType, content] = KINDS[name.slice(name.lastIndexOf('.') + 1)] ?? [
		'application/octet-stream',
		() => '',
	];
	await upload(storage, name, contentType, Buffer.from(text ?? content()));
	return objectKey(storage, name);
}
