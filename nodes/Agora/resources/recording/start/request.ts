import type { IDataObject } from 'n8n-workflow';
import { oneOf, readBoolean } from '../../shared/parameters';
import { LAYOUT_SETTINGS, readLayout } from '../layout';
import { subscriptionLists } from '../subscriptions';
import {
	BITRATES,
	captureField,
	definitionOf,
	EACH_USER,
	fileFormatsField,
	FILE_TYPES,
	JPG,
	pageSizeField,
	SALTED,
	SETTINGS,
	videoSizeField,
	type Mode,
	type Setting,
} from './settings';

/** Values of Start's fields by parameter name, without fields that are not set. */
export interface StartFields {
	/** Fields outside collections. */
	main: Record<string, unknown>;
	picture: Record<string, unknown>;
	subscriptions: Record<string, unknown>;
	options: Record<string, unknown>;
}

const AUDIO_ONLY = 0;
const AUDIO_AND_VIDEO = 2;
const DEFAULT_PAGE_HOURS = 2;

/**
 * Converts the fields of Start to Agora's settings. Fields of another mode are left out: when Recording
 * Mode is an expression, the fields of all modes are set.
 *
 * @returns `reservation`: values for `acquire`; `clientRequest` of `start`, without token and storage;
 *   `storageExtension`: values to add to `storageConfig`
 * @throws Fault naming the first field that is not one of its choices, or a layout that is not valid
 *
 * Source: Agora, cloud recording, `start`.
 */
export function toRequest(
	mode: Mode,
	fields: StartFields,
): { reservation: IDataObject; clientRequest: IDataObject; storageExtension: IDataObject } {
	const { acquire = {}, page, push, storageConfig = {}, ...request } = valuesOf(mode, fields);
	return {
		reservation: acquire,
		storageExtension: storageConfig,
		clientRequest: {
			...(mode === 'web'
				? { extensionServiceConfig: webPageConfig(page, push, fields) }
				: { recordingConfig: recordingConfig(mode, request.recordingConfig, fields) }),
			...fileConfig(mode, fields.main),
		},
	};
}

/** @returns the values of all fields of a mode, as nested objects by their paths in `SETTINGS` */
function valuesOf(mode: Mode, fields: StartFields): Record<string, IDataObject | undefined> {
	const values: Record<string, IDataObject | undefined> = {};
	for (const setting of SETTINGS) {
		const { agora, field, modes } = setting;
		if (field === undefined || !modes.includes(mode)) continue;
		const raw = (field.in === undefined ? fields.main : fields[field.in])[field.name];
		const value = readField(raw, setting);
		if (value !== undefined && value !== '') setAt(values, agora.split('.'), value);
	}
	return values;
}

/** An expression can return any type, such as a number or a boolean as a string. */
function readField(raw: unknown, setting: Setting): unknown {
	if (raw === undefined || raw === null || raw === '') return undefined;
	const { toAgora = (value: unknown) => value } = setting.field!;
	const definition = definitionOf(setting);
	if (definition.type === 'options') return toAgora(oneOf<unknown>(raw, definition));
	if (definition.type === 'boolean') return toAgora(readBoolean(raw, definition.displayName));
	const isNumber = typeof raw === 'string' && /^\d+(\.\d+)?$/.test(raw.trim());
	return toAgora(definition.type === 'number' && isNumber ? Number(raw) : raw);
}

function setAt(target: Record<string, unknown>, [name, ...rest]: string[], value: unknown): void {
	if (rest.length === 0) target[name!] = value;
	else setAt((target[name!] ??= {}) as Record<string, unknown>, rest, value);
}

function recordingConfig(
	mode: Mode,
	values: IDataObject = {},
	{ main, picture, subscriptions }: StartFields,
): IDataObject {
	const { decryptionMode, secret, salt, transcodingConfig, ...config } = values;
	const isMp3 = mode === 'raw' && main.fileFormats === 'mp3' && captureOf(main) !== 'both';
	return {
		channelType: 0,
		...(EACH_USER.includes(mode) && { subscribeUidGroup: 0 }),
		streamTypes: isMp3 ? AUDIO_ONLY : AUDIO_AND_VIDEO,
		...config,
		...(decryptionMode !== undefined && {
			decryptionMode,
			...(secret !== undefined && { secret }),
			...(SALTED.includes(Number(decryptionMode)) && salt !== undefined && { salt }),
		}),
		...subscriptionLists(subscriptions),
		...(mode === 'mix' && videoConfig(picture, transcodingConfig as IDataObject | undefined)),
	};
}

function videoConfig(picture: Record<string, unknown>, values: IDataObject = {}): IDataObject {
	const { videoSize } = picture;
	const ofSize: IDataObject = {};
	if (videoSize !== undefined && videoSize !== '') {
		const size = oneOf(videoSize, videoSizeField);
		Object.assign(ofSize, pixels(size), { fps: 15, bitrate: BITRATES[size] });
	}
	const config = { ...ofSize, ...values, ...readLayout(layoutOf(picture)) };
	return Object.keys(config).length > 0 ? { transcodingConfig: config } : {};
}

function layoutOf(picture: Record<string, unknown>): Record<string, unknown> {
	const names = LAYOUT_SETTINGS.map(({ agora }) => agora);
	return Object.fromEntries(Object.entries(picture).filter(([name]) => names.includes(name)));
}

function pixels(size: string): { width: number; height: number } {
	const [width, height] = size.split('x').map(Number);
	return { width: width!, height: height! };
}

function webPageConfig(
	page: IDataObject = {},
	push: IDataObject | undefined,
	{ main }: StartFields,
): IDataObject {
	const { width, height } = pixels(oneOf(main.pageSize || '1280x720', pageSizeField));
	const recorder = {
		serviceName: 'web_recorder_service',
		errorHandlePolicy: 'error_abort',
		serviceParam: {
			url: '',
			audioProfile: 0,
			videoWidth: width,
			videoHeight: height,
			maxRecordingHour: DEFAULT_PAGE_HOURS,
			...page,
		},
	};
	const publisher = {
		serviceName: 'rtmp_publish_service',
		errorHandlePolicy: 'error_ignore',
		serviceParam: push,
	};
	return {
		errorHandlePolicy: 'error_abort',
		extensionServices: push === undefined ? [recorder] : [recorder, publisher],
	};
}

const DEFAULT_SCREENSHOT_SECONDS = 10;

/** Agora requires that `recordingFileConfig` is absent when only screenshots are taken. */
function fileConfig(mode: Mode, main: Record<string, unknown>): IDataObject {
	const capture = EACH_USER.includes(mode) ? captureOf(main) : 'recording';
	const formats =
		mode === 'individual' ? 'hls' : oneOf(main.fileFormats || 'hlsMp4', fileFormatsField);
	const interval = main.captureInterval;
	return {
		...(capture !== 'screenshots' && {
			recordingFileConfig: { avFileType: FILE_TYPES[formats]! },
		}),
		...(capture !== 'recording' && {
			snapshotConfig: {
				captureInterval:
					interval === undefined || interval === '' ? DEFAULT_SCREENSHOT_SECONDS : Number(interval),
				fileType: JSON.parse(JPG) as string[],
			},
		}),
	};
}

function captureOf({ capture }: Record<string, unknown>): string {
	return oneOf(capture || 'recording', captureField);
}

/** Agora: `acquire`, `resourceExpiredHour`. */
const DEFAULT_EXPIRY_HOURS = 72;
const WEB_PAGE = 1;
const REAL_TIME = 0;

/**
 * Completes the reservation. `startParameter` is left out: it must be identical to the start request, and has no
 * benefit here.
 *
 * @param values values of the fields
 * @param clientRequest `clientRequest` of the `start` that follows. Unless the expiry is set, it is at least as long as
 *   the longest recording of a web page.
 * @returns `clientRequest` of `acquire`
 *
 * Source: Agora, cloud recording, `acquire`.
 */
export function toReservation(
	mode: Mode,
	values: IDataObject,
	clientRequest: IDataObject,
): IDataObject & { resourceExpiredHour: number } {
	const longest = Number(serviceParam(clientRequest, 'page')?.maxRecordingHour);
	const hours = values.resourceExpiredHour ?? Math.max(DEFAULT_EXPIRY_HOURS, longest || 0);
	return {
		...values,
		scene: mode === 'web' ? WEB_PAGE : REAL_TIME,
		resourceExpiredHour: hours as number,
	};
}

/** Agora's names of the extension services, by the first part of their paths in `SETTINGS`. */
export const SERVICES = { page: 'web_recorder_service', push: 'rtmp_publish_service' };

/** @returns `serviceParam` of an extension service in a start request, undefined without that service */
export function serviceParam(
	clientRequest: IDataObject,
	service: keyof typeof SERVICES,
): IDataObject | undefined {
	const { extensionServices } = (clientRequest.extensionServiceConfig ?? {}) as IDataObject;
	if (!Array.isArray(extensionServices)) return undefined;
	const services = extensionServices as Array<IDataObject | null>;
	const found = services.find((each) => each?.serviceName === SERVICES[service]);
	return found?.serviceParam as IDataObject | undefined;
}
