import aws4 from 'aws4';
import { request } from 'undici';
import type { StorageConfig } from '../agora/recordingRequest.ts';

/** Agora could not write to the customer's bucket. */
export class StorageRefused extends Error {}

/**
 * Puts an object where a `storageConfig` points, with the keys it holds. The sandbox writes to
 * this machine only: vendor 11 with a loopback endpoint (`host[:port][/path]`, no scheme).
 *
 * @param name file name; the prefix path comes from the configuration
 * @throws StorageRefused for any other place, and when the bucket does not take it
 */
export async function upload(
	config: StorageConfig,
	name: string,
	contentType: string,
	body: Buffer,
): Promise<void> {
	const url = new URL(`http://${config.extensionParams?.endpoint ?? ''}`);
	if (config.vendor !== 11 || !['127.0.0.1', 'localhost'].includes(url.hostname))
		throw new StorageRefused('the sandbox writes to buckets on this machine only');
	const path = [
		url.pathname.replace(/\/$/, ''),
		config.bucket,
		...objectKey(config, name).split('/'),
	]
		.map((part, index) => (index === 0 ? part : encoded(part)))
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
		throw new StorageRefused(`the bucket answered ${response.statusCode}`);
}

/** The whole object key of a file: `fileNamePrefix` joined with `/`, then its name. */
export function objectKey(config: StorageConfig, name: string): string {
	return [...(config.fileNamePrefix ?? []), name].join('/');
}

const encoded = (part: string) =>
	encodeURIComponent(part).replace(
		/[!'()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	);
