import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import type { Session } from '../../agora/cloudRecording';
import { isSid } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { findNewestOfChannel, findSession, placeIn } from '../../recordings/find';
import type { LoadedSession } from '../../recordings/loadSession';
import { openBucket } from '../../storage/bucket';
import { hasStorageCredential } from '../../storage/credential';
import type { Bucket } from '../../storage/types';
import { oneOf } from '../shared/parameters';
import { modeField } from './start/settings';

/** The names of the modes are short because the editor cuts longer ones, such as "By Channel". */
const locator = (searchListMethod: string, hint: string): INodeProperties => ({
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
			hint,
			typeOptions: { searchListMethod, searchable: true },
		},
		{
			displayName: 'ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 38f8e3cfdc474cd56fc1ceba380d7e1a',
			hint: 'The session ID (sid) returned by Start, or the name of one of its files',
		},
		{
			displayName: 'Channel',
			name: 'channel',
			type: 'string',
			placeholder: 'e.g. class-7b',
			hint: "The channel's running recording, or its newest one if none is running",
		},
	],
});

export const recordingLocator = (): INodeProperties =>
	locator(
		'searchRecordings',
		'Recordings in the bucket, newest first. Search by channel, ID, date or status.',
	);

/** For operations that only a running recording accepts. */
export const runningRecordingLocator = (): INodeProperties =>
	locator(
		'searchRunningRecordings',
		'Running recordings in the bucket, newest first. Search by channel, ID or date.',
	);

/** What Agora's API requires of a session in addition to its sid, where there is no session record. */
export const sessionDetails = (): INodeProperties => ({
	displayName: 'Session Details (Without Session Record)',
	name: 'sessionDetails',
	type: 'collection',
	placeholder: 'Add detail',
	default: {},
	description: 'Only needed for a recording that another program started, selected by ID',
	options: [
		{
			displayName: 'Channel Name',
			name: 'cname',
			type: 'string',
			default: '',
			placeholder: 'e.g. class-7b',
			description: 'The channel of the recording',
		},
		{
			displayName: 'Recording Mode',
			name: 'mode',
			type: 'options',
			options: modeField.options,
			default: 'mix',
			description: 'The mode that the recording was started in',
		},
		{
			displayName: 'Resource ID',
			name: 'resourceId',
			type: 'string',
			default: '',
			placeholder: 'e.g. JyvK8nXHuV1BE64GDkAaBGEscv',
			description: 'The resource ID that the start request returned',
		},
		{
			displayName: 'UID',
			name: 'uid',
			type: 'string',
			default: '',
			placeholder: 'e.g. 527841',
			description: "The recorder's UID",
		},
	],
});

/** The recording of the field Recording. */
export interface Located {
	/** Of its files; null where no storage credential is connected. */
	bucket: Bucket | null;
	/** Its files; null where there are none, or no bucket. */
	found: LoadedSession | null;
	/** How Agora addresses it; null where neither a session record nor the options contain that. */
	session: Session | null;
}

/** Values of Session Details; what is not set is absent. */
type SessionDetails = Partial<Pick<Session, 'cname' | 'mode' | 'resourceId' | 'uid'>>;

/**
 * Finds the recording of the field Recording.
 *
 * @param keepSegments whether its segments are listed one by one
 * @throws Fault when the field is empty or contains no sid, when no recording of the channel is known, or when neither
 *   the bucket nor Session Details have anything of it
 */
export async function locateRecording(
	context: IExecuteFunctions,
	itemIndex: number,
	keepSegments = false,
): Promise<Located> {
	const { byChannel, wanted } = readLocator(context, itemIndex);
	if (byChannel) {
		const bucket = await openBucket(context);
		const { found, similar } = await findNewestOfChannel(bucket, wanted, keepSegments);
		if (found === null) throw notFound(bucket, `no recording of channel ${wanted}`, similar);
		return { bucket, found, session: found.record };
	}
	const details = context.getNodeParameter('sessionDetails', itemIndex, {}) as SessionDetails;
	const known = await sessionOf(context, wanted, details);
	// With neither a bucket nor Session Details, the error about the missing credential helps.
	if (!hasStorageCredential(context) && known !== null) {
		return { bucket: null, found: null, session: known };
	}
	const bucket = await openBucket(context);
	const found = await findSession(bucket, wanted, keepSegments);
	const session = found?.record ?? known;
	if (found === null && session === null) throw notFound(bucket, `no recording ${wanted}`);
	return { bucket, found, session };
}

/** A sid at the beginning of a file name, which may be part of a key or of a link. */
const SID_IN_NAME = /(?:^|[/=]|%2F)(?:bak\d+_)?([0-9a-f]{32})_/i;

export function readLocator(context: IExecuteFunctions, itemIndex: number) {
	const { mode, value } = context.getNodeParameter('recordingId', itemIndex) as {
		mode: string;
		value: unknown;
	};
	const byChannel = mode === 'channel';
	// A channel name can begin or end with a space; around an ID it was pasted with it.
	const text = byChannel ? String(value ?? '') : String(value ?? '').trim();
	const wanted = byChannel ? text : (SID_IN_NAME.exec(text)?.[1] ?? text);
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
			'It was not started by this node. Select it by ID, and fill in Channel Name, Recording Mode, Resource ID and UID under Session Details.',
	});
}

async function sessionOf(
	context: IExecuteFunctions,
	sid: string,
	{ cname = '', mode = 'mix', resourceId, uid = '' }: SessionDetails,
): Promise<Session | null> {
	if (!resourceId) return null;
	const { appId } = await readAccount(context);
	return {
		sid,
		resourceId: resourceId.trim(),
		mode: oneOf(mode, modeField),
		cname,
		uid: String(uid).trim(),
		appId,
	};
}

function notASid(sid: string): Fault {
	return new Fault(`"${sid.slice(0, 80)}" is not the ID of a recording`, {
		description:
			'The ID (sid) has 32 hexadecimal digits. Start and Get Many return it. To use a channel name, change ID to Channel.',
	});
}

function notFound(bucket: Bucket, what: string, similar: string[] = []): Fault {
	const others = similar.map((channel) => `"${channel}"`).join(', ');
	return new Fault(`The bucket "${bucket.name}" has ${what}`, {
		description:
			others === ''
				? `Searched ${placeIn(bucket)}. Files of a new recording take up to a minute to appear. Otherwise check the File Name Prefix in the Agora Recording Storage API credential.`
				: `There are recordings of ${others}; channel names are case-sensitive.`,
		httpCode: '404',
	});
}

export const EXAMPLE_LOCATOR = { __rl: true, mode: 'channel', value: 'class-7b' };
