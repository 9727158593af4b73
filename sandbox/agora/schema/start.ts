import { z } from 'zod';
import { individualConfig, mixConfig, rawConfig } from './recordingConfig.ts';
import { storageConfig } from './storage.ts';
import { integer, isFilled, MAX_PIXELS, onlyIn, optionalEnum, reject, url } from './values.ts';

/* `clientRequest` of start, for each mode. Source: Agora, cloud recording, start. */

/** @param allowed the allowed lists of file types, each sorted and joined with commas */
const recordingFileConfig = (...allowed: string[]) =>
	z
		.object({
			avFileType: z
				.array(z.string())
				.refine(
					(types) => allowed.includes(types.toSorted().join()),
					`must contain ${allowed.join(' or ')}`,
				)
				.optional(),
		})
		.optional();

const snapshotConfig = z.object({
	captureInterval: integer(5, 3600).optional(),
	fileType: z.array(z.literal('jpg')).length(1),
});

interface WithSnapshots {
	snapshotConfig?: unknown;
	recordingConfig: {
		streamTypes?: number;
		subscribeAudioUids?: string[];
		subscribeVideoUids?: string[];
	};
}

function checkSnapshots(request: WithSnapshots, context: z.RefinementCtx): void {
	if (request.snapshotConfig === undefined) return;
	const { streamTypes, subscribeAudioUids, subscribeVideoUids } = request.recordingConfig;
	const rejectField = (field: string, message: string) =>
		reject(context, ['recordingConfig', field], message);
	if (streamTypes === 0) rejectField('streamTypes', 'must be 1 or 2 with snapshotConfig');
	if (isFilled(subscribeAudioUids) && !isFilled(subscribeVideoUids))
		rejectField('subscribeVideoUids', 'Required with snapshotConfig and subscribeAudioUids');
}

const channelFields = {
	token: z.string().optional(),
	storageConfig,
	extensionServiceConfig: onlyIn('web'),
};

export const mixStart = z.object({
	...channelFields,
	recordingConfig: mixConfig.optional(),
	recordingFileConfig: recordingFileConfig('hls', 'hls,mp4'),
	snapshotConfig: onlyIn('individual and raw'),
});

export const rawStart = z
	.object({
		...channelFields,
		recordingConfig: rawConfig,
		recordingFileConfig: recordingFileConfig('hls', 'hls,mp4', 'mp3'),
		snapshotConfig: snapshotConfig.optional(),
	})
	.superRefine(checkSnapshots);

/** Agora no longer documents postponed transcoding, but its clients still send it. */
const postponedTranscoding = {
	appsCollection: z
		.object({ combinationPolicy: optionalEnum('default', 'postpone_transcoding') })
		.optional(),
	transcodeOptions: z
		.object({
			transConfig: z.object({ transMode: z.enum(['postponeTranscoding', 'audioMix']) }),
			container: z.object({ format: optionalEnum('mp4', 'mp3', 'm4a', 'aac') }).optional(),
			audio: z
				.object({
					sampleRate: optionalEnum('48000', '32000', '16000'),
					bitrate: z.string().optional(),
					channels: optionalEnum('1', '2'),
				})
				.optional(),
		})
		.optional(),
};

export const individualStart = z
	.object({
		...channelFields,
		recordingConfig: individualConfig,
		recordingFileConfig: recordingFileConfig('hls'),
		snapshotConfig: snapshotConfig.optional(),
		...postponedTranscoding,
	})
	.superRefine(checkSnapshots);

/** The destination of a CDN push. */
export const cdnOutput = z.object({ rtmpUrl: z.string().regex(/^rtmps?:\/\/./) });

const cdnPush = z.object({
	serviceName: z.literal('rtmp_publish_service'),
	errorHandlePolicy: optionalEnum('error_ignore'),
	serviceParam: z.object({ outputs: z.array(cdnOutput).max(1) }),
});

const webRecorder = z.object({
	serviceName: z.literal('web_recorder_service'),
	errorHandlePolicy: optionalEnum('error_abort'),
	serviceParam: z
		.object({
			url,
			audioProfile: integer(0, 2),
			videoWidth: integer(240, 1920),
			videoHeight: integer(240, 1920),
			maxRecordingHour: integer(1, 720),
			videoBitrate: integer(1).optional(),
			videoFps: integer(5, 60).optional(),
			mobile: z.boolean().optional(),
			maxVideoDuration: integer(30, 240).optional(),
			onhold: z.boolean().optional(),
			readyTimeout: integer(0, 60).optional(),
		})
		.refine(({ videoWidth, videoHeight }) => videoWidth * videoHeight <= MAX_PIXELS, {
			path: ['videoWidth'],
			message: 'videoWidth * videoHeight exceeds 1920 * 1080',
		}),
});

export const webStart = z.object({
	// Not needed for a web page, but Agora's samples send it.
	token: z.string().optional(),
	storageConfig,
	recordingConfig: onlyIn('mix, individual and raw'),
	recordingFileConfig: recordingFileConfig('hls', 'hls,mp4'),
	snapshotConfig: onlyIn('individual and raw'),
	extensionServiceConfig: z.object({
		errorHandlePolicy: optionalEnum('error_abort'),
		extensionServices: z
			.array(z.discriminatedUnion('serviceName', [webRecorder, cdnPush]))
			.refine(
				(services) => services.some(({ serviceName }) => serviceName === 'web_recorder_service'),
				'must contain web_recorder_service',
			),
	}),
});
