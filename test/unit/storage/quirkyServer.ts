import { createHash } from 'node:crypto';
import { Fault } from '../../../nodes/Agora/http/errors';
import { newSupport } from '../../../nodes/Agora/storage/bucket';
import type { Bucket, ListPage, ListQuery } from '../../../nodes/Agora/storage/types';

/** What a storage server does differently from Amazon S3. */
export interface Quirks {
	/** Most entries of a page. */
	pageSize: number;
	/**
	 * What a delimiter other than `/` does. `right`: fold, as S3 does. `refused`: fail with `status`. `ignored`:
	 * nothing. `slash`: fold, but with a slash in place of the delimiter (Supabase). `some`: fold every other key.
	 * `late`: fold at the last delimiter of a key.
	 */
	folding: 'right' | 'refused' | 'ignored' | 'slash' | 'some' | 'late';
	status: 400 | 500 | 501;
	/**
	 * Whether the page size counts keys, not entries, and a folded entry is continued within itself (MinIO): with the
	 * same token each time, or with one that changes.
	 */
	foldsEachPage: 'no' | 'same token' | 'changing token';
	ignoresStartAfter: boolean;
	/** Whether each page is followed by an empty one with a token. */
	hasEmptyPages: boolean;
	/** Whether keys are in no order that anyone else knows (Storj sorts encrypted names). */
	isUnsorted: boolean;
}

export const S3: Quirks = {
	pageSize: 1000,
	folding: 'right',
	status: 501,
	foldsEachPage: 'no',
	ignoresStartAfter: false,
	hasEmptyPages: false,
	isUnsorted: false,
};

export interface QuirkyServer {
	bucket: Bucket;
	requests: ListQuery[];
	/** Those that asked for folding. */
	folded(): ListQuery[];
}

const byUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const encrypted = (key: string) => createHash('sha256').update(key).digest('hex');
const byEncrypted = (a: string, b: string) => byUtf8(encrypted(a), encrypted(b));

/** A storage server in memory that lists these keys in its own way. */
export function quirkyServer(keys: string[], changes: Partial<Quirks> = {}): QuirkyServer {
	const quirks = { ...S3, ...changes };
	const requests: ListQuery[] = [];
	const list = async (query: ListQuery): Promise<ListPage> => {
		requests.push(query);
		return listKeys(keys, query, quirks, requests.length);
	};
	return {
		bucket: {
			name: 'quirky',
			prefix: '',
			support: newSupport(),
			list,
		} as Partial<Bucket> as Bucket,
		requests,
		folded: () => requests.filter(({ delimiter }) => delimiter !== undefined),
	};
}

/** Where a listing continues. */
interface Position {
	after: string;
	/** Whether that is a folded entry: one that replaces the delimiter can look like a key. */
	isFolded: boolean;
	/** The page that has just ended is followed by an empty one. */
	isEmptyNext: boolean;
}

function listKeys(keys: string[], query: ListQuery, quirks: Quirks, nonce: number): ListPage {
	const { prefix, delimiter, startAfter } = query;
	const { folding, status, pageSize, hasEmptyPages, ignoresStartAfter } = quirks;
	if (delimiter !== undefined && delimiter !== '/' && folding === 'refused') {
		throw new Fault(`HTTP ${status}`, { httpCode: String(status) });
	}
	const order = quirks.isUnsorted ? byEncrypted : byUtf8;
	const foldsEachPage = delimiter !== undefined && quirks.foldsEachPage !== 'no';
	const { after, isFolded, isEmptyNext } = readToken(query.token) ?? {
		after: ignoresStartAfter ? '' : (startAfter ?? ''),
		isFolded: false,
		isEmptyNext: false,
	};
	const page: ListPage = { objects: [], prefixes: [], nextToken: null, serverTime: 0 };
	const withToken = (position: Position) => ({
		...page,
		nextToken: writeToken(position, quirks.foldsEachPage === 'changing token' ? nonce : 0),
	});
	if (isEmptyNext) return withToken({ after, isFolded, isEmptyNext: false });
	const matching = keys.filter((key) => key.startsWith(prefix)).sort(order);
	let last = '';
	let isLastFolded = false;
	let counted = 0;
	for (const [i, key] of matching.entries()) {
		if (after !== '' && order(key, after) <= 0) continue;
		const folded = fold(key, prefix, delimiter, folding, i);
		const entry = folded ?? key;
		// A token that names a folded entry is after all of its keys.
		const isDone = !foldsEachPage && isFolded && folded !== null && entry === after;
		if (isDone || page.prefixes.includes(entry)) {
			if (foldsEachPage && ++counted > pageSize)
				return withToken({ after: last, isFolded: isLastFolded, isEmptyNext: false });
			continue;
		}
		if (++counted > pageSize) {
			return withToken({ after: last, isFolded: isLastFolded, isEmptyNext: hasEmptyPages });
		}
		last = entry;
		isLastFolded = folded !== null;
		if (folded === null) page.objects.push({ key, size: 1, lastModified: 0 });
		else page.prefixes.push(entry);
	}
	return page;
}

/** @returns the folded entry that a key is listed as, null for the key itself */
function fold(
	key: string,
	prefix: string,
	delimiter: string | undefined,
	folding: Quirks['folding'],
	i: number,
): string | null {
	if (delimiter === undefined) return null;
	const isQuirky = delimiter !== '/';
	const at =
		isQuirky && folding === 'late'
			? key.lastIndexOf(delimiter)
			: key.indexOf(delimiter, prefix.length);
	if (at < prefix.length) return null;
	if (isQuirky && (folding === 'ignored' || (folding === 'some' && i % 2 === 0))) return null;
	const stem = key.slice(0, at);
	return isQuirky && folding === 'slash' ? `${stem}/` : `${stem}${delimiter}`;
}

const writeToken = (position: Position, nonce: number) => JSON.stringify([position, nonce]);
const readToken = (token: string | undefined) =>
	token === undefined ? null : (JSON.parse(token) as [Position, number])[0];
