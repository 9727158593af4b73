import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** The checks of the suite, in the order in which they run and are printed. */
export const CHECKS = [
	'Credential test',
	'Credential test, wrong secret key',
	'Get Many, flat',
	'Get Many, by folder',
	'Get Many, by day',
	'Get Many, folders with "_"',
	'Get Many, odd names',
	'Get Many, foreign files',
	'Get Many, 1,000+ files',
	'Get Many, 1,000+ sessions',
	'Get, by sid',
	'Get, by channel',
	'Get, by channel with "_"',
	'Download, joined slices',
	'Download, MP4',
	'Download links',
	'Start, session record',
	'Stop',
	'Trigger',
	'Trigger, folder with "_"',
	'Trigger, 1,000+ files',
] as const;

export type Check = (typeof CHECKS)[number];

/** A running S3 server with one empty bucket, or an endpoint that someone else runs. */
export interface StorageServer {
	/** Product and version, as printed in the table of requests, e.g. `Ceph RGW 16.2`. */
	name: string;
	/**
	 * The fields of the Agora Recording Storage API credential: vendor `s3Compatible`, endpoint, region, bucket,
	 * accessKey, secretKey, addressing, and sessionToken where the keys are temporary. The suite writes only
	 * below a random folder of `fileNamePrefix` (the top of the bucket when left out).
	 */
	credential: ICredentialDataDecryptedObject;
	/** Checks that make no sense here, each with the reason; they are skipped, and the reason is printed. */
	notApplicable?: Partial<Record<Check, string>>;
	/** The bucket is there after the suite, which therefore removes what it wrote. */
	outlivesSuite?: boolean;
	/** Ends the server and removes its files. */
	stop(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @throws NotAvailable where it is not installed; any other error is a failure of the suite
 */
export type StartServer = () => Promise<StorageServer>;

/** Why a server cannot be started on this machine. The suite then skips it, in capitals on the console. */
export class NotAvailable extends Error {}
