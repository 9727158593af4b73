import { createHash } from 'crypto';
import { serverTime } from '../../http/request';
import { targetOf } from '../address';
import type { ListQuery, StorageApi, StorageCredential } from '../types';
import { canonicalQuery } from '../signature';
import { blobLink } from './auth';
import { azureFault } from './errors';
import { readBlobListing } from './listing';

/** The Blob service's API of the credential's container. */
export function azureApi(credential: StorageCredential): StorageApi {
	const api: StorageApi = {
		async list(get, query) {
			const answer = await get(`/?${listParameters(query)}`);
			if (answer.status !== 200) throw api.fault(answer);
			return { ...readBlobListing(answer.body), serverTime: serverTime(answer) };
		},
		putHeaders: (body) => ({
			'x-ms-blob-type': 'BlockBlob',
			'Content-MD5': createHash('md5').update(body).digest('base64'),
		}),
		fault: (answer, key, action) => azureFault(answer, { ...targetOf(credential), key, action }),
		link: (url, key, seconds, now) => blobLink(url, key, credential, seconds, now),
	};
	return api;
}

/** Azure: List Blobs. Without `maxresults` a page has up to 5,000 entries. */
function listParameters({ prefix, delimiter, token, maxKeys }: ListQuery): string {
	const parameters: Array<[string, string | undefined]> = [
		['restype', 'container'],
		['comp', 'list'],
		['prefix', prefix],
		['delimiter', delimiter],
		['marker', token],
		['maxresults', maxKeys?.toString()],
	];
	return canonicalQuery(parameters.filter((entry): entry is [string, string] => Boolean(entry[1])));
}
