import { foldKey, MAX_KEYS, type Entry, type ListQuery, type Page } from '../listing.ts';
import { compareKeys, firstIndex } from '../objectStore.ts';
import type { Quirk } from '../quirk.ts';

/**
 * The listing of Supabase Storage (supabase/storage at 4fa61fb, August 2026: SQL function
 * `list_objects_with_delimiter` in `migrations/tenant/0050-search-v2-optimised.sql`, and `listObjectsV2` in
 * `src/storage/object.ts`).
 *
 * Without a delimiter it lists correctly. With one, each folded entry has a `/` in place of the delimiters at its
 * end: for the delimiter `_`, it returns `class/<sid>/` for `class/<sid>_…`. It treats a start-after as the last
 * entry of a page: a folder, whose keys it skips, or an object, and then it loses the keys up to the start-after
 * plus the delimiter. A start-after before the prefix lists keys outside the prefix. Keys with
 * `encoding-type=url` are encoded like a part of a URL, `Prefix` and `Delimiter` are not encoded.
 */
export const supabase: Quirk = {
	list(query, { objects }) {
		// It treats zero like no value.
		const maxKeys = query.maxKeys || MAX_KEYS;
		const start =
			query.continuationToken === null ? startOf(query) : decode(query.continuationToken);
		const rows =
			query.delimiter === ''
				? listPlain(objects.keys, query.prefix, start, maxKeys + 1)
				: refold(listFolded(objects.keys, query, start, maxKeys + 1), query);
		const page = rows.slice(0, maxKeys);
		const last = rows.length > maxKeys ? page.at(-1)!.name : null;
		return {
			entries: page.map(({ name, isFolded }) =>
				isFolded && !name.endsWith('/') ? { name: `${name}/`, isFolded } : { name, isFolded },
			),
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

function listPlain(keys: readonly string[], prefix: string, start: string, limit: number): Entry[] {
	const from = firstIndex(
		keys,
		(key) => compareKeys(key, prefix) >= 0 && (start === '' || compareKeys(key, start) > 0),
	);
	const rows: Entry[] = [];
	for (let i = from; rows.length < limit && keys[i]?.startsWith(prefix); i++) {
		rows.push({ name: keys[i]!, isFolded: false });
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
): Entry[] {
	const rows: Entry[] = [];
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
			rows.push({ name: trimEnd(folder, delimiter), isFolded: true });
			seek = withoutLast(folder) + next(delimiter);
			continue;
		}
		// Objects are read in batches, and a batch ends at the first folder.
		const batchEnd = index + Math.min(Math.max(limit * 2, 100), MAX_KEYS);
		for (; isIn() && index < batchEnd && rows.length < limit; index++) {
			const key = keys[index]!;
			seek = key;
			if (commonPrefix(key, prefix, delimiter) !== null) break;
			rows.push({ name: key, isFolded: false });
			seek = key + delimiter;
		}
	}
	return rows;
}

/** Only includes one character of the delimiter. */
function commonPrefix(key: string, prefix: string, delimiter: string): string | null {
	const index = key.indexOf(delimiter, prefix.length);
	return index < 0 ? null : key.slice(0, index + 1);
}

/** Like SQL's rtrim: removes all trailing characters that are in the delimiter. */
function trimEnd(text: string, characters: string): string {
	let length = text.length;
	while (length > 0 && characters.includes(text[length - 1]!)) length--;
	return text.slice(0, length);
}

/** Whether a key is LIKE `pattern%`; `_` and `%` in it are wildcards, as Supabase does not escape them. */
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

/** Supabase folds once more, correctly, what the SQL left unfolded. */
function refold(rows: Entry[], { prefix, delimiter }: ListQuery): Entry[] {
	const result: Entry[] = [];
	let before = '';
	for (const row of rows) {
		const folded = foldKey(row.name, prefix, delimiter);
		if (folded === null) result.push(row);
		else if (folded !== before) result.push({ name: folded, isFolded: true });
		before = folded ?? before;
	}
	return result;
}
