import { createHash } from 'crypto';
import { serverTime } from '../../http/request';
import { storageTarget } from '../address';
import type { ListQuery, StorageApi, StorageCredential } from '../types';
import { canonicalQuery } from '../signature';
import { blobLink } from './auth';
import { azureFault } from './errors';
import { readBlobListing } from './listing';

/** The Blob service API of the credential's container. */
export function azureApi(credential: StorageCredential): StorageApi {
	const api: StorageApi = {
		async list(get, query) {
			const response = await get(`/?${listParameters(query)}`);
			if (response.status !== 200) throw api.fault(response);
			return { ...readBlobListing(response.body), serverTime: serverTime(response) };
		},
		putHeaders: (body) => ({
			'x-ms-blob-type': 'BlockBlob',
			'Content-MD5': createHash('md5').update(body).digest('base64'),
		}),
		fault: (response, key, action) =>
			azureFault(response, { ...storageTarget(credential), key, action }),
		link: (url, key, seconds, now) => blobLink(url, key, credential, seconds, now),
	};
	return api;
}

/** Azure: List Blobs. Without `maxresults`, a page has up to 5,000 entries. */
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
