import { serverTime } from '../http/send';
import type { Link, ListQuery, StorageApi } from './bucket';
import type { StorageCredential } from './credential';
import { storageFault } from './errors';
import { ListingReader } from './listing';
import { ignoresStart, markerOfToken, tokenOfMarker } from './olderListing';
import { canonicalQuery, presignUrl } from './signature';

/** How storage answers that knows no delimiter but `/`, or none at all. */
const REFUSES_DELIMITER = [400, 501];

/**
 * The S3 API, spoken to the bucket of the credential.
 *
 * It asks for ListObjectsV2. Storage that does not know it answers with the older ListObjects, and takes no
 * notice of a start either: then the older one is asked for, page by page.
 */
export function s3Api(credential: StorageCredential): StorageApi {
	const api: StorageApi = {
		canStartAfter: true,
		async list(read, query) {
			const page = await readPage(read, query);
			const { startAfter } = query;
			if (startAfter === undefined || !ignoresStart(page, startAfter)) return page;
			return await readPage(read, { ...query, token: tokenOfMarker(startAfter) });
		},
		noObject: 'NoSuchKey',
		putHeaders: {},
		fault: (answer) => storageFault(answer, credential.bucket),
		link: (url, _key, seconds, now) => link(url, credential, seconds, now),
	};

	let folds = true;
	const readPage: StorageApi['list'] = async (read, query) => {
		const { delimiter, ...plain } = query;
		const { answer, result } = await read(
			`/?${listParameters(folds ? query : plain)}`,
			() => new ListingReader(),
		);
		if (delimiter !== undefined && folds && REFUSES_DELIMITER.includes(answer.status)) {
			folds = false;
			return await readPage(read, query);
		}
		if (result === null) throw api.fault(answer);
		const { nextMarker, ...listing } = result;
		const nextToken = nextMarker === undefined ? listing.nextToken : tokenOfMarker(nextMarker);
		return { ...listing, nextToken, serverTime: serverTime(answer) };
	};
	return api;
}

function listParameters({ prefix, delimiter, token, maxKeys, startAfter }: ListQuery): string {
	const marker = markerOfToken(token);
	const common: Array<[string, string | undefined]> = [
		['prefix', prefix],
		['delimiter', delimiter],
		['max-keys', maxKeys?.toString()],
	];
	// Huawei Cloud takes no notice of a marker beside an encoding (rclone: s3, quirks of HuaweiOBS).
	const ofVersion: Array<[string, string | undefined]> =
		marker === undefined
			? [
					['list-type', '2'],
					['encoding-type', 'url'],
					['continuation-token', token],
					['start-after', startAfter],
				]
			: [['marker', marker]];
	const parameters = [...common, ...ofVersion];
	return canonicalQuery(parameters.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** A link ends with the temporary keys that signed it, however long it was asked for. */
function link(url: string, credential: StorageCredential, seconds: number, now: Date): Link {
	const { sessionToken, sessionExpiresAt } = credential;
	const asked = Math.floor(now.getTime() / 1000 + seconds) * 1000;
	const keysEnd = sessionToken === '' ? null : sessionExpiresAt;
	return {
		url: presignUrl(url, credential, seconds, now),
		expiresAt: Math.min(asked, keysEnd ?? asked),
	};
}
