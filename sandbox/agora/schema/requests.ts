import { z } from 'zod';
import { layout } from './layout.ts';
import { audioLists, checkLists, uidList, videoLists } from './recordingConfig.ts';
import { cdnOutput, individualStart, mixStart, rawStart, webStart } from './start.ts';
import { storageConfig } from './storage.ts';
import { integer, isFilled, nonEmptyString, onlyIn, uid } from './values.ts';

/*
 * The bodies of all cloud recording requests. Sources: Agora, cloud recording REST API, in English and Chinese, and
 * the bodies that Agora's own clients send.
 *
 * Like Agora, these schemas ignore unknown keys: parsing removes them.
 */

export const MODES = ['mix', 'individual', 'raw', 'web'] as const;
export type Mode = (typeof MODES)[number];
export type Action = 'acquire' | 'start' | 'update' | 'updateLayout' | 'stop';

const WEB_SCENE = 1;
const CHANNEL_NAME = /^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{|}~,]+$/;

/** Whether it is a valid channel name, or a valid label of a web page recording. */
function isValidName(cname: string, scene: number | undefined): boolean {
	const bytes = Buffer.byteLength(cname);
	if (scene === WEB_SCENE) return bytes >= 1 && bytes <= 1024;
	return bytes <= 64 && CHANNEL_NAME.test(cname);
}

/** `params.code` is Agora's error code, if it is not the usual one. */
const INVALID_CHANNEL_NAME = {
	path: ['cname'],
	message: 'invalid_channel_name',
	params: { code: 401 },
};

const acquire = z
	.object({
		cname: z.string(),
		uid,
		clientRequest: z.object({
			// 2 was used for postponed transcoding.
			scene: integer(0, 2).optional(),
			resourceExpiredHour: integer(1, 720).optional(),
			excludeResourceIds: z.array(nonEmptyString).optional(),
			region: z.enum(['CN', 'AP', 'EU', 'NA']).optional(),
			regionAffinity: integer(0, 4).optional(),
			// Not validated by acquire; start rejects invalid settings.
			startParameter: z.unknown(),
		}),
	})
	.refine(
		({ cname, clientRequest }) => isValidName(cname, clientRequest.scene),
		INVALID_CHANNEL_NAME,
	);

const body = <Request extends z.ZodTypeAny>(clientRequest: Request) =>
	z.object({ cname: nonEmptyString, uid, clientRequest });

const nonEmptyUidList = uidList.min(1);

const streamSubscribe = z
	.object({
		audioUidList: z.object(audioLists(nonEmptyUidList)).superRefine(checkLists).optional(),
		videoUidList: z.object(videoLists(nonEmptyUidList)).superRefine(checkLists).optional(),
	})
	.refine(
		(lists) => Object.values(lists).some((list) => Object.values(list ?? {}).some(isFilled)),
		'must contain a list of UIDs',
	);

/** Several changes are allowed, because Agora's clients and samples send them in one request. */
const hasChange = (request: object) =>
	Object.values(request).some((change) => change !== undefined);
const NO_CHANGE = 'must contain something to update';

const channelUpdate = z
	.object({
		streamSubscribe: streamSubscribe.optional(),
		storageConfig: storageConfig.optional(),
		webRecordingConfig: onlyIn('web'),
		rtmpPublishConfig: onlyIn('web'),
	})
	.refine(hasChange, NO_CHANGE);

const webUpdate = z
	.object({
		webRecordingConfig: z.object({ onhold: z.boolean() }).optional(),
		rtmpPublishConfig: z.object({ outputs: z.array(cdnOutput).length(1) }).optional(),
		storageConfig: storageConfig.optional(),
		streamSubscribe: onlyIn('mix, individual and raw'),
	})
	.refine(hasChange, NO_CHANGE);

const START = {
	mix: body(mixStart),
	individual: body(individualStart),
	raw: body(rawStart),
	web: body(webStart),
};
const UPDATE = {
	mix: body(channelUpdate),
	individual: body(channelUpdate),
	raw: body(channelUpdate),
	web: body(webUpdate),
};
const UPDATE_LAYOUT = body(layout);
const STOP = body(z.object({ async_stop: z.boolean().optional() }));

/** The schema of a request's body. The mode is null for acquire. */
export function requestSchema(action: Action, mode: Mode | null): z.ZodTypeAny {
	if (action === 'acquire' || mode === null) return acquire;
	if (action === 'start') return START[mode];
	if (action === 'update') return UPDATE[mode];
	return action === 'updateLayout' ? UPDATE_LAYOUT : STOP;
}
