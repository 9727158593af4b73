/** What a start request asks for, with Agora's names; only the parts the sandbox acts on. */
export interface StartRequest {
	token?: string;
	storageConfig: StorageConfig;
	recordingConfig?: {
		channelType?: number;
		maxIdleTime?: number;
		streamTypes?: number;
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
const CHANNEL_NAME = /^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{|}~,]+$/;

const isObject = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
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
	const { scene, resourceExpiredHour } = request;
	if (scene !== undefined && ![0, 1, 2].includes(scene as number)) return 'scene must be 0, 1 or 2';
	if (resourceExpiredHour !== undefined && !isWhole(resourceExpiredHour, 1, 720))
		return 'resourceExpiredHour must be an integer from 1 to 720';
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
	if (!Array.isArray(prefix) || !prefix.every((part) => /^[a-zA-Z0-9]+$/.test(String(part))))
		return 'storageConfig.fileNamePrefix must be an array of strings of letters and digits';
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
	if (mode !== 'mix' && config.transcodingConfig !== undefined)
		return `recordingConfig.transcodingConfig must be left out in ${mode} mode`;
	if (mode !== 'mix' && !isWhole(config.subscribeUidGroup, 0, 5))
		return 'recordingConfig.subscribeUidGroup must be an integer from 0 to 5';
	if (request.extensionServiceConfig !== undefined)
		return 'extensionServiceConfig is for web mode only';
	return undefined;
}

function wrongInWeb(request: Fields): string | undefined {
	const config = request.extensionServiceConfig;
	const services = isObject(config) ? config.extensionServices : undefined;
	const web = Array.isArray(services)
		? services.find(
				(service) => isObject(service) && service.serviceName === 'web_recorder_service',
			)
		: undefined;
	if (!web || !isObject(web.serviceParam)) return 'web_recorder_service is required in web mode';
	const { url, audioProfile, videoWidth, videoHeight, maxRecordingHour } = web.serviceParam;
	if (!isText(url) || !URL.canParse(url)) return 'serviceParam.url must be a URL';
	if (!isWhole(audioProfile, 0, 2)) return 'serviceParam.audioProfile must be 0, 1 or 2';
	if (!isWhole(videoWidth, 240, 1920) || !isWhole(videoHeight, 240, 1920))
		return 'serviceParam.videoWidth and videoHeight must be integers from 240 to 1920';
	if (!isWhole(maxRecordingHour, 1, 720))
		return 'serviceParam.maxRecordingHour must be an integer from 1 to 720';
	return undefined;
}

function wrongInFiles(mode: Mode, request: Fields): string | undefined {
	const { recordingFileConfig: files, snapshotConfig: snapshots } = request;
	if (files !== undefined) {
		const types = isObject(files) ? (files.avFileType ?? ['hls']) : undefined;
		const allowed = mode === 'individual' ? ['hls'] : ['hls', 'mp4'];
		if (!Array.isArray(types) || !types.every((type) => allowed.includes(type)))
			return `recordingFileConfig.avFileType may hold ${allowed.join(' and ')} in ${mode} mode`;
		if (!types.includes('hls')) return 'recordingFileConfig.avFileType must hold hls';
	}
	if (snapshots !== undefined) {
		if (mode !== 'individual' && mode !== 'raw')
			return `snapshotConfig is not available in ${mode} mode`;
		if (!isObject(snapshots) || JSON.stringify(snapshots.fileType) !== '["jpg"]')
			return 'snapshotConfig.fileType must be ["jpg"]';
		const { captureInterval } = snapshots;
		if (captureInterval !== undefined && !isWhole(captureInterval, 5, 3600))
			return 'snapshotConfig.captureInterval must be an integer from 5 to 3600';
	}
	return undefined;
}
