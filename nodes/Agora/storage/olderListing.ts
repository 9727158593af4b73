import { Fault } from '../http/fault';
import type { Listing } from './listing';

/**
 * Where to go on after a page of the older listing, which has no tokens (Amazon S3: ListObjects). The storage
 * names the marker only for a folded listing; otherwise it is the last entry.
 *
 * @param nextMarker what the page names, '' for nothing
 * @throws Fault when the page says that there is more but has nothing to go on after
 */
export function markerAfter(
	{ objects, prefixes }: Pick<Listing, 'objects' | 'prefixes'>,
	nextMarker: string,
): string {
	const last = [...objects.map(({ key }) => key), ...prefixes].reduce(laterOf, nextMarker);
	const marker = nextMarker || last;
	if (marker !== '') return marker;
	throw new Fault(
		'The storage says that there is more to list, but not how to go on: it does not support ListObjectsV2',
		{ description: 'Use storage that supports this operation of the S3 API.' },
	);
}

const laterOf = (a: string, b: string) => (comesAfter(a, b) ? a : b);

/** @returns whether a page shows what it was told to start after, or what stands before it */
export function ignoresStart(
	{ objects, prefixes }: Pick<Listing, 'objects' | 'prefixes'>,
	startAfter: string,
): boolean {
	const [object] = objects;
	const [prefix] = prefixes;
	return (
		(object !== undefined && !comesAfter(object.key, startAfter)) ||
		// What starts with the same letters may hold keys that stand behind it.
		(prefix !== undefined && !startAfter.startsWith(prefix) && !comesAfter(prefix, startAfter))
	);
}

/** In the order of their bytes, as listings are. */
function comesAfter(key: string, other: string): boolean {
	return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
}

/** A continuation token is XML text, which cannot hold this character. */
const MARK = '\0';

/** @returns a marker in the place of a token */
export const tokenOfMarker = (marker: string): string => `${MARK}${marker}`;

/** @returns the marker that stands in the place of a token, undefined for a real token */
export function markerOfToken(token: string | undefined): string | undefined {
	return token?.startsWith(MARK) ? token.slice(MARK.length) : undefined;
}
