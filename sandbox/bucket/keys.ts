/**
 * The one key pair that the bucket knows. Id and secret differ, so that a test can tell whether the
 * secret got out: the id is part of every presigned address.
 */
export const BUCKET_KEYS = {
	accessKey: 'SANDBOXKEY',
	secretKey: 'this-secret-opens-a-sandbox-only',
};
