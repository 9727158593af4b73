import type { TextReader } from '../../http/openStream';
import { serverTime } from '../../http/send';
import type { ListQuery, StorageApi } from '../bucket';
import type { StorageCredential } from '../credential';
import { canonicalQuery } from '../signature';
import type { Listing } from '../listing';
import { azureFault } from './errors';
import { blobLink } from './link';
import { readBlobListing } from './listing';

/** Azure's Blob service, spoken to the container of the credential. */
export function azureApi(credential: StorageCredential): StorageApi {
	const api: StorageApi = {
		canStartAfter: false,
		async list(read, query) {
			const { answer, result } = await read(`/?${listParameters(query)}`, blobListingReader);
			if (result === null) throw api.fault(answer);
			return { ...result, serverTime: serverTime(answer) };
		},
		noObject: 'BlobNotFound',
		putHeaders: { 'x-ms-blob-type': 'BlockBlob' },
		fault: (answer) => azureFault(answer, credential.bucket),
		link: (url, key, seconds, now) => blobLink(url, key, credential, seconds, now),
	};
	return api;
}

function blobListingReader(): TextReader<Listing> {
	let xml = '';
	return { push: (text) => void (xml += text), end: () => readBlobListing(xml) };
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
