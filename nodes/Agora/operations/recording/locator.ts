import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Session } from '../../agora/cloudRecording';
import { readAccount } from '../../agora/account';
import { Fault } from '../../http/fault';
import { findNewestOfChannel, findSession } from '../../recordings/find';
import type { ReadSession } from '../../recordings/recording';
import { openBucket } from '../../storage/bucket';
import type { Bucket } from '../../storage/types';
import { hasStorageCredential } from '../../storage/credential';

export const recordingLocator: INodeProperties = {
	displayName: 'Recording',
	name: 'recordingId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description: 'The recording to work with',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Choose a recording …',
			hint: 'Those in the bucket, newest first. Search by channel, ID, day or state.',
			typeOptions: { searchListMethod: 'searchRecordings', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 38f8e3cfdc474cd56fc1ceba380d7e1a',
			hint: 'The session ID (sid) that Start gave out',
		},
		{
			// n8n cuts longer names of modes.
			displayName: 'Channel',
			name: 'channel',
			type: 'string',
			placeholder: 'e.g. class-7b',
			hint: 'The newest recording of the channel, one that is still running before all others',
		},
	],
};

/** What Agora wants to know of a session beside its sid. The session record knows it; who has no bucket says it. */
export const sessionOptions: INodeProperties[] = [
	{
		displayName: 'Channel Name',
		name: 'cname',
		type: 'string',
		default: '',
		placeholder: 'e.g. class-7b',
		description: 'Only without a session record: the channel of the recording',
	},
	{
		displayName: 'Recording Mode',
		name: 'mode',
		type: 'options',
		options: [
			{ name: 'Composite', value: 'mix' },
			{ name: 'Individual', value: 'raw' },
			{ name: 'Individual (Legacy)', value: 'individual' },
			{ name: 'Web Page', value: 'web' },
		],
		default: 'mix',
		description: 'Only without a session record: the mode the recording was started in',
	},
	{
		displayName: 'Resource ID',
		name: 'resourceId',
		type: 'string',
		default: '',
		placeholder: 'e.g. JyvK8nXHuV1BE64GDkAaBGEscv',
		description: 'Only without a session record: the resource ID that Start gave out',
	},
	{
		displayName: 'UID',
		name: 'uid',
		type: 'string',
		default: '',
		placeholder: 'e.g. 527841',
		description: 'Only without a session record: the recorder’s UID',
	},
];

/** A recording that a person named. */
export interface Located {
	/** Where its files lie; null where no storage credential is connected. */
	bucket: Bucket | null;
	/** What the bucket holds of it; null where it holds nothing, or there is no bucket. */
	found: ReadSession | null;
	/** How Agora addresses it; null where neither a session record nor the options tell. */
	session: Session | null;
}

/** Values of the options; what was not set is absent. */
export type SessionOptions = Partial<Pick<Session, 'cname' | 'mode' | 'resourceId' | 'uid'>> & {
	appId?: string;
};

/**
 * Finds the recording that the field Recording names.
 *
 * @param options values of the field Options
 * @param keepSegments whether its slices are listed one by one
 * @throws Fault when the field is empty or holds no sid, when no recording of the channel is known, or when
 *   neither the bucket nor the options know anything of it
 */
export async function locateRecording(
	context: IExecuteFunctions,
	itemIndex: number,
	options: SessionOptions,
	keepSegments = false,
): Promise<Located> {
	const { mode, value } = context.getNodeParameter('recordingId', itemIndex) as {
		mode: string;
		value: unknown;
	};
	const bucket = await bucketOf(context, options);
	const byChannel = mode === 'channel';
	// A channel name may begin or end with a space; an ID that does was pasted so.
	const wanted = byChannel ? String(value ?? '') : String(value ?? '').trim();
	if (wanted.trim() === '') {
		throw new Fault('The field ‘Recording’ is empty', {
			description: 'Choose a recording from the list, or give its ID or its channel.',
		});
	}
	if (!byChannel) checkSid(wanted);
	const found =
		bucket === null
			? null
			: byChannel
				? await findNewestOfChannel(bucket, wanted, keepSegments)
				: await findSession(bucket, wanted, keepSegments);
	const session = found?.record ?? (byChannel ? null : await sessionOf(context, wanted, options));
	if (found === null && session === null) throw notFound(bucket, wanted, byChannel);
	return { bucket, found, session };
}

/**
 * @returns how Agora addresses the recording
 * @throws Fault when the bucket has files of it but no session record, and the options do not tell
 */
export function needSession({ session, found }: Located): Session {
	if (session !== null) return session;
	throw new Fault(`How to reach recording ${found?.session.sid ?? ''} at Agora is not known`, {
		description:
			'It has no session record, so this node did not start it. Name it by ID, and give Resource ID, Recording Mode, Channel Name and UID under Options.',
	});
}

/** Without a bucket the options must tell; with neither, the fault about the missing credential helps. */
async function bucketOf(
	context: IExecuteFunctions,
	{ resourceId }: SessionOptions,
): Promise<Bucket | null> {
	return hasStorageCredential(context) || !resourceId ? await openBucket(context) : null;
}

async function sessionOf(
	context: IExecuteFunctions,
	sid: string,
	{ cname = '', mode = 'mix', resourceId, uid = '', appId }: SessionOptions,
): Promise<Session | null> {
	if (!resourceId) return null;
	const app = appId?.trim() || (await readAccount(context)).appId;
	return { sid, resourceId: resourceId.trim(), mode, cname, uid: String(uid).trim(), appId: app };
}

function checkSid(sid: string): void {
	if (/^[0-9a-f]{32}$/i.test(sid)) return;
	throw new Fault(`‘${sid}’ is not the ID of a recording`, {
		description:
			'The ID (sid) has 32 hexadecimal digits. Start gives it out, and so does Get Many. To name a channel, choose Channel before the field.',
	});
}

function notFound(bucket: Bucket | null, wanted: string, byChannel: boolean): Fault {
	const what = byChannel ? `no recording of channel ${wanted}` : `no recording ${wanted}`;
	return new Fault(`The bucket “${bucket?.name ?? ''}” has ${what}`, {
		description: `It was looked for under ‘${bucket?.prefix ?? ''}’. Files of a new recording take up to a minute to appear; check the File Name Prefix in the Agora Recording Storage API credential, too.`,
		httpCode: '404',
	});
}
