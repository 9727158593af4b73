import aws4 from 'aws4';
import { request } from 'undici';
import type { StorageConfig } from '../agora/recordingRequest.ts';
import { jpeg, mp4 } from './clip.ts';

/** Agora could not write to the customer's bucket. */
export class StorageRejected extends Error {}

/**
 * Uploads an object to the bucket of a `storageConfig`, with its credentials. The sandbox writes to this machine
 * only: vendor 11 with a loopback endpoint (`host[:port][/path]`, without a scheme).
 *
 * @param name file name; the folders come from the configuration
 * @throws StorageRejected for any other bucket, and when the bucket rejects the upload
 */
export async function upload(
	config: StorageConfig,
	name: string,
	contentType: string,
	body: Buffer,
): Promise<void> {
	const url = new URL(`http://${config.extensionParams?.endpoint ?? ''}`);
	if (config.vendor !== 11 || !['127.0.0.1', 'localhost'].includes(url.hostname))
		throw new StorageRejected('the sandbox writes to buckets on this machine only');
	const path = [
		url.pathname.replace(/\/$/, ''),
		config.bucket,
		...objectKey(config, name).split('/'),
	]
		.map((part, index) => (index === 0 ? part : encodeSegment(part)))
		.join('/');
	const signed = aws4.sign(
		{
			host: url.host,
			method: 'PUT',
			path,
			service: 's3',
			region: 'us-east-1',
			headers: { 'content-type': contentType },
			body,
		},
		{ accessKeyId: config.accessKey, secretAccessKey: config.secretKey },
	);
	const { headers } = signed;
	const response = await request(`${url.origin}${path}`, { method: 'PUT', headers, body });
	await response.body.dump();
	if (response.statusCode !== 200)
		throw new StorageRejected(`the bucket responded with ${response.statusCode}`);
}

/** The object key of a file: `fileNamePrefix` joined with `/`, then the file name. */
export function objectKey(config: StorageConfig, name: string): string {
	return [...(config.fileNamePrefix ?? []), name].join('/');
}

const encodeSegment = (segment: string) =>
	encodeURIComponent(segment).replace(
		/[!'()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	);

/** By file extension. */
const SAMPLES: Record<string, { contentType: string; content: () => Buffer | string }> = {
	mp4: { contentType: 'video/mp4', content: () => mp4(2) },
	jpg: { contentType: 'image/jpeg', content: jpeg },
	vtt: {
		contentType: 'text/vtt',
		content: () => 'WEBVTT\n\n00:00.000 --> 00:02.000\nGood morning\n',
	},
	json: { contentType: 'application/json', content: () => '{}' },
};
const EMPTY = { contentType: 'application/octet-stream', content: () => '' };

/**
 * Uploads a file that the recorder did not write, such as a thumbnail, subtitles, or the output of Agora's
 * converter.
 *
 * @param content defaults to a sample of the file's type; empty for an unknown type
 * @returns its object key
 * @throws StorageRejected when the bucket rejects the upload
 */
export async function uploadSample(
	config: StorageConfig,
	name: string,
	content?: string,
): Promise<string> {
	const sample = SAMPLES[name.slice(name.lastIndexOf('.') + 1)] ?? EMPTY;
	await upload(config, name, sample.contentType, Buffer.from(content ?? sample.content()));
	return objectKey(config, name);
}
