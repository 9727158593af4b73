import { NotAvailable, type StorageServer } from './server.ts';

const REQUIRED = ['S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

/**
 * An existing bucket, configured by environment variables: S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY and
 * S3_SECRET_KEY, and where needed S3_REGION (us-east-1), S3_ADDRESSING (pathStyle, virtualHosted or
 * bucketDomain), S3_SESSION_TOKEN and S3_PREFIX (the folder to write to).
 *
 * @throws NotAvailable without them
 */
export async function useEndpoint(): Promise<StorageServer> {
	const missing = REQUIRED.filter((name) => !process.env[name]);
	if (missing.length > 0) throw new NotAvailable(`not set: ${missing.join(', ')}`);
	const { env } = process;
	const { host, hostname } = new URL(env.S3_ENDPOINT!);
	const isLocal = ['127.0.0.1', 'localhost'].includes(hostname);
	return {
		name: `S3 at ${host}`,
		credential: {
			vendor: 's3Compatible',
			endpoint: env.S3_ENDPOINT!,
			s3CompatibleRegion: env.S3_REGION ?? 'us-east-1',
			addressing: env.S3_ADDRESSING ?? 'pathStyle',
			bucket: env.S3_BUCKET!,
			accessKey: env.S3_ACCESS_KEY!,
			secretKey: env.S3_SECRET_KEY!,
			sessionToken: env.S3_SESSION_TOKEN ?? '',
			fileNamePrefix: env.S3_PREFIX ?? '',
		},
		...(!isLocal && { notApplicable: { Stop: 'the sandbox only uploads to this machine' } }),
		outlivesSuite: true,
		stop: async () => {},
	};
}
