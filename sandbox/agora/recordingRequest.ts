import type { z } from 'zod';
import type { individualStart } from './schema/start.ts';
import type { storageConfig } from './schema/storage.ts';

type Individual = z.infer<typeof individualStart>;

export type StorageConfig = z.infer<typeof storageConfig>;

/** `clientRequest` of a start that passed its schema, in any mode; only the parts the sandbox acts on. */
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

/** `clientRequest` of an update that passed its schema; only the parts the sandbox acts on. */
export interface UpdateRequest {
	storageConfig?: StorageConfig;
	webRecordingConfig?: { onhold: boolean };
	rtmpPublishConfig?: { outputs: CdnOutput[] };
}

interface CdnOutput {
	rtmpUrl: string;
}

/** The addresses in `outputs`. */
export function pushAddresses(outputs: unknown): string[] {
	return ((outputs ?? []) as CdnOutput[]).map(({ rtmpUrl }) => rtmpUrl);
}

/** What a start request tells one of its extension services, or undefined. */
export function serviceParam(
	request: StartRequest,
	serviceName: string,
): Record<string, unknown> | undefined {
	const services = request.extensionServiceConfig?.extensionServices;
	return services?.find((service) => service.serviceName === serviceName)?.serviceParam;
}
