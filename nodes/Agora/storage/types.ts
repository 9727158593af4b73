import type { IHttpRequestOptions } from 'n8n-workflow';
import type { Fault } from '../http/errors';
import type { HttpResponse } from '../http/request';
import type { ByteStream } from '../http/stream';
import type { Region, Vendor } from './vendors';

/** Where the bucket's name is in a URL. */
export type Addressing = 'pathStyle' | 'virtualHosted' | 'bucketDomain';

/** The values of the Agora Recording Storage credential, checked and in usable types. */
export interface StorageCredential {
	vendorName: string;
	vendor: Vendor;
	/** The chosen region; null where the vendor has none to choose. */
	region: Region | null;
	signingRegion: string;
	bucket: string;
	/** Azure: the name of the storage account. */
	accessKey: string;
	/** Azure: a key of the storage account; '' where a shared access signature is used. */
	secretKey: string;
	/** Azure's shared access signature, as a query without its question mark; '' for none. */
	sasToken: string;
	/** Of temporary credentials; '' for permanent ones. */
	sessionToken: string;
	/** When temporary credentials expire, Unix milliseconds; null where that was not given. */
	sessionExpiresAt: number | null;
	/** The folders of the file name prefix, outermost first. */
	folders: string[];
	/** The user's own endpoint, null for the vendor's. */
	endpoint: URL | null;
	/** How URLs below that endpoint name the bucket. */
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
	/** Keys with this string after the prefix are folded into one entry of `prefixes`. */
	delimiter?: string;
	/** `nextToken` of the previous page. */
	token?: string;
	/** At most this many entries, 1 to 1,000. */
	maxKeys?: number;
	/** Only keys after this one, where the storage `startsAfter`. */
	startAfter?: string;
}

/** A page of a listing, as the storage returned it. */
export interface Listing {
	objects: StoredObject[];
	/** Folded entries: what several keys have in common, up to the delimiter. */
	prefixes: string[];
	/** Token of the next page, null on the last one. */
	nextToken: string | null;
	/** The key to continue after, on a page from storage without tokens; `nextToken` is null then. */
	nextMarker?: string;
}

export interface SearchedPrefix {
	/** Whether there is a recording below it. */
	hasSessions: boolean;
	/** Unix milliseconds. */
	searchedAt: number;
	/** The folders directly below it that have recordings, with a trailing slash. */
	folders: string[];
	/** Where the search stopped before it was complete. */
	resumeAfter?: string;
	/** How many requests the largest search so far took. */
	requests: number;
}

export interface ListPage extends Omit<Listing, 'nextMarker'> {
	/** When the storage answered, by its own clock if it reports one: Unix milliseconds. */
	serverTime: number;
}

/** What this process has learned about how a bucket can be listed. It is shared by all who use the bucket. */
export interface ListingSupport {
	/**
	 * Whether listings can be folded by `_`: `unknown` until a folded page was checked, a number for Unix
	 * milliseconds until which it is not tried again.
	 */
	folds: 'unknown' | boolean | number;
	/** Whether a listing can start after a key. */
	startsAfter: boolean;
	/** Whether ListObjectsV2 is known; Azure has one version only. */
	version: 1 | 2;
	/** Whether recordings in a folder have MP4 files, day folders not counted; Unix milliseconds of the check. */
	mp4Folders: Map<string, { hasMp4: boolean; checkedAt: number }>;
	/** What a scan found below names that are not Agora's, by their beginning. */
	searchedPrefixes: Map<string, SearchedPrefix>;
}

/** A URL that gives anyone who has it read access to one object. */
export interface Link {
	url: string;
	/** Unix milliseconds. */
	expiresAt: number;
}

export interface OpenObject {
	/** Bytes, from the answer's Content-Length; null without one. */
	size: number | null;
	/** Must be read or abandoned: it holds a connection until then. */
	stream: ByteStream;
}

/** The bucket that the recordings are in. Every function throws a Fault when the storage refuses. */
export interface Bucket {
	name: string;
	/** The credential's File Name Prefix: '' or e.g. `recordings/school/`. */
	prefix: string;
	support: ListingSupport;
	/** One page of the listing. What it contains is up to the server: `pagesOf` checks it. */
	list(query: ListQuery): Promise<ListPage>;
	/**
	 * The object as text; null when there is no such object.
	 *
	 * @throws Fault with `onlyThisObject` when the storage refuses this object but not others (archived, denied)
	 */
	getText(key: string): Promise<string | null>;
	/**
	 * The object's bytes, read as they are needed; null when there is no such object.
	 *
	 * @param signal aborted when the object is no longer needed; no further attempt is made then
	 */
	open(key: string, signal?: AbortSignal): Promise<OpenObject | null>;
	put(key: string, body: string, contentType: string): Promise<void>;
	/**
	 * A link to the object that is valid for 1 to 604,800 seconds, or until temporary credentials expire. Null
	 * where the credential contains nothing that can sign one.
	 */
	presign(key: string, seconds: number, now?: Date): Link | null;
}

/** Sends a GET request by its URL relative to the bucket. */
export type SendGet = (
	url: string,
	isFinal?: (answer: HttpResponse) => boolean,
) => Promise<HttpResponse>;

/** What differs between kinds of storage; everything else is in `bucket.ts`. */
export interface StorageApi {
	/** Requests one page. */
	list(get: SendGet, query: ListQuery): Promise<ListPage>;
	/** Headers required for writing an object. */
	putHeaders(body: string): Record<string, string>;
	/** @param key of the object that the request was for; undefined for a listing */
	fault(answer: HttpResponse, key?: string, action?: 'read' | 'write'): Fault;
	/** @param url absolute */
	link(url: string, key: string, seconds: number, now: Date): Link | null;
}

/** A request that is complete but for its authorization. */
export interface BareRequest {
	method: string;
	/** Absolute, as `canonicalUrl` writes it. */
	url: string;
	/** Names as they were given. */
	headers: Record<string, string>;
	/** Bytes, or a stream or form that is sent as it is; undefined for none. */
	body: IHttpRequestOptions['body'];
}
