import type { ListQuery, Page } from './listing.ts';
import type { ObjectStore } from './objectStore.ts';
import type { S3Request } from './request.ts';
import type { Claim } from './signature.ts';

/** What a quirk may look at. */
export interface Surroundings {
	/** The server's bucket. */
	bucket: string;
	objects: ObjectStore;
	/** What the request says about its signature; null when it has none. */
	claim: Claim | null;
}

/**
 * One thing in which a server differs from Amazon S3. Quirks combine: the server asks each of them in turn, and
 * the first error or page wins. All of a quirk is optional but its name.
 */
export interface Quirk {
	name: string;
	/** How far the server's clock is off, in milliseconds. */
	clockOffset?: number;
	/** How long the server waits before it answers, in milliseconds. */
	delay?: number;
	/** Before the signature is checked. @returns the request as it is checked and served, or throws an S3Error */
	receive?(request: S3Request, surroundings: Surroundings): S3Request | void;
	/** After the signature was checked. @throws S3Error to refuse the request */
	refuse?(request: S3Request, surroundings: Surroundings): void;
	/** @returns the listing to make in place of the one that was asked for */
	rewriteList?(query: ListQuery): ListQuery;
	/** @returns a page made the server's own way, undefined to leave it to the next */
	list?(query: ListQuery, surroundings: Surroundings): Page | undefined;
	/** @returns the storage class of an object, undefined for the one it has */
	storageClassOf?(key: string): string | undefined;
	/** Headers to add to every answer that is no error. */
	headers?: Record<string, string>;
}

/** Quirks, and sets of quirks that make up one server. */
export type Quirks = Quirk | readonly Quirks[];

export function flatten(quirks: Quirks): Quirk[] {
	return Array.isArray(quirks) ? quirks.flatMap(flatten) : [quirks as Quirk];
}
