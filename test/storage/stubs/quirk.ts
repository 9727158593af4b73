import { pageOf, type ListQuery, type Page } from './listing.ts';
import type { ObjectStore } from './objectStore.ts';
import type { S3Request } from './request.ts';
import type { RequestSignature } from './signature.ts';

/** What a quirk can read. */
export interface QuirkContext {
	/** The server's bucket. */
	bucket: string;
	objects: ObjectStore;
	/** Null for an unsigned request. */
	signature: RequestSignature | null;
}

/**
 * One difference between a server and Amazon S3. Quirks combine: the server applies them in order, and the first
 * error or page wins.
 */
export interface Quirk {
	/** How far the server's clock is ahead, in milliseconds. */
	clockOffset?: number;
	/** Before the signature is checked. @returns the request to check and serve, or throws an S3Error */
	receive?(request: S3Request, context: QuirkContext): S3Request | void;
	/** After the signature was checked. @throws S3Error to refuse the request */
	refuse?(request: S3Request, context: QuirkContext): void;
	/** @returns the query to list with instead */
	rewriteList?(query: ListQuery): ListQuery;
	/** @returns a page made the server's own way, undefined to leave it to the next quirk */
	list?(query: ListQuery, context: QuirkContext): Page | undefined;
	/** @returns the page to send instead */
	rewritePage?(page: Page): Page;
	/** @returns the storage class of an object, undefined for the one it has */
	storageClassOf?(key: string): string | undefined;
}

/** One quirk, or several that make up one server. */
export type Quirks = Quirk | readonly Quirks[];

export function flatten(quirks: Quirks): Quirk[] {
	return Array.isArray(quirks) ? quirks.flatMap(flatten) : [quirks as Quirk];
}

/**
 * Lists one page as a server with these quirks does.
 *
 * @returns the page, and the query that the server has understood
 * @throws S3Error when a quirk refuses the listing
 */
export function listWith(
	quirks: readonly Quirk[],
	received: ListQuery,
	context: QuirkContext,
): { query: ListQuery; page: Page } {
	let query = received;
	for (const quirk of quirks) query = quirk.rewriteList?.(query) ?? query;
	let page: Page | undefined;
	for (const quirk of quirks) page ??= quirk.list?.(query, context);
	page ??= pageOf(context.objects.keys, query);
	for (const quirk of quirks) page = quirk.rewritePage?.(page) ?? page;
	return { query, page };
}
