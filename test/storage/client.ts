import { createHash } from 'node:crypto';
import {
	CreateBucketCommand,
	DeleteObjectCommand,
	GetObjectCommand,
	PutObjectCommand,
	S3Client,
	paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

const LANES = 16;

/** Makes the bucket of a credential. */
export async function createBucket(credential: ICredentialDataDecryptedObject): Promise<void> {
	const client = clientOf(credential);
	await client.send(new CreateBucketCommand({ Bucket: String(credential.bucket) }));
	client.destroy();
}

/** A bucket as Amazon's own client sees it. */
export class PlainBucket {
	private readonly client: S3Client;
	private readonly bucket: string;

	constructor(credential: ICredentialDataDecryptedObject) {
		this.client = clientOf(credential);
		this.bucket = String(credential.bucket);
	}

	/** Writes objects, by their keys. */
	async putAll(objects: Record<string, string | Buffer>): Promise<void> {
		await inLanes(Object.entries(objects), async ([key, body]) => {
			// The client takes an empty string for a stream.
			await this.client.send(
				new PutObjectCommand({
					Bucket: this.bucket,
					Key: key,
					Body: Buffer.from(body),
					// Buckets with Object Lock demand it.
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

	/** @throws when there is no such object */
	async getText(key: string): Promise<string> {
		const { Body } = await this.client.send(
			new GetObjectCommand({ Bucket: this.bucket, Key: key }),
		);
		return await Body!.transformToString();
	}

	/** Removes all that is below a prefix. */
	async remove(prefix: string): Promise<void> {
		// One by one: the request for many at once is not the same everywhere.
		await inLanes(await this.keys(prefix), async (key) => {
			await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
		});
	}

	close(): void {
		this.client.destroy();
	}
}

async function inLanes<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
	const left = items.values();
	const lane = async () => {
		for (const item of left) await work(item);
	};
	await Promise.all(Array.from({ length: LANES }, lane));
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
		// Older servers do not know the checksums that are sent by default.
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
	});
}
