import type { ListQuery, Page } from '../listing.ts';
import { MOST_KEYS, foldOf } from '../listing.ts';
import { compareKeys, firstIndex } from '../objectStore.ts';
import type { Quirk } from '../quirk.ts';

/** A row of Supabase's listing: an object, or a folder that has no id. */
interface Row {
	name: string;
	isFolder: boolean;
}

/**
 * The listing of Supabase Storage (supabase/storage at 4fa61fb, August 2026: SQL function
 * `list_objects_with_delimiter` in `migrations/tenant/0050-search-v2-optimised.sql`, and `listObjectsV2` in
 * `src/storage/object.ts`).
 *
 * Without a delimiter it is right. With one, each folded entry loses the delimiters at its end and gets a `/` in
 * their place: asked to fold by `_`, it answers `class/<sid>/` for `class/<sid>_…`. A start-after means the last
 * entry of a page: a folder whose keys are done with, or an object, and then keys up to that text plus the
 * delimiter are lost. A start-after before the prefix lists what is outside the prefix. Keys with
 * `encoding-type=url` are encoded as a part of a URL, `Prefix` and `Delimiter` are not.
 */
export const supabase: Quirk = {
	name: 'supabase',
	list(query, { objects }) {
		// Zero is as good as nothing to it.
		const maxKeys = query.maxKeys || MOST_KEYS;
		const start =
			query.continuationToken === null ? startOf(query) : decode(query.continuationToken);
		const rows =
			query.delimiter === ''
				? listPlain(objects.keys, query.prefix, start, maxKeys + 1)
				: refold(listFolded(objects.keys, query, start, maxKeys + 1), query);
		const page = rows.slice(0, maxKeys);
		const last = rows.length > maxKeys ? page.at(-1)!.name : null;
		return {
			keys: page.filter(({ isFolder }) => !isFolder).map(({ name }) => name),
			prefixes: page
				.filter(({ isFolder }) => isFolder)
				.map(({ name }) => (name.endsWith('/') ? name : `${name}/`)),
			next: last !== null && query.version === 2 ? encode(last) : last,
			encodeName: encodeURIComponent,
			encodesQuery: false,
		} satisfies Page;
	},
};

const startOf = ({ version, startAfter, marker }: ListQuery) =>
	version === 2 ? startAfter : marker;
const encode = (name: string) => Buffer.from(`l:${name}`).toString('base64');
const decode = (token: string) => Buffer.from(token, 'base64').toString().slice('l:'.length);

function listPlain(keys: readonly string[], prefix: string, start: string, limit: number): Row[] {
	const from = firstIndex(
		keys,
		(key) => compareKeys(key, prefix) >= 0 && (start === '' || compareKeys(key, start) > 0),
	);
	const rows: Row[] = [];
	for (let i = from; rows.length < limit && keys[i]?.startsWith(prefix); i++) {
		rows.push({ name: keys[i]!, isFolder: false });
	}
	return rows;
}

const next = (character: string) => String.fromCodePoint(character.codePointAt(0)! + 1);
const withoutLast = (text: string) => [...text].slice(0, -1).join('');

function listFolded(
	keys: readonly string[],
	{ prefix, delimiter }: ListQuery,
	start: string,
	limit: number,
): Row[] {
	const rows: Row[] = [];
	const end = prefix === '' ? null : withoutLast(prefix) + next([...prefix].at(-1)!);
	const indexOf = (text: string) => firstIndex(keys, (key) => compareKeys(key, text) >= 0);
	let seek = prefix;
	if (start !== '') {
		seek = hasLike(keys, start + delimiter) ? start + next(delimiter) : start + delimiter;
	}
	while (rows.length < limit) {
		let index = indexOf(seek);
		const isIn = () =>
			keys[index] !== undefined && (end === null || compareKeys(keys[index]!, end) < 0);
		if (!isIn()) break;
		const folder = commonPrefix(keys[index]!, prefix, delimiter);
		if (folder !== null) {
			rows.push({ name: trimEnd(folder, delimiter), isFolder: true });
			seek = withoutLast(folder) + next(delimiter);
			continue;
		}
		// Objects come in batches, and a batch ends at the first folder.
		const batchEnd = index + Math.min(Math.max(limit * 2, 100), MOST_KEYS);
		for (; isIn() && index < batchEnd && rows.length < limit; index++) {
			const key = keys[index]!;
			seek = key;
			if (commonPrefix(key, prefix, delimiter) !== null) break;
			rows.push({ name: key, isFolder: false });
			seek = key + delimiter;
		}
	}
	return rows;
}

/** Counts characters, and takes one of the delimiter. */
function commonPrefix(key: string, prefix: string, delimiter: string): string | null {
	const index = key.indexOf(delimiter, prefix.length);
	return index < 0 ? null : key.slice(0, index + 1);
}

/** As SQL's rtrim: takes off every character that is one of the delimiter's. */
function trimEnd(text: string, characters: string): string {
	let length = text.length;
	while (length > 0 && characters.includes(text[length - 1]!)) length--;
	return text.slice(0, length);
}

/** Whether a key is LIKE `pattern%`; `_` and `%` in it are wildcards, as nothing escapes them there. */
function hasLike(keys: readonly string[], pattern: string): boolean {
	const [literal = ''] = /^[^_%\\]*/.exec(pattern) ?? [];
	const wild = pattern
		.slice(literal.length)
		.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
		.replaceAll('_', '.')
		.replaceAll('%', '.*');
	const like = new RegExp(`^${wild}`, 'su');
	for (
		let i = firstIndex(keys, (key) => compareKeys(key, literal) >= 0);
		keys[i]?.startsWith(literal);
		i++
	) {
		if (like.test(keys[i]!.slice(literal.length))) return true;
	}
	return false;
}

/** What the SQL left unfolded is folded once more, the right way. */
function refold(rows: Row[], { prefix, delimiter }: ListQuery): Row[] {
	const result: Row[] = [];
	let before = '';
	for (const row of rows) {
		const fold = foldOf(row.name, prefix, delimiter);
		if (fold === null) result.push(row);
		else if (fold !== before) result.push({ name: fold, isFolder: true });
		before = fold ?? before;
	}
	return result;
}
