import aws4 from 'aws4';
import { request } from 'undici';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/**
 * Downloads one object with the sandbox's own keys, signed by a library that is not this package.
 *
 * @throws Error when the bucket does not have it
 */
export async function readObject(sandbox: Sandbox, bucket: string, key: string): Promise<Buffer> {
	const { endpoint, accessKey, secretKey, region } = sandbox.storage;
	const { host } = new URL(endpoint);
	const path = ['', bucket, ...key.split('/')].map(encodeURIComponent).join('/');
	const { headers } = aws4.sign(
		{ host, path, service: 's3', region },
		{ accessKeyId: accessKey, secretAccessKey: secretKey },
	);
	const answer = await request(`${endpoint}${path}`, {
		headers: headers as Record<string, string>,
	});
	const content = Buffer.from(await answer.body.arrayBuffer());
	if (answer.statusCode === 200) return content;
	throw new Error(`${path}: the bucket answered ${answer.statusCode}`);
}
