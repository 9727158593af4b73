import { createHash } from 'crypto';
import { serverTime } from '../http/request';
import { storageTarget } from './address';
import type {
	Link,
	ListPage,
	ListQuery,
	ListingSupport,
	SendGet,
	StorageApi,
	StorageCredential,
} from './types';
import { s3Fault } from './errors';
import { ignoresStart, readListing } from './listing';
import { isFoldingRefused } from './pages';
import { canonicalQuery, presignUrl } from './signature';

/** Statuses of storage that does not support ListObjectsV2. */
const REFUSES_VERSION_2 = [400, 405, 501];

/**
 * The S3 API of the credential's bucket.
 *
 * Uses ListObjectsV2. Storage that only supports the older ListObjects either responds with that, ignoring
 * `start-after`, or refuses; in both cases ListObjects is requested.
 */
export function s3Api(credential: StorageCredential, support: ListingSupport): StorageApi {
	const api: StorageApi = {
		async list(get, query) {
			if (query.token === undefined && support.version === 1) return await listOlder(get, query);
			const page = await readPage(get, query).catch(async (error: unknown) => {
				if (!isRefusal(error) || query.delimiter !== undefined) throw error;
				// If the older version works, the error was about the version.
				const older = await listOlder(get, query).catch(() => null);
				if (older === null) throw error;
				support.version = 1;
				return older;
			});
			const isStartIgnored = query.token === undefined && ignoresStart(page, query.startAfter);
			return isStartIgnored ? await listOlder(get, query) : page;
		},
		// A bucket with Object Lock requires a checksum (Amazon S3: Object Lock considerations).
		putHeaders: (body) => ({ 'Content-MD5': createHash('md5').update(body).digest('base64') }),
		fault: (response, key, action) =>
			s3Fault(response, { ...storageTarget(credential), key, action }),
		link: (url, _key, seconds, now) => link(url, credential, seconds, now),
	};

	const readPage = async (get: SendGet, query: ListQuery): Promise<ListPage> => {
		const response = await get(`/?${listParameters(query)}`, ({ status }) =>
			isFoldingRefused(status, query, support),
		);
		if (response.status !== 200) throw api.fault(response);
		const { nextMarker, ...listing } = readListing(response.body);
		const nextToken = nextMarker === undefined ? listing.nextToken : tokenOfMarker(nextMarker);
		return { ...listing, nextToken, serverTime: serverTime(response) };
	};

	const listOlder = async (get: SendGet, { startAfter = '', ...query }: ListQuery) =>
		await readPage(get, { ...query, token: tokenOfMarker(startAfter) });

	return api;
}

function isRefusal(error: unknown): boolean {
	const { details } = error as { details?: { httpCode?: string } };
	return REFUSES_VERSION_2.includes(Number(details?.httpCode));
}

function listParameters({ prefix, delimiter, token, maxKeys, startAfter }: ListQuery): string {
	const marker = markerOfToken(token);
	const common: Array<[string, string | undefined]> = [
		['prefix', prefix],
		['delimiter', delimiter],
		['max-keys', maxKeys?.toString()],
	];
	// Huawei Cloud ignores `marker` in a request with `encoding-type` (rclone: s3, quirks of HuaweiOBS).
	const ofVersion: Array<[string, string | undefined]> =
		marker === undefined
			? [
					['list-type', '2'],
					['encoding-type', 'url'],
					['continuation-token', token],
					['start-after', token === undefined ? startAfter : undefined],
				]
			: [['marker', marker]];
	const parameters = [...common, ...ofVersion];
	return canonicalQuery(parameters.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** Distinguishes a marker from a continuation token, which cannot contain this character, as it comes from XML. */
const MARKER_PREFIX = '\0';

const tokenOfMarker = (marker: string): string => `${MARKER_PREFIX}${marker}`;

/** @returns undefined for a continuation token */
function markerOfToken(token: string | undefined): string | undefined {
	return token?.startsWith(MARKER_PREFIX) ? token.slice(MARKER_PREFIX.length) : undefined;
}

/** A link expires at the latest with the temporary credentials that signed it. */
function link(url: string, credential: StorageCredential, seconds: number, now: Date): Link {
	const { sessionToken, sessionExpiresAt } = credential;
	const requested = Math.floor(now.getTime() / 1000 + seconds) * 1000;
	const keysExpireAt = sessionToken === '' ? null : sessionExpiresAt;
	return {
		url: presignUrl(url, credential, seconds, now),
		expiresAt: Math.min(requested, keysExpireAt ?? requested),
	};
}
