import aws4 from 'aws4';
import { request } from 'undici';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/**
 * Downloads an object with the sandbox's keys, signed by an independent library.
 *
 * @throws Error when the bucket doesn't contain it
 */
export async function readObject(sandbox: Sandbox, bucket: string, key: string): Promise<Buffer> {
	const { endpoint, accessKey, secretKey, region } = sandbox.storage;
	const { host } = new URL(endpoint);
	const path = ['', bucket, ...key.split('/')].map(encodeURIComponent).join('/');
	const { headers } = aws4.sign(
		{ host, path, service: 's3', region },
		{ accessKeyId: accessKey, secretAccessKey: secretKey },
	);
	const response = await request(`${endpoint}${path}`, {
		headers: headers as Record<string, string>,
	});
	const content = Buffer.from(await response.body.arrayBuffer());
	if (response.statusCode === 200) return content;
	throw new Error(`${path}: the bucket responded with ${response.statusCode}`);
}
