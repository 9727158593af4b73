declare module 'aws4' {
	interface SignedRequest {
		host: string;
		method?: string;
		path: string;
		service: string;
		region: string;
		signQuery?: boolean;
		headers?: Record<string, string>;
		body?: string | Buffer;
		/** Lower-case names of headers to sign although aws4 leaves them out by itself. */
		extraHeadersToInclude?: Record<string, boolean>;
	}
	interface Credentials {
		accessKeyId: string;
		secretAccessKey: string;
		sessionToken?: string;
	}
	const aws4: {
		/** Adds Authorization and the headers it needs (or query parameters, with signQuery). */
		sign(
			request: SignedRequest,
			credentials: Credentials,
		): SignedRequest & { headers: Record<string, string> };
		RequestSigner: new (
			request: SignedRequest,
			credentials: Credentials,
		) => { signature(): string; stringToSign(): string; canonicalString(): string };
	};
	export default aws4;
}

declare module '@20minutes/s3rver';
declare module '@20minutes/s3rver/lib/middleware/authentication.js';
declare module '@20minutes/s3rver/lib/models/account.js';
declare module '@20minutes/s3rver/lib/models/error.js';
declare module 'agora-token/src/AccessToken2.js';
