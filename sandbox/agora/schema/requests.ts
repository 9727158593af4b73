import { z } from 'zod';
import { layout } from './layout.ts';
import { audioLists, checkLists, uidList, videoLists } from './recordingConfig.ts';
import { cdnOutput, individualStart, mixStart, rawStart, webStart } from './start.ts';
import { storageConfig } from './storage.ts';
import { isFilled, onlyIn, text, uid, whole } from './values.ts';

/*
 * The bodies of all requests of cloud recording. Sources: Agora, cloud recording REST API, in English and
 * Chinese, and the bodies that Agora's own clients send.
 *
 * Agora ignores keys it does not know. So do these schemas: a parsed body lacks them.
 */

export const MODES = ['mix', 'individual', 'raw', 'web'] as const;
export type Mode = (typeof MODES)[number];
export type Action = 'acquire' | 'start' | 'update' | 'updateLayout' | 'stop';

const WEB_SCENE = 1;
const CHANNEL_NAME = /^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{|}~,]+$/;

/** Whether it can be recorded: a channel, or the label of a web page recording. */
function isValidName(cname: string, scene: number | undefined): boolean {
	const bytes = Buffer.byteLength(cname);
	if (scene === WEB_SCENE) return bytes >= 1 && bytes <= 1024;
	return bytes <= 64 && CHANNEL_NAME.test(cname);
}

/** `params.code` is Agora's code of a refusal that has one of its own. */
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
			// 2 was for postponed transcoding.
			scene: whole(0, 2).optional(),
			resourceExpiredHour: whole(1, 720).optional(),
			excludeResourceIds: z.array(text).optional(),
			region: z.enum(['CN', 'AP', 'EU', 'NA']).optional(),
			regionAffinity: whole(0, 4).optional(),
			// Acquire succeeds whatever it holds; start refuses what is wrong in it.
			startParameter: z.unknown(),
		}),
	})
	.refine(
		({ cname, clientRequest }) => isValidName(cname, clientRequest.scene),
		INVALID_CHANNEL_NAME,
	);

const body = <Request extends z.ZodTypeAny>(clientRequest: Request) =>
	z.object({ cname: text, uid, clientRequest });

const nonempty = uidList.min(1);

const streamSubscribe = z
	.object({
		audioUidList: z.object(audioLists(nonempty)).superRefine(checkLists).optional(),
		videoUidList: z.object(videoLists(nonempty)).superRefine(checkLists).optional(),
	})
	.refine(
		(lists) => Object.values(lists).some((list) => Object.values(list ?? {}).some(isFilled)),
		'holds no list of UIDs',
	);

/** Agora's clients and samples send several changes in one request. */
const changesSomething = (request: object) =>
	Object.values(request).some((change) => change !== undefined);
const NO_CHANGE = 'holds nothing to update';

const channelUpdate = z
	.object({
		streamSubscribe: streamSubscribe.optional(),
		storageConfig: storageConfig.optional(),
		webRecordingConfig: onlyIn('web'),
		rtmpPublishConfig: onlyIn('web'),
	})
	.refine(changesSomething, NO_CHANGE);

const webUpdate = z
	.object({
		webRecordingConfig: z.object({ onhold: z.boolean() }).optional(),
		rtmpPublishConfig: z.object({ outputs: z.array(cdnOutput).length(1) }).optional(),
		storageConfig: storageConfig.optional(),
		streamSubscribe: onlyIn('mix, individual and raw'),
	})
	.refine(changesSomething, NO_CHANGE);

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

/** The schema of a request's body; acquire has none of the modes. */
export function requestSchema(action: Action, mode: Mode | null): z.ZodTypeAny {
	if (action === 'acquire' || mode === null) return acquire;
	if (action === 'start') return START[mode];
	if (action === 'update') return UPDATE[mode];
	return action === 'updateLayout' ? UPDATE_LAYOUT : STOP;
}
