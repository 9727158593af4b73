import type { IDataObject } from 'n8n-workflow';
import { encryption, type EncryptionSettings } from './encryption';
import { fileConfig, type FileSettings } from './files';
import { EACH_USER, type Mode } from './mode';
import { pictureConfig, type PictureSettings } from './picture';
import { subscriptionLists, type SubscriptionSettings } from '../subscriptions';
import { webPageConfig, type WebPageSettings } from './webPage';
import { withoutUnset } from './withoutUnset';

/** Options of Start that end up in Agora's `recordingConfig` or `serviceParam`. */
export interface RecordingOptions
	extends
		EncryptionSettings,
		Pick<
			WebPageSettings,
			'audioProfile' | 'mobile' | 'maxVideoDuration' | 'onhold' | 'readyTimeout' | 'rtmpUrl'
		> {
	/** Seconds. */
	maxIdleTime?: number;
	standardPlaylist?: boolean;
	streamMode?: string;
	streamTypes?: number;
	videoStreamType?: number;
}

/** The fields of Start, as the item has them; what was not set is absent. */
export interface StartSettings
	extends FileSettings, Pick<WebPageSettings, 'url' | 'pageSize' | 'maxRecordingHour'> {
	mode: Mode;
	channelType?: number;
	subscribeUidGroup?: number;
	picture: PictureSettings;
	subscriptions: SubscriptionSettings;
	options: RecordingOptions;
}

const AUDIO_ONLY = 0;
const AUDIO_AND_VIDEO = 2;

/**
 * Says the fields of Start in Agora's words. Values of fields that belong to another mode are left out.
 *
 * @returns `clientRequest` of Agora's `start`, without token and storage
 * @throws Fault when a custom layout cannot be
 *
 * Source: Agora, cloud recording, `start`.
 */
export function toClientRequest(settings: StartSettings): IDataObject {
	const { mode, picture, options } = settings;
	return {
		...(mode === 'web'
			? {
					extensionServiceConfig: webPageConfig({
						...settings,
						...options,
						bitrate: picture.bitrate,
						fps: picture.fps,
					}),
				}
			: { recordingConfig: recordingConfig(settings) }),
		...fileConfig(mode, settings),
	};
}

function recordingConfig(settings: StartSettings): IDataObject {
	const { mode, channelType, fileFormats, options } = settings;
	const audioAlone = mode === 'raw' && fileFormats === 'mp3' && settings.capture !== 'both';
	const streamTypes = options.streamTypes ?? (audioAlone ? AUDIO_ONLY : AUDIO_AND_VIDEO);
	return withoutUnset({
		channelType: channelType ?? 0,
		streamTypes,
		maxIdleTime: options.maxIdleTime,
		videoStreamType: options.videoStreamType,
		...encryption(options),
		...subscriptionLists(settings.subscriptions),
		privateParams: options.standardPlaylist ? '{"correctEXTINF":true}' : undefined,
		...ofMode(settings),
	});
}

function ofMode({ mode, subscribeUidGroup, picture, options }: StartSettings): object {
	if (EACH_USER.includes(mode)) {
		const streamMode = mode === 'individual' ? options.streamMode : undefined;
		return { subscribeUidGroup: subscribeUidGroup ?? 0, streamMode };
	}
	return { audioProfile: options.audioProfile, transcodingConfig: pictureConfig(picture) };
}
