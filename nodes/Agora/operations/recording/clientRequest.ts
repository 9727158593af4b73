import type { IDataObject } from 'n8n-workflow';
import { isSafeObjectProperty } from 'n8n-workflow';

export type Mode = 'mix' | 'raw' | 'web';

/** The fields of Start, as the item has them; options that were not set are absent. */
export interface StartSettings {
	mode: Mode;
	channelType?: number;
	subscribeUidGroup?: number;
	url?: string;
	/** `1280x720`: width and height in pixels. */
	pageSize?: string;
	maxRecordingHour?: number;
	fileFormats: 'hls' | 'hlsMp4';
	options: {
		audioProfile?: number;
		mixedVideoLayout?: number;
		maxIdleTime?: number;
		streamTypes?: number;
		videoSize?: string;
	};
}

/** Kilobits a second for 15 frames of each size (Agora: video profiles). */
const BITRATES: Record<string, number> = {
	'360x640': 400,
	'640x360': 400,
	'720x1280': 1130,
	'1280x720': 1130,
	'1920x1080': 2080,
};

/**
 * Says the fields of Start in Agora's words.
 *
 * @returns `clientRequest` of Agora's `start`, without token and storage
 *
 * Source: Agora, cloud recording, `start`.
 */
export function toClientRequest(settings: StartSettings): IDataObject {
	const files = { avFileType: settings.fileFormats === 'hls' ? ['hls'] : ['hls', 'mp4'] };
	return settings.mode === 'web'
		? { extensionServiceConfig: webPageConfig(settings), recordingFileConfig: files }
		: { recordingConfig: channelConfig(settings), recordingFileConfig: files };
}

function channelConfig({
	mode,
	channelType,
	subscribeUidGroup,
	options,
}: StartSettings): IDataObject {
	const { streamTypes, maxIdleTime } = options;
	const common = { channelType: channelType ?? 0, streamTypes: streamTypes ?? 2, maxIdleTime };
	return withoutUnset(
		mode === 'raw'
			? { ...common, subscribeUidGroup: subscribeUidGroup ?? 0 }
			: {
					...common,
					audioProfile: options.audioProfile,
					transcodingConfig: pictureConfig(options),
				},
	);
}

function pictureConfig({ videoSize, mixedVideoLayout }: StartSettings['options']) {
	if (videoSize === undefined && mixedVideoLayout === undefined) return undefined;
	const size =
		videoSize === undefined ? {} : { ...pixels(videoSize), fps: 15, bitrate: BITRATES[videoSize] };
	return withoutUnset({ ...size, mixedVideoLayout });
}

function webPageConfig(settings: StartSettings): IDataObject {
	const { width, height } = pixels(settings.pageSize ?? '1280x720');
	return {
		errorHandlePolicy: 'error_abort',
		extensionServices: [
			{
				serviceName: 'web_recorder_service',
				errorHandlePolicy: 'error_abort',
				serviceParam: {
					url: settings.url,
					audioProfile: settings.options.audioProfile ?? 0,
					videoWidth: width,
					videoHeight: height,
					maxRecordingHour: settings.maxRecordingHour ?? 2,
				},
			},
		],
	};
}

function pixels(size: string): { width: number; height: number } {
	const [width, height] = size.split('x').map(Number);
	return { width: width!, height: height! };
}

function withoutUnset(object: IDataObject): IDataObject {
	return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/**
 * Lays one object over another, objects inside objects too; lists are replaced whole.
 *
 * @returns a new object. Keys that would reach an object's prototype are left out.
 */
export function mergeOver(base: IDataObject, over: IDataObject): IDataObject {
	const merged: IDataObject = { ...base };
	for (const [key, value] of Object.entries(over)) {
		if (!isSafeObjectProperty(key)) continue;
		const below = merged[key];
		merged[key] = isPlain(value) ? mergeOver(isPlain(below) ? below : {}, value) : value;
	}
	return merged;
}

function isPlain(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
