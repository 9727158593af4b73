import type { IDataObject } from 'n8n-workflow';
import { isObject } from '../../../agora/formats';
import { Fault } from '../../../http/errors';
import { checkSubscriptions } from '../subscriptions';
import { serviceParam } from './request';
import { EACH_USER, modeField, SALTED, SETTINGS, type Mode } from './settings';

/**
 * Checks a start before any request is sent: the fields, with Client Request (JSON) merged over them. Rejects settings
 * that Agora would reject, or would accept without recording.
 *
 * @param reservation `clientRequest` of `acquire`
 * @param clientRequest `clientRequest` of `start`, including the storage
 * @returns a sentence for each setting that Agora ignores
 * @throws Fault naming the first setting that is not valid
 *
 * Source: Agora, cloud recording, `acquire` and `start`.
 */
export function checkStart(
	mode: Mode,
	reservation: IDataObject,
	clientRequest: IDataObject,
): string[] {
	checkParts(mode, clientRequest);
	checkValues(mode, { ...clientRequest, acquire: reservation });
	checkStorage(clientRequest.storageConfig as IDataObject);
	checkFiles(mode, clientRequest);
	if (mode === 'web') checkWebPage(clientRequest, Number(reservation.resourceExpiredHour));
	else checkChannel(clientRequest);
	if (clientRequest.snapshotConfig !== undefined) checkScreenshots(clientRequest);
	return ignoredSettings(mode, clientRequest);
}

/** Rejects parts of the request that belong to another mode. */
function checkParts(mode: Mode, request: IDataObject): void {
	const others: Record<Mode, string[]> = {
		web: ['recordingConfig', 'snapshotConfig'],
		mix: ['extensionServiceConfig', 'snapshotConfig'],
		raw: ['extensionServiceConfig'],
		individual: ['extensionServiceConfig'],
	};
	for (const part of others[mode]) if (request[part] !== undefined) throw notInMode(part, mode);
	const { recordingConfig } = request;
	if (EACH_USER.includes(mode) && isObject(recordingConfig) && recordingConfig.transcodingConfig) {
		throw notInMode('transcodingConfig', mode);
	}
	if (mode === 'web') checkServices(request);
	if (mode === 'web' && !isObject(serviceParam(request, 'page'))) {
		throw new Fault('The web page recorder is missing from extensionServiceConfig', {
			description:
				'"extensionServices" in "Client Request (JSON)" replaces the services of the fields, so it must contain a web_recorder_service with its serviceParam.',
		});
	}
}

function checkServices({ extensionServiceConfig }: IDataObject): void {
	const config = isObject(extensionServiceConfig) ? extensionServiceConfig : {};
	const { extensionServices } = config;
	const isService = (each: unknown) =>
		isObject(each) && typeof each.serviceName === 'string' && isObject(each.serviceParam);
	if (Array.isArray(extensionServices) && extensionServices.every(isService)) return;
	throw new Fault('"extensionServices" is not a list of services', {
		description:
			'In "Client Request (JSON)", set it to a list of objects with a serviceName and a serviceParam.',
	});
}

function labelOf(mode: Mode): string {
	const options = modeField.options as Array<{ name: string; value: string }>;
	return options.find(({ value }) => value === mode)!.name;
}

function notInMode(part: string, mode: Mode): Fault {
	return new Fault(`The recording mode ${labelOf(mode)} does not support ${part}`, {
		description: `Remove ${part} from "Client Request (JSON)", or choose another Recording Mode.`,
	});
}

/** Checks the settings of the mode, and that the required ones are set. */
function checkValues(mode: Mode, request: IDataObject): void {
	for (const { agora, label, check, must, modes, isRequired = false } of SETTINGS) {
		if (!modes.includes(mode)) continue;
		const value = valueAt(request, agora);
		if (value === undefined ? isRequired : !check(value)) throw invalid(label, must, agora);
	}
}

/** @returns the value at a path as in `SETTINGS`, undefined when it is not set */
function valueAt(request: IDataObject, path: string): unknown {
	const [first, ...rest] = path.split('.') as [string, ...string[]];
	const isService = first === 'page' || first === 'push';
	let value: unknown = isService ? serviceParam(request, first) : request[first];
	for (const key of rest) value = isObject(value) ? value[key] : undefined;
	return value;
}

function invalid(label: string, must: string, path: string): Fault {
	const name = path.replace(/^(page|push)\./, 'serviceParam.');
	return new Fault(`"${label}" has an invalid value`, {
		description: `It must be ${must}. In Agora's API and in "Client Request (JSON)", it is called ${name}.`,
	});
}

/** Agora supports server-side encryption on Amazon S3 only, and tags on Alibaba Cloud also. */
const AMAZON_S3 = 1;
const ALIBABA_CLOUD = 2;

function checkStorage(config: IDataObject): void {
	const extension = isObject(config.extensionParams) ? config.extensionParams : {};
	if (extension.sse !== undefined && config.vendor !== AMAZON_S3) {
		throw new Fault('Agora supports "Server-Side Encryption" for Amazon S3 only', {
			description: "Remove it from Options. The bucket's own default encryption still applies.",
		});
	}
	if (extension.tag !== undefined && ![AMAZON_S3, ALIBABA_CLOUD].includes(Number(config.vendor))) {
		throw new Fault('Agora supports "Object Tag" for Amazon S3 and Alibaba Cloud only', {
			description: 'Remove it from Options.',
		});
	}
}

const FORMATS: Record<Mode, string[]> = {
	mix: ['hls', 'hls,mp4'],
	web: ['hls', 'hls,mp4'],
	raw: ['hls', 'hls,mp4', 'mp3'],
	individual: ['hls'],
};

function checkFiles(mode: Mode, { recordingFileConfig }: IDataObject): void {
	if (recordingFileConfig === undefined) return;
	const { avFileType = ['hls'] } = isObject(recordingFileConfig)
		? recordingFileConfig
		: { avFileType: null };
	const formats = Array.isArray(avFileType) ? avFileType.map(String).sort().join() : '';
	if (FORMATS[mode].includes(formats)) return;
	const choices = FORMATS[mode].map((each) => JSON.stringify(each.split(','))).join(' or ');
	throw new Fault('Agora does not support this combination of "File Formats"', {
		description: `In the recording mode ${labelOf(mode)}, recordingFileConfig.avFileType must be ${choices}. MP4 cannot be used alone.`,
	});
}

function checkChannel({ recordingConfig }: IDataObject): void {
	const config = isObject(recordingConfig) ? recordingConfig : {};
	checkSubscriptions(config);
	checkEncryption(config);
	if (isObject(config.transcodingConfig)) checkVideo(config.transcodingConfig);
}

function checkEncryption({ decryptionMode = 0, secret, salt }: Record<string, unknown>): void {
	if (decryptionMode === 0 && secret === undefined && salt === undefined) return;
	if (decryptionMode === 0) {
		throw new Fault('"Decryption Mode" is missing', {
			description:
				'"Decryption Secret" or "Decryption Salt" is set. Choose the mode that the clients use, or remove both.',
		});
	}
	if (secret === undefined || secret === '') {
		throw new Fault('"Decryption Secret" is empty', {
			description: 'Enter the encryption key of the clients, or remove Decryption Mode.',
		});
	}
	if (isSalted(decryptionMode) && Buffer.from(String(salt ?? ''), 'base64').length !== 32) {
		throw new Fault('"Decryption Salt" is not valid', {
			description:
				'AES-128-GCM2 and AES-256-GCM2 need the salt of the clients: 32 bytes in Base64.',
		});
	}
}

function isSalted(decryptionMode: unknown): boolean {
	return SALTED.includes(Number(decryptionMode));
}

const MAX_PIXELS = 1920 * 1080;
const VERTICAL = 2;
const CUSTOM = 3;

function checkVideo(video: Record<string, unknown>): void {
	const { width = 360, height = 640, mixedVideoLayout, layoutConfig } = video;
	if (Number(width) * Number(height) > MAX_PIXELS) throw tooLarge('Size');
	if (mixedVideoLayout === CUSTOM && layoutConfig === undefined) {
		throw new Fault('A custom layout needs 1 to 17 regions', {
			description: 'Add one under Video Settings > Regions, or choose another Layout.',
		});
	}
}

function tooLarge(label: string): Fault {
	return new Fault(`"${label}" exceeds 1920 × 1080 pixels`, {
		description: 'Agora supports at most that many pixels, with any aspect ratio.',
	});
}

function checkScreenshots({ snapshotConfig, recordingConfig }: IDataObject): void {
	if (!isObject(snapshotConfig) || snapshotConfig.fileType === undefined) {
		const { label, must, agora } = SETTINGS.find(
			(each) => each.agora === 'snapshotConfig.fileType',
		)!;
		throw invalid(label, must, agora);
	}
	const config = isObject(recordingConfig) ? recordingConfig : {};
	if (config.streamTypes === 0) {
		throw new Fault('Screenshots need video, but "Media" is Audio Only', {
			description: 'Choose Audio and Video or Video Only under Options > Media.',
		});
	}
	if (config.subscribeAudioUids !== undefined && config.subscribeVideoUids === undefined) {
		throw new Fault('Screenshots need video, but "Record Video From (UIDs)" is empty', {
			description:
				'With audio users only, Agora records no video. Also enter users in Record Video From, or #allstream# for everyone.',
		});
	}
}

function checkWebPage(request: IDataObject, expiryHours: number): void {
	const page = serviceParam(request, 'page')!;
	if (Number(page.videoWidth) * Number(page.videoHeight) > MAX_PIXELS) throw tooLarge('Page Size');
	if (Number(page.maxRecordingHour) > expiryHours) {
		throw new Fault('"Maximum Duration (Hours)" is longer than "Resource Expiry (Hours)"', {
			description: `After ${expiryHours} hours, the recording could not be stopped any more. Decrease Maximum Duration, or increase Options > Resource Expiry (Hours).`,
		});
	}
}

/** Settings that Agora accepts without an effect. */
function ignoredSettings(mode: Mode, { recordingConfig }: IDataObject): string[] {
	if (!isObject(recordingConfig)) return [];
	const { transcodingConfig, streamMode, salt, decryptionMode } = recordingConfig;
	const video = isObject(transcodingConfig) ? transcodingConfig : {};
	const layout = video.mixedVideoLayout ?? 0;
	const ignored: Array<false | string> = [
		video.maxResolutionUid !== undefined &&
			layout !== VERTICAL &&
			'Agora ignores "Main User UID" (maxResolutionUid): only the Vertical layout has a main user.',
		video.layoutConfig !== undefined &&
			layout !== CUSTOM &&
			'Agora ignores "Regions" (layoutConfig): only the Custom layout has regions.',
		streamMode !== undefined &&
			mode !== 'individual' &&
			'Agora ignores "Stream Mode" (streamMode): only Individual (Legacy) supports it.',
		salt !== undefined &&
			!isSalted(decryptionMode) &&
			'Agora ignores "Decryption Salt" (salt): only AES-128-GCM2 and AES-256-GCM2 use a salt.',
		recordingConfig.audioProfile !== undefined &&
			mode !== 'mix' &&
			'Agora ignores "Audio Quality" (audioProfile): only Composite and Web Page recordings support it.',
	];
	return ignored.filter((sentence) => sentence !== false);
}
