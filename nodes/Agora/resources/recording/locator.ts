import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import type { Session } from '../../agora/cloudRecording';
import { isSid } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { findNewestOfChannel, findSession, LATEST, openSession } from '../../recordings/find';
import type { ReadSession } from '../../recordings/readSession';
import {
	recentSessions,
	saveSession,
	type IndexedSession,
	type KnownSession,
	type SessionRecord,
} from '../../recordings/sessionRecord';
import { isWhole } from '../../recordings/status';
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

/** What Agora needs to know of a session in addition to its sid. Otherwise the session record has it. */
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
	found: ReadSession | null;
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

function readLocator(context: IExecuteFunctions, itemIndex: number) {
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

/** A recorder that is starting, or replaces a lost one, is not found for so long (Agora: best practices). */
export const NOT_FOUND_MS = 90_000;
/** A lost recorder's last files can be this much older than its loss: a slice takes 15 seconds, and its upload some more. */
const LAST_FILES_MS = 30_000;

/** A recording that a request can be sent to. */
export interface Target extends Located {
	session: Session;
	/** Where its files are, and its session record; null where the bucket has neither. */
	known: KnownSession | null;
}

/**
 * Sends a request to the recording of the field Recording. Of a channel it goes to the recording that Agora says is
 * running.
 *
 * @param send returns null when the session is not running
 * @param fits whether the request makes sense for a session of a channel; by default for all
 * @returns the recording and what `send` returned: null where none is running
 * @throws Fault when no recording is found or it has no session record, and what `send` throws
 */
export async function sendToRunning<Result>(
	context: IExecuteFunctions,
	itemIndex: number,
	options: SessionOptions,
	keepSegments: boolean,
	send: (target: Target) => Promise<Result | null>,
	fits: (session: Session) => boolean = () => true,
): Promise<{ target: Target; result: Result | null }> {
	const { running, over } = await findRunning(context, itemIndex, send, fits);
	if (running !== null) return running;
	const located = await locateRecording(context, itemIndex, options, keepSegments);
	const { found } = located;
	const known =
		found === null
			? null
			: { sid: found.session.sid, folder: found.session.folder, record: found.record };
	const target = { ...located, known, session: requireSession(located) };
	return { target, result: over.has(target.session.sid) ? null : await send(target) };
}

/**
 * Sends a request to the newest sessions of the channel in the field Recording, until one is running. Each one that has
 * ended is marked so in its session record.
 *
 * @returns the session and what `send` returned, null where none of the index is running or the field is no channel;
 *   and the sids of those that have ended
 * @throws what `send` throws
 */
export async function findRunning<Result>(
	context: IExecuteFunctions,
	itemIndex: number,
	send: (target: Target) => Promise<Result | null>,
	fits: (session: Session) => boolean = () => true,
): Promise<{ running: { target: Target; result: Result } | null; over: Set<string> }> {
	const { byChannel, wanted } = readLocator(context, itemIndex);
	const over = new Set<string>();
	if (!byChannel || !hasStorageCredential(context)) return { running: null, over };
	const bucket = await openBucket(context);
	for await (const known of recentSessions(bucket, wanted, LATEST)) {
		if (!isControllable(known.record) || !fits(known.record)) continue;
		const target = { bucket, found: null, session: known.record, known };
		const result = await send(target);
		if (result !== null) return { running: { target, result }, over };
		over.add(known.sid);
		await markEnded(context, bucket, known);
	}
	return { running: null, over };
}

/** Whether Agora may still be able to control a session. */
export function isControllable({
	endedAt,
	startedAt,
	resourceExpiredHour,
}: SessionRecord): boolean {
	const hours = resourceExpiredHour ?? 720;
	return endedAt === undefined && Date.now() - Date.parse(startedAt) < hours * 3_600_000;
}

/**
 * Adds the end to the session record of a session that Agora does not find, unless its recorder may only be starting or
 * being replaced. Agora does not say when it ended.
 */
export async function markEnded(
	context: IExecuteFunctions,
	bucket: Bucket,
	known: IndexedSession,
): Promise<void> {
	if (await mayComeBack(bucket, known)) return;
	await saveEnd(context, bucket, known.folder, known.record, 'already_ended');
}

/**
 * @param found its files, where they are known already
 * @returns whether a session that Agora does not find may be recording again soon: its playlists are not finished, and
 *   it is new, or files arrived a moment ago
 */
export async function mayComeBack(
	bucket: Bucket,
	known: IndexedSession,
	found: ReadSession | null = null,
): Promise<boolean> {
	const isNew = Date.now() - Date.parse(known.record.startedAt) < NOT_FOUND_MS;
	const read = found ?? (await openSession(bucket, known, false));
	if (read === null) return isNew;
	if (isWhole(read.session, read.playlists)) return false;
	return isNew || read.idleMs < NOT_FOUND_MS + LAST_FILES_MS;
}

/**
 * Adds the end to a session record, so that nothing takes the session for a running one any more. It has ended in any
 * case, so a bucket that refuses is only reported in n8n's log.
 *
 * @returns the record with its end
 */
export async function saveEnd(
	{ logger }: IExecuteFunctions,
	bucket: Bucket,
	folder: string,
	record: SessionRecord,
	uploadingStatus: string,
): Promise<SessionRecord> {
	const ended = { ...record, endedAt: new Date().toISOString(), uploadingStatus };
	await saveSession(bucket, folder, ended).catch((error: unknown) => {
		logger.warn(
			`Recording ${record.sid} has ended, but its session record could not be updated: ${(error as Error).message}`,
		);
	});
	return ended;
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
