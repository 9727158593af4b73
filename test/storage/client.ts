import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
	CreateBucketCommand,
	DeleteObjectCommand,
	GetObjectCommand,
	PutObjectCommand,
	S3Client,
	paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { mapConcurrent } from '../../nodes/Agora/http/concurrency.ts';

const REQUESTS_AT_ONCE = 16;
const WAIT_MS = 30_000;

/** Creates the bucket of a credential. */
export async function createBucket(credential: ICredentialDataDecryptedObject): Promise<void> {
	const client = clientOf(credential);
	await client.send(new CreateBucketCommand({ Bucket: String(credential.bucket) }));
	client.destroy();
}

/** A bucket through Amazon's own client. */
export class PlainBucket {
	private readonly client: S3Client;
	private readonly bucket: string;

	constructor(credential: ICredentialDataDecryptedObject) {
		this.client = clientOf(credential);
		this.bucket = String(credential.bucket);
	}

	/** Writes objects by key. */
	async putAll(objects: Record<string, string | Buffer>): Promise<void> {
		await mapConcurrent(Object.entries(objects), REQUESTS_AT_ONCE, async ([key, body]) => {
			// The client treats an empty string as a stream.
			await this.client.send(
				new PutObjectCommand({
					Bucket: this.bucket,
					Key: key,
					Body: Buffer.from(body),
					// Required by buckets with Object Lock.
					ContentMD5: createHash('md5').update(body).digest('base64'),
				}),
			);
		});
	}

	/** @returns the keys below a prefix, in the order of the listing */
	async keys(prefix: string): Promise<string[]> {
		const pages = paginateListObjectsV2(
			{ client: this.client },
			{ Bucket: this.bucket, Prefix: prefix },
		);
		const keys: string[] = [];
		for await (const { Contents = [] } of pages) keys.push(...Contents.map(({ Key }) => Key!));
		return keys;
	}

	/** @throws when the object does not exist */
	async getText(key: string): Promise<string> {
		const { Body } = await this.client.send(
			new GetObjectCommand({ Bucket: this.bucket, Key: key }),
		);
		return await Body!.transformToString();
	}

	/** Removes all objects below a prefix. */
	async remove(prefix: string): Promise<void> {
		// Not DeleteObjects, which servers implement differently.
		await mapConcurrent(await this.keys(prefix), REQUESTS_AT_ONCE, async (key) => {
			await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
		});
	}

	close(): void {
		this.client.destroy();
	}
}

/**
 * Waits until a condition is met.
 *
 * @throws after 30 seconds
 */
export async function waitUntil(description: string, isMet: () => Promise<boolean>): Promise<void> {
	const deadline = Date.now() + WAIT_MS;
	while (!(await isMet())) {
		if (Date.now() > deadline) throw new Error(`not within 30 seconds: ${description}`);
		await wait(100);
	}
}

function clientOf(credential: ICredentialDataDecryptedObject): S3Client {
	const { endpoint, s3CompatibleRegion, addressing, accessKey, secretKey, sessionToken } =
		credential as Record<string, string | undefined>;
	return new S3Client({
		endpoint,
		region: s3CompatibleRegion || 'us-east-1',
		forcePathStyle: addressing !== 'virtualHosted',
		bucketEndpoint: addressing === 'bucketDomain',
		credentials: {
			accessKeyId: accessKey!,
			secretAccessKey: secretKey!,
			...(sessionToken ? { sessionToken } : {}),
		},
		// Older servers do not support the default checksums.
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
	});
}
