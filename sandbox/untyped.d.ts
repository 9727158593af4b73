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
		/** Names, in lower case, of headers to sign that aws4 doesn't sign by default. */
		extraHeadersToInclude?: Record<string, boolean>;
	}
	interface Credentials {
		accessKeyId: string;
		secretAccessKey: string;
		sessionToken?: string;
	}
	const aws4: {
		/** Adds the Authorization header and those it needs (with signQuery, query parameters instead). */
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
