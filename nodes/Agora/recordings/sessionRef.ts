import type { Day } from './day';

/** A session that is known to be in the bucket, before any of its files were listed. */
export interface SessionRef {
	/** '' or with a trailing slash. */
	folder: string;
	sid: string;
	/** The day whose folder it is in, null for any other folder. */
	day: Day | null;
	/** What the keys of each of its recorders begin with. */
	prefixes: KeyPrefix[];
}

/** `<folder>[bak<n>_]<sid>_`, to which the bucket folds everything that one recorder wrote. */
export interface KeyPrefix {
	prefix: string;
	/** Prefixes with consecutive indexes are next to each other in the bucket. */
	index: number;
	/** Whether its files were folded into one entry, so that they are not listed yet. */
	isFolded: boolean;
}

/** @returns `<folder><sid>`, the ID of a session within a bucket */
export function idOf({ folder, sid }: Pick<SessionRef, 'folder' | 'sid'>): string {
	return `${folder}${sid}`;
}

/** @returns what the keys of a session begin with, one for each of its recorders */
export function prefixesOf({ prefixes }: SessionRef): string[] {
	return prefixes.map(({ prefix }) => prefix);
}

/** `<folder>[bak<n>_]<sid>_`, folded or with the rest of a name. */
const SESSION_KEY = /^((.*\/)?(?:bak\d+_)?([0-9a-f]{32})_)[^/]*$/i;

export interface SessionKey {
	/** `<folder>[bak<n>_]<sid>_` */
	prefix: string;
	folder: string;
	sid: string;
}

/** @returns null for a name that is not a session's */
export function sessionKeyOf(name: string): SessionKey | null {
	const match = SESSION_KEY.exec(name);
	return match && { prefix: match[1]!, folder: match[2] ?? '', sid: match[3]! };
}
