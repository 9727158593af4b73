import { serverTime } from '../http/send';
import type { Link, ListQuery, StorageApi } from './bucket';
import type { StorageCredential } from './credential';
import { storageFault } from './errors';
import { readListing } from './listing';
import { canonicalQuery, presignUrl } from './signature';

/** The S3 API, spoken to the bucket of the credential. */
export function s3Api(credential: StorageCredential): StorageApi {
	const api: StorageApi = {
		canStartAfter: true,
		async list(ask, query) {
			const answer = await ask(`/?${listParameters(query)}`);
			if (answer.status !== 200) throw api.fault(answer);
			return { ...readListing(answer.body), serverTime: serverTime(answer) };
		},
		noObject: 'NoSuchKey',
		putHeaders: {},
		fault: (answer) => storageFault(answer, credential.bucket),
		link: (url, _key, seconds, now) => link(url, credential, seconds, now),
	};
	return api;
}

function listParameters({ prefix, delimiter, token, maxKeys, startAfter }: ListQuery): string {
	const parameters: Array<[string, string | undefined]> = [
		['list-type', '2'],
		['encoding-type', 'url'],
		['prefix', prefix],
		['delimiter', delimiter],
		['continuation-token', token],
		['max-keys', maxKeys?.toString()],
		['start-after', startAfter],
	];
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
