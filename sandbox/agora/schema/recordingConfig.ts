import { z } from 'zod';
import { transcodingConfig } from './layout.ts';
import { choice, isFilled, onlyIn, refuse, text, whole } from './values.ts';

/* What is recorded of a channel. Source: Agora, cloud recording, start and update. */

const SALT_BYTES = 32;
/** The first of the two encryption modes that need a salt. */
const SALTED = 7;

/** The UID lists of audio. Agora's documents differ in the S of `unSubscribe`. */
export const audioLists = <List extends z.ZodTypeAny>(list: List) => ({
	subscribeAudioUids: list.optional(),
	unSubscribeAudioUids: list.optional(),
	unsubscribeAudioUids: list.optional(),
});

/** The UID lists of video. */
export const videoLists = <List extends z.ZodTypeAny>(list: List) => ({
	subscribeVideoUids: list.optional(),
	unSubscribeVideoUids: list.optional(),
	unsubscribeVideoUids: list.optional(),
});

export const uidList = z.array(text).max(32);

/** Refuses UIDs to record beside UIDs to leave out. */
export function checkLists(lists: Record<string, unknown>, context: z.RefinementCtx): void {
	for (const medium of ['Audio', 'Video']) {
		const included = `subscribe${medium}Uids`;
		for (const excluded of [`unSubscribe${medium}Uids`, `unsubscribe${medium}Uids`])
			if (isFilled(lists[included]) && isFilled(lists[excluded]))
				refuse(context, [excluded], `must not be set beside ${included}`);
	}
}

const encryption = {
	decryptionMode: whole(0, 8).optional(),
	secret: z.string().optional(),
	salt: z.string().optional(),
};
type Encryption = z.infer<z.ZodObject<typeof encryption>>;

function checkEncryption(
	{ decryptionMode = 0, secret, salt = '' }: Encryption,
	context: z.RefinementCtx,
): void {
	if (decryptionMode !== 0 && !secret) refuse(context, ['secret'], 'Required with decryptionMode');
	if (decryptionMode >= SALTED && Buffer.from(salt, 'base64').length !== SALT_BYTES)
		refuse(context, ['salt'], 'must be 32 bytes in Base64');
}

const recordingConfig = <Fields extends z.ZodRawShape>(fields: Fields) =>
	z
		.object({
			channelType: whole(0, 1),
			maxIdleTime: whole(5, 2_592_000).optional(),
			streamTypes: whole(0, 2).optional(),
			videoStreamType: whole(0, 1).optional(),
			privateParams: z.string().optional(),
			...audioLists(uidList),
			...videoLists(uidList),
			...encryption,
			...fields,
		})
		.superRefine((config, context) => {
			checkLists(config, context);
			checkEncryption(config as Encryption, context);
		});

export const mixConfig = recordingConfig({
	subscribeUidGroup: whole(0, 5).optional(),
	audioProfile: whole(0, 2).optional(),
	transcodingConfig: transcodingConfig.optional(),
});

export const rawConfig = recordingConfig({
	subscribeUidGroup: whole(0, 5),
	// Version 2 of individual recording removed it.
	streamMode: onlyIn('individual'),
	transcodingConfig: onlyIn('mix'),
});

export const individualConfig = recordingConfig({
	subscribeUidGroup: whole(0, 5),
	streamMode: choice('default', 'standard', 'original'),
	transcodingConfig: onlyIn('mix'),
});
