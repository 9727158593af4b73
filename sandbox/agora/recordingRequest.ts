/** What a start request asks for, with Agora's names; only the parts the sandbox acts on. */
export interface StartRequest {
	token?: string;
	storageConfig: StorageConfig;
	recordingConfig?: {
		channelType?: number;
		maxIdleTime?: number;
		streamTypes?: number;
		streamMode?: string;
		privateParams?: string;
	};
	recordingFileConfig?: { avFileType?: string[] };
	snapshotConfig?: { captureInterval?: number; fileType: string[] };
	extensionServiceConfig?: {
		extensionServices: Array<{ serviceName: string; serviceParam: Record<string, unknown> }>;
	};
}

export interface StorageConfig {
	vendor: number;
	region: number;
	bucket: string;
	accessKey: string;
	secretKey: string;
	fileNamePrefix?: string[];
	extensionParams?: { endpoint?: string };
}

export type Mode = 'mix' | 'individual' | 'raw' | 'web';

type Fields = Record<string, unknown>;

const VENDORS = [1, 2, 3, 5, 6, 7, 8, 11];
const STREAM_MODES = ['default', 'standard', 'original'];
const CHANNEL_NAME = /^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{|}~,]+$/;

const isObject = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isList = (value: unknown, min: number, max: number, check: (each: unknown) => boolean) =>
	Array.isArray(value) && value.length >= min && value.length <= max && value.every(check);
const isWhole = (value: unknown, min: number, max: number) =>
	Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

/**
 * What is wrong with the fields every POST of cloud recording has, or undefined.
 * Agora: cloud recording, `cname`, `uid` and `clientRequest`.
 */
export function wrongInBody({ cname, uid, clientRequest }: Fields): string | undefined {
	if (!isText(cname)) return 'cname must be a string';
	if (!isText(uid) || !/^[1-9]\d*$/.test(uid) || Number(uid) > 4294967295)
		return 'uid must be a string holding an integer from 1 to 4294967295';
	if (!isObject(clientRequest)) return 'clientRequest must be an object';
	return undefined;
}

/** What is wrong with an acquire request, or undefined. */
export function wrongInAcquire(cname: string, request: Fields): string | undefined {
	const { scene, resourceExpiredHour, excludeResourceIds, region, regionAffinity } = request;
	if (scene !== undefined && ![0, 1, 2].includes(scene as number)) return 'scene must be 0, 1 or 2';
	if (resourceExpiredHour !== undefined && !isWhole(resourceExpiredHour, 1, 720))
		return 'resourceExpiredHour must be an integer from 1 to 720';
	if (excludeResourceIds !== undefined && !isList(excludeResourceIds, 1, Infinity, isText))
		return 'excludeResourceIds must be an array of strings';
	if (region !== undefined && !['CN', 'AP', 'EU', 'NA'].includes(region as string))
		return 'region must be CN, AP, EU or NA';
	if (regionAffinity !== undefined && !isWhole(regionAffinity, 0, 4))
		return 'regionAffinity must be an integer from 0 to 4';
	if (scene === 1) return Buffer.byteLength(cname) > 1024 ? 'cname is too long' : undefined;
	if (Buffer.byteLength(cname) > 64) return 'cname must have at most 64 bytes';
	if (!CHANNEL_NAME.test(cname)) return 'cname holds a character a channel name may not have';
	return undefined;
}

/** What is wrong with a start request of this mode, or undefined. */
export function wrongInStart(mode: Mode, scene: number, request: Fields): string | undefined {
	if ((mode === 'web') !== (scene === 1) && mode !== 'raw')
		return 'scene of acquire does not fit the mode: web needs 1, other modes 0';
	return (
		wrongInStorage(request.storageConfig) ??
		(mode === 'web' ? wrongInWeb(request) : wrongInChannelRecording(mode, request)) ??
		wrongInFiles(mode, request)
	);
}

/** What is wrong with a `storageConfig`, or undefined. */
export function wrongInStorage(config: unknown): string | undefined {
	if (!isObject(config)) return 'storageConfig is required';
	if (!VENDORS.includes(config.vendor as number)) return 'storageConfig.vendor is not known';
	if (!isWhole(config.region, 0, 99)) return 'storageConfig.region must be an integer';
	for (const field of ['bucket', 'accessKey', 'secretKey'])
		if (!isText(config[field])) return `storageConfig.${field} is required`;
	const prefix = config.fileNamePrefix ?? [];
	// Agora documents letters and digits only, and accepts `_` and `-`.
	if (!Array.isArray(prefix) || !prefix.every((part) => /^[\w-]+$/.test(String(part))))
		return 'storageConfig.fileNamePrefix must be an array of strings of letters, digits, _ and -';
	if (prefix.join('/').length > 128) return 'storageConfig.fileNamePrefix is longer than 128';
	const extension = config.extensionParams;
	if (config.vendor === 11 && !(isObject(extension) && isText(extension.endpoint)))
		return 'storageConfig.extensionParams.endpoint is required for vendor 11';
	return undefined;
}

function wrongInChannelRecording(mode: Mode, request: Fields): string | undefined {
	const config = request.recordingConfig;
	if (!isObject(config)) return 'recordingConfig is required';
	if (config.channelType !== 0 && config.channelType !== 1)
		return 'recordingConfig.channelType must be 0 or 1';
	if (config.maxIdleTime !== undefined && !isWhole(config.maxIdleTime, 5, 2592000))
		return 'recordingConfig.maxIdleTime must be an integer from 5 to 2592000';
	if (config.streamTypes !== undefined && !isWhole(config.streamTypes, 0, 2))
		return 'recordingConfig.streamTypes must be 0, 1 or 2';
	if (config.streamMode !== undefined && !STREAM_MODES.includes(config.streamMode as string))
		return 'recordingConfig.streamMode must be default, standard or original';
	if (config.streamMode !== undefined && mode !== 'individual')
		return 'recordingConfig.streamMode is for individual mode only';
	if (mode !== 'mix' && config.transcodingConfig !== undefined)
		return `recordingConfig.transcodingConfig must be left out in ${mode} mode`;
	if (mode !== 'mix' && !isWhole(config.subscribeUidGroup, 0, 5))
		return 'recordingConfig.subscribeUidGroup must be an integer from 0 to 5';
	if (request.extensionServiceConfig !== undefined)
		return 'extensionServiceConfig is for web mode only';
	return (
		wrongInSubscriptions(config) ??
		wrongInEncryption(config) ??
		wrongInLayout(config.transcodingConfig)
	);
}

function wrongInSubscriptions(config: Fields): string | undefined {
	for (const medium of ['Audio', 'Video']) {
		const lists = [`subscribe${medium}Uids`, `unSubscribe${medium}Uids`];
		for (const list of lists)
			if (config[list] !== undefined && !isList(config[list], 1, 32, isText))
				return `recordingConfig.${list} must be an array of 1 to 32 strings`;
		if (lists.every((list) => config[list] !== undefined))
			return `recordingConfig may have one of ${lists.join(' and ')}`;
	}
	return undefined;
}

function wrongInEncryption({ decryptionMode = 0, secret, salt }: Fields): string | undefined {
	if (!isWhole(decryptionMode, 0, 8)) return 'recordingConfig.decryptionMode must be 0 to 8';
	if (decryptionMode !== 0 && !isText(secret)) return 'recordingConfig.secret is required';
	const salted = (decryptionMode as number) >= 7;
	if (salted && (!isText(salt) || Buffer.from(salt, 'base64').length !== 32))
		return 'recordingConfig.salt must be 32 bytes in Base64';
	return undefined;
}

function wrongInLayout(picture: unknown): string | undefined {
	if (picture === undefined) return undefined;
	if (!isObject(picture)) return 'recordingConfig.transcodingConfig must be an object';
	const { width = 360, height = 640, mixedVideoLayout = 0, layoutConfig } = picture;
	if (!isWhole(width, 1, 1920) || !isWhole(height, 1, 1920) || +width! * +height! > 1920 * 1080)
		return 'transcodingConfig.width and height must give at most 1920 * 1080 pixels';
	if (!isWhole(mixedVideoLayout, 0, 3)) return 'transcodingConfig.mixedVideoLayout must be 0 to 3';
	const isShare = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1;
	const isRegion = (region: unknown) =>
		isObject(region) &&
		['x_axis', 'y_axis', 'width', 'height'].every((field) => isShare(region[field]));
	if (mixedVideoLayout === 3 && !isList(layoutConfig, 1, 17, isRegion))
		return 'transcodingConfig.layoutConfig must hold 1 to 17 regions within 0 and 1';
	return undefined;
}

function wrongInWeb(request: Fields): string | undefined {
	if (request.recordingConfig !== undefined) return 'recordingConfig is not for web mode';
	const web = serviceParam(request as unknown as StartRequest, 'web_recorder_service');
	if (!isObject(web)) return 'web_recorder_service is required in web mode';
	const { url, audioProfile, videoWidth, videoHeight, maxRecordingHour } = web;
	if (!isText(url) || !URL.canParse(url)) return 'serviceParam.url must be a URL';
	if (!isWhole(audioProfile, 0, 2)) return 'serviceParam.audioProfile must be 0, 1 or 2';
	if (!isWhole(videoWidth, 240, 1920) || !isWhole(videoHeight, 240, 1920))
		return 'serviceParam.videoWidth and videoHeight must be integers from 240 to 1920';
	if (!isWhole(maxRecordingHour, 1, 720))
		return 'serviceParam.maxRecordingHour must be an integer from 1 to 720';
	for (const [field, min, max] of WEB_NUMBERS)
		if (web[field] !== undefined && !isWhole(web[field], min, max))
			return `serviceParam.${field} must be an integer from ${min} to ${max}`;
	for (const field of ['mobile', 'onhold'])
		if (web[field] !== undefined && typeof web[field] !== 'boolean')
			return `serviceParam.${field} must be a boolean`;
	const push = serviceParam(request as unknown as StartRequest, 'rtmp_publish_service');
	return push && wrongInOutputs(push.outputs);
}

const WEB_NUMBERS: Array<[field: string, min: number, max: number]> = [
	['videoBitrate', 1, 10_000],
	['videoFps', 5, 60],
	['maxVideoDuration', 30, 240],
	['readyTimeout', 0, 60],
];

/** What is wrong with the addresses of a push to a CDN, or undefined. None at all ends the push. */
export function wrongInOutputs(outputs: unknown): string | undefined {
	const isOutput = (output: unknown) =>
		isObject(output) && isText(output.rtmpUrl) && /^rtmps?:\/\/./.test(output.rtmpUrl);
	return isList(outputs, 0, 1, isOutput)
		? undefined
		: 'outputs must be an array of at most one { rtmpUrl } for RTMP or RTMPS';
}

/** The addresses in `outputs`. */
export function pushAddresses(outputs: unknown): string[] {
	return ((outputs ?? []) as Array<{ rtmpUrl: string }>).map(({ rtmpUrl }) => rtmpUrl);
}

/** What a start request tells one of its extension services, or undefined. */
export function serviceParam(request: StartRequest, serviceName: string): Fields | undefined {
	const services = request.extensionServiceConfig?.extensionServices;
	if (!Array.isArray(services)) return undefined;
	return services.find((service) => service?.serviceName === serviceName)?.serviceParam;
}

const FILE_TYPES: Record<Mode, string[]> = {
	mix: ['hls', 'hls,mp4'],
	web: ['hls', 'hls,mp4'],
	raw: ['hls', 'hls,mp4', 'mp3'],
	individual: ['hls'],
};

function wrongInFiles(mode: Mode, request: Fields): string | undefined {
	const { recordingFileConfig: files, snapshotConfig: snapshots } = request;
	if (files !== undefined) {
		const types = isObject(files) ? (files.avFileType ?? ['hls']) : undefined;
		const allowed = FILE_TYPES[mode];
		if (!Array.isArray(types) || !allowed.includes(types.toSorted().join()))
			return `recordingFileConfig.avFileType must hold ${allowed.join(' or ')} in ${mode} mode`;
	}
	if (snapshots !== undefined) {
		if (mode !== 'individual' && mode !== 'raw')
			return `snapshotConfig is not available in ${mode} mode`;
		if (!isObject(snapshots) || JSON.stringify(snapshots.fileType) !== '["jpg"]')
			return 'snapshotConfig.fileType must be ["jpg"]';
		const { captureInterval } = snapshots;
		if (captureInterval !== undefined && !isWhole(captureInterval, 5, 3600))
			return 'snapshotConfig.captureInterval must be an integer from 5 to 3600';
		const config = request.recordingConfig as Fields;
		if (config.streamTypes === 0) return 'snapshotConfig needs streamTypes 1 or 2';
		if (config.subscribeAudioUids !== undefined && config.subscribeVideoUids === undefined)
			return 'snapshotConfig needs subscribeVideoUids beside subscribeAudioUids';
	}
	return undefined;
}
