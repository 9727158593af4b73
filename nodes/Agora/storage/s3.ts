import { createHash } from 'crypto';
import { serverTime } from '../http/request';
import { targetOf } from './address';
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

/** How storage answers a request for ListObjectsV2 that it does not know. */
const REFUSES_VERSION_2 = [400, 405, 501];

/**
 * The S3 API of the credential's bucket.
 *
 * It requests ListObjectsV2. Storage that only knows the older ListObjects either answers with that, and then
 * ignores a start, or refuses; in both cases the older one is requested.
 */
export function s3Api(credential: StorageCredential, support: ListingSupport): StorageApi {
	const api: StorageApi = {
		async list(get, query) {
			if (query.token === undefined && support.version === 1) return await listOlder(get, query);
			const page = await readPage(get, query).catch(async (error: unknown) => {
				if (!isRefusal(error) || query.delimiter !== undefined) throw error;
				// It is the version that is refused, if the older one works.
				const older = await listOlder(get, query).catch(() => null);
				if (older === null) throw error;
				support.version = 1;
				return older;
			});
			const isIgnored = query.token === undefined && ignoresStart(page, query.startAfter);
			return isIgnored ? await listOlder(get, query) : page;
		},
		// A bucket with Object Lock refuses objects without a checksum (Amazon S3: Object Lock considerations).
		putHeaders: (body) => ({ 'Content-MD5': createHash('md5').update(body).digest('base64') }),
		fault: (answer, key, action) => s3Fault(answer, { ...targetOf(credential), key, action }),
		link: (url, _key, seconds, now) => link(url, credential, seconds, now),
	};

	const readPage = async (get: SendGet, query: ListQuery): Promise<ListPage> => {
		const answer = await get(`/?${listParameters(query)}`, ({ status }) =>
			isFoldingRefused(status, query, support),
		);
		if (answer.status !== 200) throw api.fault(answer);
		const { nextMarker, ...listing } = readListing(answer.body);
		const nextToken = nextMarker === undefined ? listing.nextToken : tokenOfMarker(nextMarker);
		return { ...listing, nextToken, serverTime: serverTime(answer) };
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
	// Huawei Cloud ignores a marker in a request with an encoding (rclone: s3, quirks of HuaweiOBS).
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

/** A continuation token is XML text, which cannot contain this character. */
const MARK = '\0';

/** @returns a marker in place of a token */
const tokenOfMarker = (marker: string): string => `${MARK}${marker}`;

/** @returns the marker in place of a token, undefined for a real token */
function markerOfToken(token: string | undefined): string | undefined {
	return token?.startsWith(MARK) ? token.slice(MARK.length) : undefined;
}

/** A link expires with the temporary credentials that signed it, however long it was requested for. */
function link(url: string, credential: StorageCredential, seconds: number, now: Date): Link {
	const { sessionToken, sessionExpiresAt } = credential;
	const requested = Math.floor(now.getTime() / 1000 + seconds) * 1000;
	const keysExpireAt = sessionToken === '' ? null : sessionExpiresAt;
	return {
		url: presignUrl(url, credential, seconds, now),
		expiresAt: Math.min(requested, keysExpireAt ?? requested),
	};
}
