import type { z } from 'zod';
import type { individualStart } from './schema/start.ts';
import type { storageConfig } from './schema/storage.ts';

type Individual = z.infer<typeof individualStart>;

export type StorageConfig = z.infer<typeof storageConfig>;

/** The body of every POST request of cloud recording, before it is validated. */
export interface RecordingBody {
	cname: string;
	uid: string;
	clientRequest: Record<string, unknown>;
}

/** `clientRequest` of a valid start request, in any mode; only the parts that the sandbox acts on. */
export interface StartRequest {
	token?: string;
	storageConfig: StorageConfig;
	recordingConfig?: Partial<Individual['recordingConfig']>;
	recordingFileConfig?: Individual['recordingFileConfig'];
	snapshotConfig?: Individual['snapshotConfig'];
	extensionServiceConfig?: {
		extensionServices: Array<{ serviceName: string; serviceParam: Record<string, unknown> }>;
	};
}

/** `clientRequest` of a valid update request; only the parts that the sandbox acts on. */
export interface UpdateRequest {
	storageConfig?: StorageConfig;
	webRecordingConfig?: { onhold: boolean };
	rtmpPublishConfig?: { outputs: CdnOutput[] };
}

interface CdnOutput {
	rtmpUrl: string;
}

export function rtmpUrls(outputs: unknown): string[] {
	return ((outputs ?? []) as CdnOutput[]).map(({ rtmpUrl }) => rtmpUrl);
}

/** The `serviceParam` of an extension service in a start request, or undefined. */
export function serviceParam(
	request: StartRequest,
	serviceName: string,
): Record<string, unknown> | undefined {
	const services = request.extensionServiceConfig?.extensionServices;
	return services?.find((service) => service.serviceName === serviceName)?.serviceParam;
}

const SECRETS = ['accessKey', 'secretKey', 'stsToken', 'token', 'secret', 'salt', 'rtmpUrl'];

/** Returns a copy of a request in which each secret is replaced with `(hidden)`. */
export function redact(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(redact);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, each]) => [
			key,
			SECRETS.includes(key) ? '(hidden)' : redact(each),
		]),
	);
}
