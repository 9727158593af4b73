import type { IHttpRequestOptions } from 'n8n-workflow';
import type { Fault } from '../http/errors';
import type { HttpResponse } from '../http/request';
import type { ByteStream } from '../http/stream';
import type { Region, Vendor } from './vendors';

/** The position of the bucket name in URLs. */
export type Addressing = 'pathStyle' | 'virtualHosted' | 'bucketDomain';

/** The checked values of an Agora Recording Storage API credential. */
export interface StorageCredential {
	vendorName: string;
	vendor: Vendor;
	/** The selected region; null for vendors without regions to select. */
	region: Region | null;
	signingRegion: string;
	bucket: string;
	/** Azure: the name of the storage account. */
	accessKey: string;
	/** Azure: a key of the storage account; '' for a shared access signature. */
	secretKey: string;
	/** Azure: the shared access signature, a query without its question mark; '' for none. */
	sasToken: string;
	/** Of temporary credentials; '' for permanent ones. */
	sessionToken: string;
	/** When temporary credentials expire, Unix milliseconds; null if unknown. */
	sessionExpiresAt: number | null;
	/** The folders of the file name prefix, outermost first. */
	folders: string[];
	/** The custom endpoint, null for the vendor's. */
	endpoint: URL | null;
	/** Of URLs of the custom endpoint. */
	addressing: Addressing;
}

export interface StoredObject {
	key: string;
	/** Bytes. */
	size: number;
	/** Unix milliseconds. */
	lastModified: number;
}

export interface ListQuery {
	prefix: string;
	/** Keys with this string after the prefix are folded into entries of `prefixes`. */
	delimiter?: string;
	/** `nextToken` of the previous page. */
	token?: string;
	/** Maximum number of entries, 1 to 1,000. */
	maxKeys?: number;
	/** Only keys after this one. Ignored by some storage, see `ListingSupport.startsAfter`. */
	startAfter?: string;
}

/** One page of a listing. */
export interface Listing {
	objects: StoredObject[];
	/** Folded entries: the common beginning of several keys, up to the delimiter. */
	prefixes: string[];
	/** Token of the next page, null on the last page. */
	nextToken: string | null;
	/** The key to continue after, from storage without tokens; `nextToken` is null then. */
	nextMarker?: string;
}

/** The result of a search for recordings below a prefix. */
export interface SearchedPrefix {
	/** Whether it found a recording. */
	hasSessions: boolean;
	/** Unix milliseconds. */
	searchedAt: number;
	/** The folders directly below the prefix that contain recordings, with a trailing slash. */
	folders: string[];
	/** The key at which an incomplete search stopped. */
	resumeAfter?: string;
	/** Number of requests of the largest search so far. */
	requests: number;
}

export interface ListPage extends Omit<Listing, 'nextMarker'> {
	/** Time of the response, by the storage's clock if possible: Unix milliseconds. */
	serverTime: number;
}

/** How a bucket can be listed, as far as this process knows. Shared by all users of the bucket. */
export interface ListingSupport {
	/**
	 * Whether listings can be folded by `_`: `unknown` until a folded page was checked; a number is the time of the next
	 * attempt, Unix milliseconds.
	 */
	folds: 'unknown' | boolean | number;
	/** Whether the storage supports `startAfter`. */
	startsAfter: boolean;
	/** 1 for storage without ListObjectsV2. Not used for Azure. */
	version: 1 | 2;
	/** Whether the recordings of a folder, ignoring day folders, have MP4 files; time of the check in Unix milliseconds. */
	mp4Folders: Map<string, { hasMp4: boolean; checkedAt: number }>;
	/** Searches below prefixes that are not named by Agora, by prefix. */
	searchedPrefixes: Map<string, SearchedPrefix>;
}

/** A URL with which anyone can read one object. */
export interface Link {
	url: string;
	/** Unix milliseconds. */
	expiresAt: number;
}

export interface OpenObject {
	/** Bytes, from Content-Length; null without one. */
	size: number | null;
	/** Must be read or abandoned, as it keeps a connection open. */
	stream: ByteStream;
}

/** The bucket with the recordings. All functions throw a Fault when the storage refuses. */
export interface Bucket {
	name: string;
	/** The credential's File Name Prefix: '' or e.g. `recordings/school/`. */
	prefix: string;
	support: ListingSupport;
	/** Requests one page of a listing, unchecked: see `Pages`. */
	list(query: ListQuery): Promise<ListPage>;
	/**
	 * @returns the object's text; null if the object does not exist
	 * @throws Fault with `onlyThisObject` when the storage refuses this object but not others (archived, denied)
	 */
	getText(key: string): Promise<string | null>;
	/**
	 * @param signal aborted when the object is no longer needed; stops further attempts
	 * @returns the object as a stream; null if the object does not exist
	 */
	open(key: string, signal?: AbortSignal): Promise<OpenObject | null>;
	put(key: string, body: string, contentType: string): Promise<void>;
	/**
	 * @param seconds lifetime, 1 to 604,800; ends earlier with temporary credentials
	 * @returns a link to the object; null if the credential cannot sign one
	 */
	presign(key: string, seconds: number, now?: Date): Link | null;
}

/** Sends a GET request. The URL is relative to the bucket; `isFinal` prevents a retry after a response. */
export type SendGet = (
	url: string,
	isFinal?: (response: HttpResponse) => boolean,
) => Promise<HttpResponse>;

/** The differences between kinds of storage. */
export interface StorageApi {
	list(get: SendGet, query: ListQuery): Promise<ListPage>;
	/** Headers required for writing an object. */
	putHeaders(body: string): Record<string, string>;
	/** @param key of the requested object; undefined for a listing */
	fault(response: HttpResponse, key?: string, action?: 'read' | 'write'): Fault;
	/** @param url absolute */
	link(url: string, key: string, seconds: number, now: Date): Link | null;
}

/** A request without authorization. */
export interface BareRequest {
	method: string;
	/** Absolute, as returned by `canonicalUrl`. */
	url: string;
	/** Names in any case. */
	headers: Record<string, string>;
	/** Bytes, a stream or a form; undefined for none. */
	body: IHttpRequestOptions['body'];
}

/** The purpose of a request: a listing, the bytes of an object, or an upload. */
export type StorageAction = 'list' | 'read' | 'write';

/** A refused request, as far as its explanation needs it. Contains no secret. */
export interface StorageTarget {
	/** Name of the bucket or container. */
	bucket: string;
	/** The vendor's label in the credential, e.g. "Amazon S3". */
	vendorLabel: string;
	/** The signing region, '' for Azure. */
	region: string;
	/** Host of the storage without the bucket, e.g. `s3.eu-west-1.amazonaws.com` or `minio.example.com:9000`. */
	endpoint: string;
	/** Whether the user entered the endpoint; otherwise it follows from vendor and region. */
	custom: boolean;
	/** Whether the credential expires: it has a session token, or on Azure a shared access signature. */
	temporary: boolean;
	/** The object's key; undefined for a listing. */
	key?: string;
	/** Default: `read` with a key, `list` without. */
	action?: StorageAction;
}
