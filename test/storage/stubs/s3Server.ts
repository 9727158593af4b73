import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { listenOnLoopback } from '../../../sandbox/loopbackServer.ts';
import { checkDigests } from './digests.ts';
import { readListQuery, type Entry } from './listing.ts';
import { pageXml } from './listingXml.ts';
import { ObjectStore, type ObjectProperties, type StoredObject } from './objectStore.ts';
import { flatten, listWith, type QuirkContext, type Quirks } from './quirk.ts';
import { readRequest, type LoggedRequest, type S3Request } from './request.ts';
import { accessDenied, noSuchKey, notImplemented, s3Error, S3Error } from './s3Error.ts';
import { checkSignature, readSignature } from './signature.ts';

export interface S3Stub {
	/** `http://127.0.0.1:<port>` */
	origin: string;
	bucket: string;
	/** The fields of the Agora Recording Storage API credential. */
	credential: ICredentialDataDecryptedObject;
	/** Stores an object without a request. */
	put(key: string, body?: string | Buffer, properties?: ObjectProperties): void;
	remove(key: string): void;
	/** All keys in their order. */
	keys(): string[];
	/** The content of an object, undefined when there is none. */
	read(key: string): string | undefined;
	/** All requests, oldest first. */
	requests: LoggedRequest[];
	clearRequests(): void;
	/** Replaces the machine's clock. @param now returns Unix milliseconds */
	setClock(now: () => number): void;
	stop(): Promise<void>;
}

const BUCKET = 'my-recordings';
const REGION = 'us-east-1';
const KEYS = {
	accessKey: 'AKIDOPENSASTUBONLY00',
	secretKey: 'this-secret-opens-a-stub-in-memory-only',
};
/** Storage classes that must be restored before they can be read; GLACIER_IR need not. */
const ARCHIVED = ['GLACIER', 'DEEP_ARCHIVE'];

interface Response {
	status: number;
	headers?: Record<string, string | number>;
	body?: string | Buffer;
}

/**
 * Starts a server on 127.0.0.1 with the S3 API of Amazon: one bucket in memory, path-style addressing and
 * Signature Version 4. The quirks are its differences from Amazon's.
 */
export async function startS3Server(quirks: Quirks = []): Promise<S3Stub> {
	const server = new S3Server(quirks);
	const loopback = await listenOnLoopback(0, (request, response) =>
		server.serve(request, response),
	);
	return {
		origin: loopback.origin,
		bucket: BUCKET,
		credential: {
			vendor: 's3Compatible',
			endpoint: loopback.origin,
			s3CompatibleRegion: REGION,
			addressing: 'pathStyle',
			bucket: BUCKET,
			...KEYS,
			fileNamePrefix: 'class',
		},
		put: (key, body = '', properties = {}) => server.put(key, body, properties),
		remove: (key) => server.objects.remove(key),
		keys: () => [...server.objects.keys],
		read: (key) => server.objects.get(key)?.body.toString(),
		requests: server.requests,
		clearRequests: () => void server.requests.splice(0),
		setClock: (now) => void (server.clock = now),
		stop: () => loopback.close(),
	};
}

class S3Server {
	readonly objects = new ObjectStore();
	readonly requests: LoggedRequest[] = [];
	clock = () => Date.now();
	readonly #quirks;

	constructor(quirks: Quirks) {
		this.#quirks = flatten(quirks);
	}

	put(key: string, body: string | Buffer, properties: ObjectProperties): StoredObject {
		return this.objects.put(key, body, {
			lastModified: new Date(this.#now()),
			storageClass: 'STANDARD',
			contentType: 'binary/octet-stream',
			...properties,
		});
	}

	#now(): number {
		return this.#quirks.reduce((time, { clockOffset = 0 }) => time + clockOffset, this.clock());
	}

	async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
		const headers = Object.fromEntries(
			Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
		);
		const body = await buffer(message);
		let logged: LoggedRequest | undefined;
		const read = () => {
			const request = readRequest(message.method ?? 'GET', message.url ?? '/', headers, body);
			const { method, kind, key, query } = request;
			logged = { method, kind, key, query, headers, status: 0 };
			this.requests.push(logged);
			return request;
		};
		const sent = this.#respond(read, message);
		if (logged) logged.status = sent.status;
		this.#send(response, sent);
	}

	#respond(read: () => S3Request, { method, url = '/' }: IncomingMessage): Response {
		try {
			return this.#handle(read());
		} catch (error) {
			const known =
				error instanceof URIError
					? s3Error(400, 'InvalidURI', "Couldn't parse the specified URI.", { URI: url })
					: error;
			if (!(known instanceof S3Error)) throw error;
			const { status, headers } = known;
			// A response to HEAD has no body, so the client does not see the code.
			const body = method === 'HEAD' ? '' : known.toXml();
			return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
		}
	}

	#send(response: ServerResponse, { status, headers, body = '' }: Response): void {
		response.sendDate = false;
		response.writeHead(status, {
			'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
			'x-amz-id-2': randomBytes(48).toString('base64'),
			date: new Date(this.#now()).toUTCString(),
			server: 'AmazonS3',
			'content-length': Buffer.byteLength(body),
			...headers,
		});
		response.end(body);
	}

	#handle(received: S3Request): Response {
		const signature = readSignature(received);
		const context: QuirkContext = { bucket: BUCKET, objects: this.objects, signature };
		let request = received;
		for (const quirk of this.#quirks) request = quirk.receive?.(request, context) ?? request;
		if (signature === null) throw accessDenied();
		checkSignature(request, signature, KEYS, REGION, this.#now());
		if (request.bucket !== BUCKET) {
			throw s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', {
				BucketName: request.bucket,
			});
		}
		for (const quirk of this.#quirks) quirk.refuse?.(request, context);
		return this.#serveKind(request, context);
	}

	#serveKind(request: S3Request, context: QuirkContext): Response {
		const xml = { 'content-type': 'application/xml', 'x-amz-bucket-region': REGION };
		switch (request.kind) {
			case 'LIST':
				return { status: 200, headers: xml, body: this.#list(request, context) };
			case 'GET':
			case 'HEAD':
				return this.#get(request);
			case 'PUT':
				return this.#put(request);
			case 'DELETE':
				this.objects.remove(request.key);
				return { status: 204 };
			case 'HEAD_BUCKET':
				return { status: 200, headers: xml };
			case 'GET_LOCATION':
				return {
					status: 200,
					headers: xml,
					body: '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>',
				};
			default:
				throw notImplemented();
		}
	}

	#list(request: S3Request, context: QuirkContext): string {
		const { query, page } = listWith(this.#quirks, readListQuery(request.query), context);
		const listed = ({ name }: Entry) => {
			const { body, lastModified, ...object } = this.#find(name)!;
			return { ...object, size: body.length, lastModified: lastModified.getTime() };
		};
		return pageXml(page, query, listed, BUCKET);
	}

	/** The object with the storage class that the quirks set. */
	#find(key: string): StoredObject | undefined {
		const object = this.objects.get(key);
		if (object === undefined) return undefined;
		for (const quirk of this.#quirks) {
			const storageClass = quirk.storageClassOf?.(key);
			if (storageClass === undefined) continue;
			const { etag, ...others } = object;
			return { ...others, storageClass, etag };
		}
		return object;
	}

	#get({ kind, key, headers }: S3Request): Response {
		const object = this.#find(key);
		if (object === undefined) throw noSuchKey(key);
		const { body, storageClass } = object;
		if (kind === 'GET' && ARCHIVED.includes(storageClass)) throw archived(storageClass);
		const properties = {
			etag: `"${object.etag}"`,
			'last-modified': object.lastModified.toUTCString(),
			'accept-ranges': 'bytes',
			'content-type': object.contentType,
			...(storageClass !== 'STANDARD' && { 'x-amz-storage-class': storageClass }),
		};
		const range = readRange(headers.range, body.length);
		if (range === null) {
			const sizes = { ...properties, 'content-length': body.length };
			return { status: 200, headers: sizes, body: kind === 'HEAD' ? '' : body };
		}
		const [first, last] = range;
		return {
			status: 206,
			headers: {
				...properties,
				'content-range': `bytes ${first}-${last}/${body.length}`,
				'content-length': last - first + 1,
			},
			body: kind === 'HEAD' ? '' : body.subarray(first, last + 1),
		};
	}

	#put({ key, headers, body }: S3Request): Response {
		checkDigests(headers, body);
		if (headers['if-none-match'] === '*' && this.objects.get(key)) {
			throw s3Error(
				412,
				'PreconditionFailed',
				'At least one of the pre-conditions you specified did not hold',
				{ Condition: 'If-None-Match' },
			);
		}
		const contentType = headers['content-type'];
		const object = this.put(key, body, contentType === undefined ? {} : { contentType });
		return { status: 200, headers: { etag: `"${object.etag}"` } };
	}
}

/** An object that must be restored first (Amazon S3 API reference, GetObject; getmoto/moto pull request 4523). */
function archived(storageClass: string): S3Error {
	return s3Error(
		403,
		'InvalidObjectState',
		"The operation is not valid for the object's storage class",
		{ StorageClass: storageClass },
	);
}

/**
 * @returns first and last byte, null for no range and for one that S3 ignores
 * @throws S3Error for a range outside the object
 */
function readRange(header: string | undefined, size: number): [number, number] | null {
	const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
	if (from === '' && to === '') return null;
	const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
	const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
	if (first <= last) return [first, last];
	throw s3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
		RangeRequested: header!,
		ActualObjectSize: String(size),
	});
}
