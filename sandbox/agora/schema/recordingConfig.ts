import { z } from 'zod';
import { transcodingConfig } from './layout.ts';
import { integer, isFilled, nonEmptyString, onlyIn, optionalEnum, reject } from './values.ts';

/* Which streams of a channel are recorded, and how. Source: Agora, cloud recording, start and update. */

const SALT_BYTES = 32;
/** The lower of the two encryption modes that need a salt. */
const FIRST_MODE_WITH_SALT = 7;

/** The UID lists for audio. Agora's documents disagree about the case of the S in `unSubscribe`. */
export const audioLists = <List extends z.ZodTypeAny>(list: List) => ({
	subscribeAudioUids: list.optional(),
	unSubscribeAudioUids: list.optional(),
	unsubscribeAudioUids: list.optional(),
});

/** The UID lists for video. */
export const videoLists = <List extends z.ZodTypeAny>(list: List) => ({
	subscribeVideoUids: list.optional(),
	unSubscribeVideoUids: list.optional(),
	unsubscribeVideoUids: list.optional(),
});

export const uidList = z.array(nonEmptyString).max(32);

/** Rejects a list of UIDs to record together with a list of UIDs to exclude. */
export function checkLists(lists: Record<string, unknown>, context: z.RefinementCtx): void {
	for (const medium of ['Audio', 'Video']) {
		const included = `subscribe${medium}Uids`;
		for (const excluded of [`unSubscribe${medium}Uids`, `unsubscribe${medium}Uids`])
			if (isFilled(lists[included]) && isFilled(lists[excluded]))
				reject(context, [excluded], `must not be set together with ${included}`);
	}
}

const encryption = {
	decryptionMode: integer(0, 8).optional(),
	secret: z.string().optional(),
	salt: z.string().optional(),
};
type Encryption = z.infer<z.ZodObject<typeof encryption>>;

function checkEncryption(
	{ decryptionMode = 0, secret, salt = '' }: Encryption,
	context: z.RefinementCtx,
): void {
	if (decryptionMode !== 0 && !secret) reject(context, ['secret'], 'Required with decryptionMode');
	if (decryptionMode >= FIRST_MODE_WITH_SALT && Buffer.from(salt, 'base64').length !== SALT_BYTES)
		reject(context, ['salt'], 'must be 32 bytes in Base64');
}

const recordingConfig = <Fields extends z.ZodRawShape>(fields: Fields) =>
	z
		.object({
			channelType: integer(0, 1),
			maxIdleTime: integer(5, 2_592_000).optional(),
			streamTypes: integer(0, 2).optional(),
			videoStreamType: integer(0, 1).optional(),
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
	subscribeUidGroup: integer(0, 5).optional(),
	audioProfile: integer(0, 2).optional(),
	transcodingConfig: transcodingConfig.optional(),
});

export const rawConfig = recordingConfig({
	subscribeUidGroup: integer(0, 5),
	// Version 2 of individual recording removed it.
	streamMode: onlyIn('individual'),
	transcodingConfig: onlyIn('mix'),
});

export const individualConfig = recordingConfig({
	subscribeUidGroup: integer(0, 5),
	streamMode: optionalEnum('default', 'standard', 'original'),
	transcodingConfig: onlyIn('mix'),
});
