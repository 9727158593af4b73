import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { withoutUnset } from './withoutUnset';
import { pixels } from './picture';

/** The page to record. */
export const webPageFields: INodeProperties[] = [
	{
		displayName: 'Page URL',
		name: 'url',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. https://example.com/live/7b',
		displayOptions: { show: { mode: ['web'] } },
		description: 'The page to record. Agora opens it from the internet without a login.',
	},
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'options',
		options: [
			{ name: '1280 × 720', value: '1280x720' },
			{ name: '1920 × 1080', value: '1920x1080' },
			{ name: '720 × 1280 (Upright)', value: '720x1280' },
		],
		default: '1280x720',
		displayOptions: { show: { mode: ['web'] } },
		description: 'Width and height of the page and of the video, in pixels',
	},
	{
		displayName: 'Maximum Hours',
		name: 'maxRecordingHour',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 720 },
		default: 2,
		displayOptions: { show: { mode: ['web'] } },
		description:
			'After how many hours the recording ends by itself. A page is never idle, so without a stop it runs this long.',
	},
];

/** The fields of a web page recording, as the item has them; what was not set is absent. */
export interface WebPageSettings {
	url?: string;
	/** `1280x720`: width and height in pixels. */
	pageSize?: string;
	/** Hours. */
	maxRecordingHour?: number;
	/** Kilobits a second. */
	bitrate?: number;
	/** Frames a second. */
	fps?: number;
	audioProfile?: number;
	mobile?: boolean;
	/** Minutes of one MP4. */
	maxVideoDuration?: number;
	/** Seconds. */
	readyTimeout?: number;
	/** Whether it begins on hold. */
	onhold?: boolean;
	/** Where it is broadcast to besides. */
	rtmpUrl?: string;
}

const DEFAULT_HOURS = 2;

/**
 * Says in Agora's words how a web page is recorded.
 *
 * @returns `extensionServiceConfig`: the recorder with the five values that Agora requires and those that
 *   were set, and the push to a CDN where an address was given
 *
 * Source: Agora, cloud recording, `start`.
 */
export function webPageConfig(settings: WebPageSettings): IDataObject {
	const { width, height } = pixels(settings.pageSize ?? '1280x720');
	const recorder = {
		serviceName: 'web_recorder_service',
		errorHandlePolicy: 'error_abort',
		serviceParam: withoutUnset({
			url: settings.url?.trim() ?? '',
			audioProfile: settings.audioProfile ?? 0,
			videoWidth: width,
			videoHeight: height,
			maxRecordingHour: settings.maxRecordingHour ?? DEFAULT_HOURS,
			videoBitrate: settings.bitrate,
			videoFps: settings.fps,
			mobile: settings.mobile,
			maxVideoDuration: settings.maxVideoDuration,
			onhold: settings.onhold,
			readyTimeout: settings.readyTimeout,
		}),
	};
	const rtmpUrl = settings.rtmpUrl?.trim() ?? '';
	const push = {
		serviceName: 'rtmp_publish_service',
		errorHandlePolicy: 'error_ignore',
		serviceParam: { outputs: [{ rtmpUrl }] },
	};
	return {
		errorHandlePolicy: 'error_abort',
		extensionServices: rtmpUrl === '' ? [recorder] : [recorder, push],
	};
}

/** @returns `serviceParam` of the web page recorder in a start request, undefined when it has none */
export function webRecorder(clientRequest: IDataObject): IDataObject | undefined {
	return serviceParam(clientRequest, 'web_recorder_service');
}

/** @returns `serviceParam` of the push to a CDN in a start request, undefined when it has none */
export function cdnPush(clientRequest: IDataObject): IDataObject | undefined {
	return serviceParam(clientRequest, 'rtmp_publish_service');
}

function serviceParam(clientRequest: IDataObject, serviceName: string): IDataObject | undefined {
	const { extensionServices } = (clientRequest.extensionServiceConfig ?? {}) as IDataObject;
	if (!Array.isArray(extensionServices)) return undefined;
	const services = extensionServices as Array<IDataObject | null>;
	const service = services.find((each) => each?.serviceName === serviceName);
	return service?.serviceParam as IDataObject | undefined;
}
