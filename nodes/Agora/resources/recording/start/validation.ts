import type { IDataObject } from 'n8n-workflow';
import { isObject } from '../../../agora/formats';
import { Fault } from '../../../http/errors';
import { checkSubscriptions } from '../subscriptions';
import { serviceParam } from './request';
import { EACH_USER, modeField, SALTED, SETTINGS, type Mode } from './settings';

/**
 * Checks a start before anything is sent: the fields, and what Client Request (JSON) has merged over them. Settings
 * that Agora would reject, or accept and then not record, are refused here.
 *
 * @param reservation `clientRequest` of `acquire`
 * @param clientRequest of `start`, storage included
 * @returns settings that Agora ignores, each as a sentence
 * @throws Fault naming the first setting that is not valid, and what to do
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

/** Which part of the request belongs to which mode. */
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
				'A list in "Client Request (JSON)" replaces that of the fields: it must contain a web_recorder_service with its serviceParam.',
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
			'In "Client Request (JSON)" it must be a list of objects, each with a serviceName and a serviceParam.',
	});
}

function labelOf(mode: Mode): string {
	const options = modeField.options as Array<{ name: string; value: string }>;
	return options.find(({ value }) => value === mode)!.name;
}

function notInMode(part: string, mode: Mode): Fault {
	return new Fault(`The recording mode ${labelOf(mode)} has no ${part}`, {
		description: `Remove ${part} from "Client Request (JSON)", or choose another Recording Mode.`,
	});
}

/** Every setting that the mode has, and those that Agora requires. */
function checkValues(mode: Mode, request: IDataObject): void {
	for (const { agora, label, check, must, modes, isRequired = false } of SETTINGS) {
		if (!modes.includes(mode)) continue;
		const value = valueAt(request, agora);
		if (value === undefined ? isRequired : !check(value)) throw invalid(label, must, agora);
	}
}

/** @returns the value at a path of `SETTINGS` */
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
		description: `It must be ${must}. (${name} in Agora's API and in "Client Request (JSON)".)`,
	});
}

/** Agora offers server-side encryption for Amazon S3 only, tags for Alibaba Cloud as well. */
const AMAZON_S3 = 1;
const ALIBABA_CLOUD = 2;

function checkStorage(config: IDataObject): void {
	const extension = isObject(config.extensionParams) ? config.extensionParams : {};
	if (extension.sse !== undefined && config.vendor !== AMAZON_S3) {
		throw new Fault('Agora offers "Server-Side Encryption" for Amazon S3 only', {
			description: "Remove it from Options. The bucket's own default encryption still applies.",
		});
	}
	if (extension.tag !== undefined && ![AMAZON_S3, ALIBABA_CLOUD].includes(Number(config.vendor))) {
		throw new Fault('Agora offers "Object Tag" for Amazon S3 and Alibaba Cloud only', {
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
	throw new Fault('Agora cannot write the files of "File Formats"', {
		description: `In the recording mode ${labelOf(mode)}, recordingFileConfig.avFileType is ${choices}. MP4 cannot be used alone.`,
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
			description: 'A secret or a salt is set: choose the mode in which the clients encrypt.',
		});
	}
	if (secret === undefined || secret === '') {
		throw new Fault('"Decryption Secret" is empty', {
			description: 'Enter the key that the clients set, or remove Decryption Mode.',
		});
	}
	if (isSalted(decryptionMode) && Buffer.from(String(salt ?? ''), 'base64').length !== 32) {
		throw new Fault('"Decryption Salt" is not a salt', {
			description:
				'AES-128-GCM2 and AES-256-GCM2 need 32 bytes in Base64, as the clients set them.',
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
		throw new Fault('A custom layout has 1 to 17 regions', {
			description: 'Add one under Video Settings > Regions, or choose another Layout.',
		});
	}
}

function tooLarge(label: string): Fault {
	return new Fault(`"${label}" exceeds 1920 × 1080 pixels`, {
		description: 'Agora records at most that many pixels, in any shape.',
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
				'With only audio users, no video is recorded. Also enter users in Record Video From; #allstream# means everyone.',
		});
	}
}

function checkWebPage(request: IDataObject, expiryHours: number): void {
	const page = serviceParam(request, 'page')!;
	if (Number(page.videoWidth) * Number(page.videoHeight) > MAX_PIXELS) throw tooLarge('Page Size');
	if (Number(page.maxRecordingHour) > expiryHours) {
		throw new Fault('"Maximum Hours" is longer than "Resource Expiry (Hours)"', {
			description: `The page would be recorded for longer than the ${expiryHours} hours in which it can be stopped. Lower Maximum Hours, or raise Options > Resource Expiry (Hours).`,
		});
	}
}

/** Agora accepts these, and does nothing with them. */
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
			'Agora ignores "Stream Mode" (streamMode): only Individual (Legacy) has it.',
		salt !== undefined &&
			!isSalted(decryptionMode) &&
			'Agora ignores "Decryption Salt" (salt): only AES-128-GCM2 and AES-256-GCM2 use a salt.',
		recordingConfig.audioProfile !== undefined &&
			mode !== 'mix' &&
			'Agora ignores "Audio Quality" (audioProfile): only Composite and Web Page recordings have it.',
	];
	return ignored.filter((sentence) => sentence !== false);
}
