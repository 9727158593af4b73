import {
	delimiterRefused,
	encodingIgnored,
	startOutsidePrefixFails,
	unsorted,
} from './quirks/listing.ts';

export * from './quirks/access.ts';
export * from './quirks/listing.ts';
export { minio } from './quirks/minio.ts';
export { supabase } from './quirks/supabase.ts';

/** Sia's renterd. */
export const renterd = [delimiterRefused(501), encodingIgnored];
/** NooBaa with buckets that are folders of a file system. */
export const noobaaFiles = delimiterRefused(500);
/** NooBaa with its own store. */
export const noobaaStore = startOutsidePrefixFails;
/** Storj's gateway, for a new project with encrypted paths. */
export const storj = [delimiterRefused(501), unsorted];
