import type { Quirks } from '../stubs/quirk.ts';
import { startS3Server } from '../stubs/s3Server.ts';
import type { StartServer, StorageServer } from './server.ts';

/**
 * Starts a server in memory that speaks S3 as Amazon does, but for these quirks.
 *
 * @param notApplicable see `StorageServer`
 */
export function stubWith(
	name: string,
	quirks: Quirks,
	notApplicable?: StorageServer['notApplicable'],
): StartServer {
	return async () => {
		const { credential, stop } = await startS3Server(quirks);
		return { name, credential, notApplicable, stop };
	};
}
