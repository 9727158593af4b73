import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** The checks of the suite, in the order in which they run and are printed. */
export const CHECKS = [
	'Credential test',
	'Credential test, wrong secret key',
	'Get Many, flat',
	'Get Many, by folder',
	'Get Many, by day',
	'Get Many, folders with "_"',
	'Get Many, special characters',
	'Get Many, unrecognized files',
	'Get Many, 1,000+ files',
	'Get Many, 1,000+ sessions',
	'Get, by sid',
	'Get, by channel',
	'Get, by channel with "_"',
	'Download, merged slices',
	'Download, MP4',
	'Download links',
	'Start, session record',
	'Stop',
	'Trigger',
	'Trigger, folder with "_"',
	'Trigger, 1,000+ files',
] as const;

export type Check = (typeof CHECKS)[number];

/** A running S3 server with one empty bucket, or an existing bucket of an external service. */
export interface StorageServer {
	/** Product and version, as printed in the table of requests, e.g. `Ceph RGW 16.2`. */
	name: string;
	/**
	 * The fields of the Agora Recording Storage API credential: vendor `s3Compatible`, endpoint, region, bucket,
	 * accessKey, secretKey, addressing, and sessionToken for temporary credentials. The suite writes only
	 * below a random folder of `fileNamePrefix` (the top of the bucket when left out).
	 */
	credential: ICredentialDataDecryptedObject;
	/** Checks to skip, each with the reason to print. */
	notApplicable?: Partial<Record<Check, string>>;
	/** Whether the bucket exists after the suite, which then removes its objects. */
	outlivesSuite?: boolean;
	/** Stops the server and removes its files. */
	stop(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @throws NotAvailable where it is not installed; any other error is a failure of the suite
 */
export type StartServer = () => Promise<StorageServer>;

/** A server cannot be started on this machine. The suite then skips it and prints the reason in capitals. */
export class NotAvailable extends Error {}
