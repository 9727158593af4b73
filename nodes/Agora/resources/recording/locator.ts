import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import type { Session } from '../../agora/cloudRecording';
import { isSid } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { findNewestOfChannel, findSession } from '../../recordings/find';
import type { LoadedSession } from '../../recordings/loadSession';
import { openBucket } from '../../storage/bucket';
import { hasStorageCredential } from '../../storage/credential';
import type { Bucket } from '../../storage/types';
import { oneOf } from '../shared/parameters';
import { modeField } from './start/settings';

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
			hint: 'Recordings in the bucket, newest first. Search by channel, ID, date or status.',
			typeOptions: { searchListMethod: 'searchRecordings', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 38f8e3cfdc474cd56fc1ceba380d7e1a',
			hint: 'The session ID (sid) that Start returned',
		},
		{
			// n8n cuts longer names of modes.
			displayName: 'Channel',
			name: 'channel',
			type: 'string',
			placeholder: 'e.g. class-7b',
			hint: "The channel's running recording, or its newest one if none is running",
		},
	],
};

/** What Agora's API requires of a session in addition to its sid. Only needed when there is no session record. */
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
		options: modeField.options,
		default: 'mix',
		description: 'Only without a session record: the mode the recording was started in',
	},
	{
		displayName: 'Resource ID',
		name: 'resourceId',
		type: 'string',
		default: '',
		placeholder: 'e.g. JyvK8nXHuV1BE64GDkAaBGEscv',
		description: 'Only without a session record: the resource ID that Start returned',
	},
	{
		displayName: 'UID',
		name: 'uid',
		type: 'string',
		default: '',
		placeholder: 'e.g. 527841',
		description: "Only without a session record: the recorder's UID",
	},
];

/** The recording of the field Recording. */
export interface Located {
	/** Of its files; null where no storage credential is connected. */
	bucket: Bucket | null;
	/** Its files; null where there are none, or no bucket. */
	found: LoadedSession | null;
	/** How Agora addresses it; null where neither a session record nor the options contain that. */
	session: Session | null;
}

/** Values of the options; options that are not set are absent. */
export type SessionOptions = Partial<Pick<Session, 'cname' | 'mode' | 'resourceId' | 'uid'>> & {
	appId?: string;
};

/**
 * Finds the recording of the field Recording.
 *
 * @param options values of the field Options
 * @param keepSegments whether its slices are listed one by one
 * @throws Fault when the field is empty or is not a sid, when no recording of the channel is known, or when neither
 *   the bucket nor the options have anything of it
 */
export async function locateRecording(
	context: IExecuteFunctions,
	itemIndex: number,
	options: SessionOptions,
	keepSegments = false,
): Promise<Located> {
	const { byChannel, wanted } = readLocator(context, itemIndex);
	const bucket = await bucketOf(context, options);
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

export function readLocator(context: IExecuteFunctions, itemIndex: number) {
	const { mode, value } = context.getNodeParameter('recordingId', itemIndex) as {
		mode: string;
		value: unknown;
	};
	const byChannel = mode === 'channel';
	// A channel name can begin or end with a space; around an ID it was pasted with it.
	const wanted = byChannel ? String(value ?? '') : String(value ?? '').trim();
	if (wanted.trim() === '') {
		throw new Fault('"Recording" is empty', {
			description: 'Choose a recording from the list, or enter its ID or its channel.',
		});
	}
	if (!byChannel && !isSid(wanted)) throw notASid(wanted);
	return { byChannel, wanted };
}

/**
 * @returns how Agora addresses the recording
 * @throws Fault when the bucket has files of it but no session record, and the options do not contain that
 */
export function requireSession({ session, found }: Located): Session {
	if (session !== null) return session;
	throw new Fault(`No session record found for recording ${found?.session.sid ?? ''}`, {
		description:
			'It was not started by this node. Select it by ID, and fill in Resource ID, Recording Mode, Channel Name and UID under Options.',
	});
}

/** Without a bucket the options are needed; with neither, the error about the missing credential helps. */
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
	return {
		sid,
		resourceId: resourceId.trim(),
		mode: oneOf(mode, modeField),
		cname,
		uid: String(uid).trim(),
		appId: app,
	};
}

function notASid(sid: string): Fault {
	return new Fault(`"${sid.slice(0, 80)}" is not the ID of a recording`, {
		description:
			'The ID (sid) has 32 hexadecimal digits. Start and Get Many return it. To use a channel name, choose Channel before the field.',
	});
}

function notFound(bucket: Bucket | null, wanted: string, byChannel: boolean): Fault {
	const what = byChannel ? `no recording of channel ${wanted}` : `no recording ${wanted}`;
	return new Fault(`The bucket "${bucket?.name ?? ''}" has ${what}`, {
		description: `Searched below "${bucket?.prefix ?? ''}". Files of a new recording take up to a minute to appear. Otherwise check the File Name Prefix in the Agora Recording Storage API credential.`,
		httpCode: '404',
	});
}

export const EXAMPLE_LOCATOR = { __rl: true, mode: 'channel', value: 'class-7b' };
