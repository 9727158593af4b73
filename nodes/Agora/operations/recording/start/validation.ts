import { checkSubscriptions } from '../subscriptions';
import type { IDataObject } from 'n8n-workflow';
import { RECORDING_SETTINGS } from '../../../agora/recordingConfig';
import { isObject } from '../../../agora/valueCheck';
import { Fault } from '../../../http/fault';
import { SALTED } from './encryption';
import { EACH_USER, type Mode } from './mode';
import * as rules from './rules';
import type { Rules } from './rules';
import { cdnPush, webRecorder } from './webPage';

/**
 * Checks a start before anything is sent: the fields, and what the Client Request has laid over them. What
 * Agora would refuse, or accept and then not record, is refused here, in the words of the fields.
 *
 * @param reservation `clientRequest` of `acquire`
 * @param clientRequest of `start`, storage included
 * @throws Fault naming the first field that cannot be right, and what to do
 *
 * Source: Agora, cloud recording, `acquire` and `start`.
 */
export function checkStart(mode: Mode, reservation: IDataObject, clientRequest: IDataObject): void {
	checkPlaces(mode, clientRequest);
	checkValues('', reservation, rules.reservation);
	checkStorage(clientRequest.storageConfig as IDataObject);
	checkFiles(mode, clientRequest);
	if (mode === 'web') checkWebPage(clientRequest, Number(reservation.resourceExpiredHour));
	else checkChannel(mode, clientRequest.recordingConfig);
	if (clientRequest.snapshotConfig !== undefined) checkScreenshots(clientRequest);
}

/** Which part of the request belongs to which mode, and which setting to which part. */
function checkPlaces(mode: Mode, request: IDataObject): void {
	const { recordingConfig } = request;
	const strange =
		mode === 'web'
			? ['recordingConfig', 'snapshotConfig']
			: mode === 'mix'
				? ['extensionServiceConfig', 'snapshotConfig']
				: ['extensionServiceConfig'];
	for (const part of strange) if (request[part] !== undefined) throw notInMode(part, mode);
	if (EACH_USER.includes(mode) && isObject(recordingConfig) && recordingConfig.transcodingConfig) {
		throw notInMode('transcodingConfig', mode);
	}
	for (const key of Object.keys(request)) {
		if (RECORDING_SETTINGS.has(key)) throw misplaced(key, 'recordingConfig');
	}
	for (const place of [request, recordingConfig]) {
		if (isObject(place) && 'avFileType' in place) {
			throw misplaced('avFileType', 'recordingFileConfig');
		}
	}
}

const MODES: Record<Mode, string> = {
	mix: 'Composite',
	raw: 'Individual',
	individual: 'Individual (Legacy)',
	web: 'Web Page',
};

function notInMode(part: string, mode: Mode): Fault {
	return new Fault(`The Recording Mode ${MODES[mode]} has no ${part}`, {
		description: `Remove ${part} from the field ‘Client Request (JSON)’, or choose another Recording Mode.`,
	});
}

function misplaced(setting: string, part: string): Fault {
	return new Fault(`${setting} is in the wrong place: Agora would ignore it`, {
		description: `In the field ‘Client Request (JSON)’, put it into ${part}.`,
	});
}

/** @param path where the values stand in the request, '' or with a trailing dot */
function checkValues(path: string, values: Record<string, unknown>, known: Rules): void {
	for (const [name, [label, check, must]] of Object.entries(known)) {
		const value = values[name];
		if (value !== undefined && !check(value)) throw wrong(label, must, `${path}${name}`);
	}
}

function wrong(label: string, must: string, path: string): Fault {
	return new Fault(`The field ‘${label}’ cannot have this value`, {
		description: `It must be ${must}. (${path} in Agora’s words, and in the Client Request.)`,
	});
}

/** Agora takes server-side encryption for Amazon S3 only, tags for Alibaba Cloud, too. */
const AMAZON_S3 = 1;
const ALIBABA_CLOUD = 2;

function checkStorage(config: IDataObject): void {
	checkValues('storageConfig.', config, rules.storage);
	const extension = isObject(config.extensionParams) ? config.extensionParams : {};
	if (extension.sse !== undefined && config.vendor !== AMAZON_S3) {
		throw new Fault('Agora offers ‘Server-Side Encryption’ for Amazon S3 only', {
			description: 'Remove it from Options. The bucket’s own default encryption still applies.',
		});
	}
	if (extension.tag !== undefined && ![AMAZON_S3, ALIBABA_CLOUD].includes(Number(config.vendor))) {
		throw new Fault('Agora offers ‘Object Tag’ for Amazon S3 and Alibaba Cloud only', {
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
	throw new Fault('Agora cannot write the files of ‘File Formats’', {
		description: `In the Recording Mode ${MODES[mode]}, recordingFileConfig.avFileType is ${choices}. MP4 never comes alone.`,
	});
}

function checkChannel(mode: Mode, recordingConfig: unknown): void {
	const config = isObject(recordingConfig) ? recordingConfig : {};
	checkValues('recordingConfig.', config, rules.channel);
	if (config.channelType === undefined) {
		throw wrong('Channel Profile', '0 (communication) or 1 (live broadcast)', 'channelType');
	}
	if (EACH_USER.includes(mode) && config.subscribeUidGroup === undefined) {
		throw wrong('Users to Record', 'a whole number from 0 to 5', 'subscribeUidGroup');
	}
	checkSubscriptions(config, 'Audio');
	checkSubscriptions(config, 'Video');
	checkEncryption(config);
	if (isObject(config.transcodingConfig)) checkPicture(config.transcodingConfig);
}

function checkEncryption({ decryptionMode = 0, secret, salt }: Record<string, unknown>): void {
	if (decryptionMode === 0 && secret === undefined && salt === undefined) return;
	if (decryptionMode === 0) {
		throw new Fault('The field ‘Decryption Mode’ is missing', {
			description: 'There is a secret or a salt: choose the mode in which the clients encrypt.',
		});
	}
	if (secret === undefined || secret === '') {
		throw new Fault('The field ‘Decryption Secret’ is empty', {
			description: 'Give the key that the clients set, or remove Decryption Mode.',
		});
	}
	const salted = SALTED.includes(Number(decryptionMode));
	if (salted && Buffer.from(String(salt ?? ''), 'base64').length !== 32) {
		throw new Fault('The field ‘Decryption Salt’ is not a salt', {
			description:
				'AES-128-GCM2 and AES-256-GCM2 need 32 bytes in Base64, as the clients set them.',
		});
	}
}

const MAX_PIXELS = 1920 * 1080;
const VERTICAL = 2;
const CUSTOM = 3;

function checkPicture(picture: Record<string, unknown>): void {
	checkValues('recordingConfig.transcodingConfig.', picture, rules.picture);
	const { width = 360, height = 640, mixedVideoLayout, layoutConfig } = picture;
	if (Number(width) * Number(height) > MAX_PIXELS) throw tooLarge('Size');
	if (mixedVideoLayout === CUSTOM && layoutConfig === undefined) {
		throw new Fault('A custom layout has 1 to 17 regions', {
			description: 'Add one under Picture → Regions, or choose another Layout.',
		});
	}
	if (picture.maxResolutionUid !== undefined && mixedVideoLayout !== VERTICAL) {
		throw new Fault('Only the vertical layout has a ‘Large User’', {
			description: 'Choose Vertical under Picture → Layout, or remove maxResolutionUid.',
		});
	}
}

function tooLarge(label: string): Fault {
	return new Fault(`The field ‘${label}’ is too large a picture`, {
		description: 'Agora records up to 1920 × 1080 pixels, or as many in another shape.',
	});
}

function checkScreenshots({ snapshotConfig, recordingConfig }: IDataObject): void {
	checkValues('snapshotConfig.', isObject(snapshotConfig) ? snapshotConfig : {}, rules.screenshots);
	const { fileType } = isObject(snapshotConfig) ? snapshotConfig : {};
	if (fileType === undefined) throw wrong('Record', rules.JPG, 'snapshotConfig.fileType');
	const config = isObject(recordingConfig) ? recordingConfig : {};
	if (config.streamTypes === 0) {
		throw new Fault('Screenshots need video, and ‘Media’ is Audio Only', {
			description: 'Choose Audio and Video or Video Only under Options → Media.',
		});
	}
	if (config.subscribeAudioUids !== undefined && config.subscribeVideoUids === undefined) {
		throw new Fault('Screenshots need video, and ‘Record Video Of’ is empty', {
			description:
				'With Record Audio Of alone no video is recorded. Name the users under Record Video Of, too; #allstream# means everybody.',
		});
	}
}

function checkWebPage(request: IDataObject, controlHours: number): void {
	const page = webRecorder(request);
	if (!isObject(page)) {
		throw new Fault('The web page recorder is missing from extensionServiceConfig', {
			description:
				'A list in the Client Request replaces the one of the fields whole: it must hold a web_recorder_service with its serviceParam.',
		});
	}
	for (const [name, [label, , must]] of Object.entries(rules.pageRequired)) {
		if (page[name] === undefined) throw wrong(label, must, `serviceParam.${name}`);
	}
	checkValues('serviceParam.', page, { ...rules.pageRequired, ...rules.page });
	if (Number(page.videoWidth) * Number(page.videoHeight) > MAX_PIXELS) throw tooLarge('Page Size');
	if (Number(page.maxRecordingHour) > controlHours) {
		throw new Fault('‘Maximum Hours’ is more than ‘Control Period’', {
			description: `The page would be recorded for longer than the ${controlHours} hours in which it can be stopped. Lower Maximum Hours, or raise Options → Control Period.`,
		});
	}
	const push = cdnPush(request);
	if (push !== undefined) checkValues('serviceParam.', push, rules.push);
}
