import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import {
	ContainerSASPermissions,
	SASProtocol,
	StorageSharedKeyCredential,
	generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import { listenOnLoopback } from '../../../sandbox/loopbackServer.ts';
import { permissionsOf, sharedKeyOf, type AzureAccount } from './azureSignature.ts';
import { takeEntries, type Entry } from './listing.ts';
import { compareKeys, firstIndex, ObjectStore, type ObjectProperties } from './objectStore.ts';
import { element, escapeXml } from './xml.ts';

export interface AzureOptions {
	/** Blobs of the Archive tier: listed with it, and not readable. */
	archived?: (name: string) => boolean;
	/** How many entries a page has at most; Azure's 5,000 by default. */
	pageSize?: number;
	/**
	 * Whether pages come that are short, and empty ones, each with a marker to go on with, as Azure may give where
	 * a page crosses a border between partitions (Azure Storage: List Blobs, Remarks).
	 */
	shortPages?: boolean;
}

export interface AzureRequest {
	method: string;
	kind: 'LIST' | 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'OTHER';
	/** Name of the blob, '' for the container. */
	key: string;
	query: Record<string, string>;
	headers: Record<string, string>;
	/** 0 while no answer was sent. */
	status: number;
}

export interface AzureStub {
	/** `http://127.0.0.1:<port>` */
	origin: string;
	/** The account's Blob service, without the container. */
	endpoint: string;
	container: string;
	account: AzureAccount;
	/** What a person types into the Agora Recording Storage API credential. */
	credential: ICredentialDataDecryptedObject;
	/** A shared access signature for the container. */
	sign(permissions: string, expires?: Date): string;
	put(name: string, body?: string | Buffer, properties?: ObjectProperties): void;
	remove(name: string): void;
	keys(): string[];
	/** The text of a blob, undefined when there is none. */
	read(name: string): string | undefined;
	requests: AzureRequest[];
	clearRequests(): void;
	/** @param now Unix milliseconds */
	setClock(now: () => number): void;
	stop(): Promise<void>;
}

const ACCOUNT = 'stubaccount';
const CONTAINER = 'recordings';
const MOST_ENTRIES = 5000;
/** The version of the service from which on List Blobs knows startFrom. */
const KNOWS_START_FROM = '2026-02-06';
const MAX_SKEW_MS = 900_000;

/** An error as Azure answers it. */
class AzureError extends Error {
	readonly status: number;
	readonly code: string;
	readonly more: Record<string, string>;

	constructor(status: number, code: string, message: string, more: Record<string, string> = {}) {
		super(message);
		this.status = status;
		this.code = code;
		this.more = more;
	}
}

interface Answer {
	status: number;
	headers?: Record<string, string | number>;
	body?: string | Buffer;
}

interface Call extends AzureRequest {
	body: Buffer;
	/** Path and query as they were sent. */
	url: string;
	container: string;
}

/**
 * Starts a server on 127.0.0.1 in the shape of Azure Blob Storage, with one container in memory: Shared Key and
 * service SAS, Get, Put and Delete Blob, and List Blobs with pages of 5,000, opaque markers and no start-after.
 * From service version 2026-02-06 on a listing begins at `startFrom`, with it (Azure/Azurite pull request 2688);
 * older versions take no notice of it. An archived blob is 409 BlobArchived (Azure/Azurite: `getBlobArchived`).
 */
export async function startAzureStub(options: AzureOptions = {}): Promise<AzureStub> {
	const account = { name: ACCOUNT, key: randomBytes(64).toString('base64') };
	const server = new AzureServer(account, options);
	const loopback = await listenOnLoopback(0, (message, response) =>
		server.serve(message, response),
	);
	const endpoint = `${loopback.origin}/${ACCOUNT}`;
	return {
		origin: loopback.origin,
		endpoint,
		container: CONTAINER,
		account,
		credential: {
			vendor: 'azureBlob',
			endpoint,
			bucket: CONTAINER,
			accessKey: ACCOUNT,
			secretKey: account.key,
			fileNamePrefix: 'class',
		},
		sign: (permissions, expiresOn = new Date(Date.now() + 3_600_000)) =>
			generateBlobSASQueryParameters(
				{
					containerName: CONTAINER,
					permissions: ContainerSASPermissions.parse(permissions),
					protocol: SASProtocol.HttpsAndHttp,
					expiresOn,
				},
				new StorageSharedKeyCredential(ACCOUNT, account.key),
			).toString(),
		put: (name, body = '', properties = {}) => server.put(name, body, properties),
		remove: (name) => server.blobs.remove(name),
		keys: () => [...server.blobs.keys],
		read: (name) => server.blobs.get(name)?.body.toString(),
		requests: server.requests,
		clearRequests: () => void server.requests.splice(0),
		setClock: (now) => void (server.clock = now),
		stop: () => loopback.close(),
	};
}

class AzureServer {
	readonly blobs = new ObjectStore();
	readonly requests: AzureRequest[] = [];
	clock = () => Date.now();
	readonly #account;
	readonly #options;

	constructor(account: AzureAccount, options: AzureOptions) {
		this.#account = account;
		this.#options = options;
	}

	put(name: string, body: string | Buffer, properties: ObjectProperties): void {
		this.blobs.put(name, body, {
			lastModified: new Date(this.clock()),
			storageClass: 'Hot',
			contentType: 'application/octet-stream',
			...properties,
		});
	}

	async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await buffer(message);
		const call = readCall(message, body);
		const { method, kind, key, query, headers } = call;
		const logged: AzureRequest = { method, kind, key, query, headers, status: 0 };
		this.requests.push(logged);
		const answer = this.#answer(call);
		logged.status = answer.status;
		response.sendDate = false;
		response.writeHead(answer.status, {
			date: new Date(this.clock()).toUTCString(),
			server: 'Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0',
			'x-ms-request-id': randomUUID(),
			'x-ms-version': headers['x-ms-version'] ?? '2009-09-19',
			'content-length': Buffer.byteLength(answer.body ?? ''),
			...answer.headers,
		});
		response.end(method === 'HEAD' ? '' : answer.body);
	}

	#answer(call: Call): Answer {
		try {
			this.#authorize(call);
			if (call.container !== CONTAINER) {
				throw new AzureError(404, 'ContainerNotFound', 'The specified container does not exist.');
			}
			return this.#handle(call);
		} catch (error) {
			if (!(error instanceof AzureError)) throw error;
			const time = new Date(this.clock()).toISOString();
			const message = `${error.message}\nRequestId:${randomUUID()}\nTime:${time}`;
			const more = Object.entries(error.more).map(([name, text]) => element(name, text));
			return {
				status: error.status,
				headers: { 'content-type': 'application/xml', 'x-ms-error-code': error.code },
				body: `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error>${element('Code', error.code)}${element('Message', message)}${more.join('')}</Error>`,
			};
		}
	}

	#authorize({ method, kind, key, url, headers, container }: Call): void {
		const { searchParams } = new URL(url, 'http://localhost');
		if (searchParams.has('sig')) {
			const permitted = permissionsOf(this.#account, container, key, searchParams, this.clock());
			if (permitted === null) throw failed('Signature did not match, or is not valid now.');
			const needed = { LIST: 'l', GET: 'r', HEAD: 'r', PUT: 'w', DELETE: 'd', OTHER: '!' }[kind];
			if (permitted.includes(needed)) return;
			throw new AzureError(
				403,
				'AuthorizationPermissionMismatch',
				'This request is not authorized to perform this operation using this permission.',
			);
		}
		if (headers.authorization === undefined) {
			throw new AzureError(
				401,
				'NoAuthenticationInformation',
				'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
			);
		}
		const sent = Date.parse(headers['x-ms-date'] ?? headers.date ?? '');
		if (!(Math.abs(this.clock() - sent) <= MAX_SKEW_MS)) {
			throw failed(`Request date header too old: '${headers['x-ms-date']}'`);
		}
		if (headers.authorization !== sharedKeyOf(this.#account, method, url, headers)) {
			throw failed('The MAC signature found in the HTTP request is not the same as any computed.');
		}
	}

	#handle({ kind, key, query, headers, body }: Call): Answer {
		switch (kind) {
			case 'LIST':
				return {
					status: 200,
					headers: { 'content-type': 'application/xml' },
					body: this.#list(query, headers['x-ms-version'] ?? ''),
				};
			case 'GET':
			case 'HEAD':
				return this.#get(kind, key, headers['x-ms-range'] ?? headers.range);
			case 'PUT':
				return this.#put(key, headers, body);
			case 'DELETE':
				if (!this.blobs.get(key)) throw notFound();
				this.blobs.remove(key);
				return { status: 202 };
			default:
				throw new AzureError(
					501,
					'NotImplemented',
					'This server does not implement the operation.',
				);
		}
	}

	#get(kind: 'GET' | 'HEAD', name: string, range: string | undefined): Answer {
		const blob = this.blobs.get(name);
		if (blob === undefined) throw notFound();
		const tier = this.#tierOf(name);
		if (kind === 'GET' && tier === 'Archive') {
			throw new AzureError(
				409,
				'BlobArchived',
				'This operation is not permitted on an archived blob.',
			);
		}
		const { body } = blob;
		const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
		const first = Number(from ?? 0);
		const last = Math.min(to ? Number(to) : Infinity, body.length - 1);
		if (from !== undefined && first > last) {
			throw new AzureError(
				416,
				'InvalidRange',
				'The range specified is invalid for the current size of the resource.',
			);
		}
		return {
			status: from === undefined ? 200 : 206,
			headers: {
				etag: etagOf(blob.etag),
				'last-modified': blob.lastModified.toUTCString(),
				'accept-ranges': 'bytes',
				'content-type': blob.contentType,
				'content-length': last - first + 1,
				'x-ms-blob-type': 'BlockBlob',
				'x-ms-access-tier': tier,
				...(from !== undefined && { 'content-range': `bytes ${first}-${last}/${body.length}` }),
			},
			body: body.subarray(first, last + 1),
		};
	}

	#put(name: string, headers: Record<string, string>, body: Buffer): Answer {
		if (headers['x-ms-blob-type'] !== 'BlockBlob') {
			throw new AzureError(
				400,
				'MissingRequiredHeader',
				"An HTTP header that's mandatory for this request is not specified.",
				{ HeaderName: 'x-ms-blob-type' },
			);
		}
		const md5 = createHash('md5').update(body).digest('base64');
		const sent = headers['content-md5'];
		if (sent !== undefined && sent !== md5) {
			throw new AzureError(
				400,
				'Md5Mismatch',
				'The MD5 value specified in the request did not match with the MD5 value calculated by the server.',
			);
		}
		if (headers['if-none-match'] === '*' && this.blobs.get(name)) {
			throw new AzureError(409, 'BlobAlreadyExists', 'The specified blob already exists.');
		}
		const contentType = headers['x-ms-blob-content-type'] ?? headers['content-type'];
		this.put(name, body, contentType === undefined ? {} : { contentType });
		return {
			status: 201,
			headers: { etag: etagOf(this.blobs.get(name)!.etag), 'content-md5': md5 },
		};
	}

	#tierOf(name: string): string {
		if (this.#options.archived?.(name)) return 'Archive';
		return this.blobs.get(name)!.storageClass;
	}

	#list(query: Record<string, string>, version: string): string {
		const { prefix = '', delimiter = '', marker = '' } = query;
		const startFrom = version >= KNOWS_START_FROM ? (query.startFrom ?? '') : '';
		const limit = this.#limitOf(query.maxresults);
		const keys = this.blobs.keys;
		const from = firstIndex(keys, (key) => compareKeys(key, startFrom) >= 0);
		const start = marker === '' ? { after: '', isFolded: false, pages: 0 } : readMarker(marker);
		const isEmpty = this.#options.shortPages === true && start.pages % 3 === 1;
		const { entries, isTruncated } = takeEntries(
			from === 0 ? keys : keys.slice(from),
			{ prefix, delimiter },
			start,
			isEmpty ? 0 : this.#options.shortPages ? Math.ceil(limit / 2) : limit,
		);
		const last = entries.at(-1);
		const next =
			isTruncated || isEmpty
				? writeMarker({
						after: last?.name ?? start.after,
						isFolded: last?.isFolded ?? start.isFolded,
						pages: start.pages + 1,
					})
				: '';
		const optional = (name: string, text: string | undefined) => (text ? element(name, text) : '');
		return [
			'\uFEFF<?xml version="1.0" encoding="utf-8"?>',
			`<EnumerationResults ServiceEndpoint="http://127.0.0.1/${ACCOUNT}/" ContainerName="${CONTAINER}">`,
			optional('Prefix', prefix),
			optional('Marker', marker),
			optional('StartFrom', startFrom),
			optional('MaxResults', query.maxresults),
			optional('Delimiter', delimiter),
			entries.length === 0 ? '<Blobs />' : `<Blobs>${this.#entriesXml(entries)}</Blobs>`,
			next === '' ? '<NextMarker />' : element('NextMarker', next),
			'</EnumerationResults>',
		].join('');
	}

	#limitOf(maxresults: string | undefined): number {
		const { pageSize = MOST_ENTRIES } = this.#options;
		if (maxresults === undefined) return pageSize;
		if (/^[1-9]\d*$/.test(maxresults)) return Math.min(Number(maxresults), pageSize);
		throw new AzureError(
			400,
			'OutOfRangeQueryParameterValue',
			'One of the query parameters specified in the request URI is outside the permissible range.',
			{
				QueryParameterName: 'maxresults',
				QueryParameterValue: maxresults,
				MinimumAllowed: '1',
				MaximumAllowed: String(MOST_ENTRIES),
			},
		);
	}

	/** Blobs and folded entries, in one order. */
	#entriesXml(entries: readonly Entry[]): string {
		return entries
			.map(({ name, isFolded }) => {
				if (isFolded) return `<BlobPrefix>${nameXml(name)}</BlobPrefix>`;
				const blob = this.blobs.get(name)!;
				const modified = blob.lastModified.toUTCString();
				return [
					`<Blob>${nameXml(name)}<Properties>`,
					element('Creation-Time', modified),
					element('Last-Modified', modified),
					element('Etag', etagOf(blob.etag)),
					element('Content-Length', blob.body.length),
					element('Content-Type', blob.contentType),
					'<Content-Encoding /><Content-Language /><Content-MD5 /><Cache-Control /><Content-Disposition />',
					'<BlobType>BlockBlob</BlobType>',
					element('AccessTier', this.#tierOf(name)),
					'<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted>',
					'</Properties><OrMetadata /></Blob>',
				].join('');
			})
			.join('');
	}
}

function readCall(message: IncomingMessage, body: Buffer): Call {
	const { method = 'GET', url = '/' } = message;
	const { pathname, searchParams } = new URL(url, 'http://localhost');
	const [, , container = '', ...parts] = pathname.split('/').map(decodeURIComponent);
	const key = parts.join('/');
	const query = Object.fromEntries(searchParams);
	const headers = Object.fromEntries(
		Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
	);
	const kind = kindOf(method, key, query);
	return { method, kind, key, query, headers, status: 0, body, url, container };
}

function kindOf(method: string, key: string, query: Record<string, string>): AzureRequest['kind'] {
	if (key === '') {
		const isList = method === 'GET' && query.comp === 'list' && query.restype === 'container';
		return isList ? 'LIST' : 'OTHER';
	}
	if (query.comp !== undefined) return 'OTHER';
	return method === 'GET' || method === 'HEAD' || method === 'PUT' || method === 'DELETE'
		? method
		: 'OTHER';
}

function failed(detail: string): AzureError {
	return new AzureError(
		403,
		'AuthenticationFailed',
		'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.',
		{ AuthenticationErrorDetail: detail },
	);
}

const notFound = () => new AzureError(404, 'BlobNotFound', 'The specified blob does not exist.');
const etagOf = (etag: string) => `"0x8D${etag.slice(1, 14).toUpperCase()}"`;

/** From version 2021-02-12 on a name that XML cannot hold is encoded (Azure Storage: List Blobs). */
function nameXml(name: string): string {
	return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(name)
		? `<Name Encoded="true">${encodeURIComponent(name)}</Name>`
		: `<Name>${escapeXml(name)}</Name>`;
}

interface Marker {
	after: string;
	isFolded: boolean;
	/** How many pages came before. */
	pages: number;
}

/** Not the name of a blob, so that nobody takes it for a place to start. */
function writeMarker(marker: Marker): string {
	const text = Buffer.from(JSON.stringify(marker)).toString('base64');
	return `2!${text.length}!${text}`;
}

function readMarker(marker: string): Marker {
	const [, text = ''] = /^2!\d+!([\w+/=]+)$/.exec(marker) ?? [];
	try {
		return JSON.parse(Buffer.from(text, 'base64').toString()) as Marker;
	} catch {
		throw new AzureError(
			400,
			'InvalidQueryParameterValue',
			'Value for one of the query parameters specified in the request URI is invalid.',
			{ QueryParameterName: 'marker', QueryParameterValue: marker },
		);
	}
}
