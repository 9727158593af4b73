import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount, type Account } from '../../../agora/account';
import { acquire, start } from '../../../agora/cloudRecording';
import { Fault } from '../../../http/fault';
import { saveSession } from '../../../recordings/sessionRecord';
import type { SessionRecord } from '../../../recordings/sessionRecord';
import { readJsonObject } from '../../jsonObject';
import { acquireRequest, type ReservationOptions } from './acquireRequest';
import { channelFields, randomUid, readChannelName, readUid } from './channel';
import { toClientRequest, type RecordingOptions, type StartSettings } from './clientRequest';
import { fileFields } from './files';
import { mergeOver } from './mergeOver';
import { CHANNEL, type Mode } from './mode';
import { oncePerItem } from './oncePerItem';
import { options } from './options';
import { picture } from './picture';
import { readStartStorage, type StartStorage, type StorageOptions } from './storage';
import { subscriptionFields } from '../subscriptions';
import { recorderToken } from './token';
import { untilRecording } from './untilRecording';
import { checkStart } from './validation';
import { webPageFields } from './webPage';

/** In the order in which a person decides. */
export const description = (): INodeProperties[] => [
	...channelFields,
	...webPageFields,
	...fileFields,
	picture,
	{
		displayName: 'Subscriptions',
		name: 'subscriptions',
		type: 'collection',
		placeholder: 'Add users',
		default: {},
		displayOptions: { show: { mode: CHANNEL } },
		description: 'Whose audio and video is recorded. Without any, everybody’s.',
		options: subscriptionFields,
	},
	options,
	{
		displayName: 'Client Request (JSON)',
		name: 'clientRequest',
		type: 'json',
		default: '{}',
		description:
			'Anything else that Agora’s start request takes, such as { "recordingConfig": { "videoStreamType": 1 } }. It is merged over the fields above. A storageConfig with its own bucket and keys replaces the storage credential.',
		hint: 'Keep storage keys in the Agora Recording Storage API credential, not here',
	},
];

interface StartOptions extends RecordingOptions, ReservationOptions, StorageOptions {
	appId?: string;
	saveSessionRecord?: boolean;
	token?: string;
	tokenHours?: number;
	waitForRecording?: boolean;
}

/**
 * Starts a recording, once for an input item, however often n8n tries.
 *
 * @throws Fault when it was not started, or may not run
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const item = context.getInputData()[itemIndex]!;
	return await oncePerItem(item, async () => await begin(context, itemIndex));
}

/**
 * Starts a recording: reserves a recorder, makes its token, starts it, and puts the session record into the
 * bucket. A record that cannot be written does not undo the recording; the item says so.
 *
 * @throws Fault before anything is sent when a field cannot be right; afterwards it says whether a recording
 *   may be running, or which one does not record
 */
async function begin(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, '');
	const mode = parameter('mode') as Mode;
	const chosen = context.getNodeParameter('options', itemIndex, {}) as StartOptions;
	const given = readJsonObject(parameter('clientRequest'), 'Client Request (JSON)');
	const account = await readAccount(context);
	const channel = {
		appId: readAppId(chosen.appId, account),
		cname: readChannelName(parameter('cname'), mode),
		uid: parameter('uidMode') === 'specify' ? readUid(parameter('uid')) : randomUid(),
	};
	const settings = readSettings(context, itemIndex, mode);
	const ownStorage =
		given.storageConfig === undefined
			? undefined
			: readJsonObject(given.storageConfig, 'Client Request (JSON), storageConfig');
	const storage = await readStartStorage(context, ownStorage, chosen);
	const request = {
		...mergeOver(toClientRequest(settings), given),
		storageConfig: storage.config,
	};
	const reservation = acquireRequest(mode, chosen, request);
	checkStart(mode, reservation, request);
	const hours = chosen.tokenHours ?? reservation.resourceExpiredHour;
	const token = recorderToken(account, channel, mode, { given: chosen.token, hours });

	const resourceId = await acquire(context, account, channel, reservation);
	const address = { ...channel, resourceId, mode };
	const clientRequest = token === undefined ? request : { token, ...request };
	const sid = await start(context, account, address, clientRequest);
	const session = {
		sid,
		...address,
		startedAt: new Date().toISOString(),
		avFileType: formatsOf(request),
	};
	const note =
		chosen.saveSessionRecord === false
			? 'Save Session Record is switched off.'
			: await keepRecord(storage, session);
	const item = toItem(session, storage, note);
	if (!chosen.waitForRecording) return item;
	return { ...item, agora_state: await untilRecording(context, account, session) };
}

/** @returns why the record could not be kept, null when it was */
async function keepRecord(
	{ bucket, folder }: StartStorage,
	session: SessionRecord,
): Promise<string | null> {
	if (bucket === null) {
		return 'The recording is stored where this node’s storage credential cannot write.';
	}
	try {
		await saveSession(bucket, folder, session);
		return null;
	} catch (error) {
		return `The bucket did not take it: ${(error as Error).message}`;
	}
}

function toItem(
	session: SessionRecord,
	{ folder }: StartStorage,
	note: string | null,
): IDataObject {
	const { sid, resourceId, cname, uid, mode, appId, startedAt } = session;
	return {
		sid,
		resourceId,
		cname,
		uid,
		mode,
		app_id: appId,
		status: 'recording',
		started_at: startedAt,
		folder,
		session_record_saved: note === null,
		...(note !== null && { session_record_note: note }),
	};
}

function readSettings(context: IExecuteFunctions, itemIndex: number, mode: Mode): StartSettings {
	// Fields of another mode are not there; n8n wants a fallback that is not undefined.
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, null) ?? undefined;
	return {
		mode,
		url: parameter('url'),
		channelType: parameter('channelType'),
		subscribeUidGroup: parameter('subscribeUidGroup'),
		pageSize: parameter('pageSize'),
		maxRecordingHour: parameter('maxRecordingHour'),
		capture: parameter('capture'),
		captureInterval: parameter('captureInterval'),
		fileFormats: parameter('fileFormats'),
		picture: parameter('picture') ?? {},
		subscriptions: parameter('subscriptions') ?? {},
		options: parameter('options') ?? {},
	} as StartSettings;
}

function readAppId(option: string | undefined, { appId }: Account): string {
	const chosen = option?.trim() || appId;
	if (chosen !== '') return chosen;
	throw new Fault('No App ID was given', {
		description:
			'Put the App ID of your project into the Agora API credential, or into Options → App ID.',
		cause: 'configuration-invalid',
	});
}

function formatsOf({ recordingFileConfig }: IDataObject): string[] {
	if (recordingFileConfig === undefined) return [];
	const { avFileType = ['hls'] } = recordingFileConfig as { avFileType?: string[] };
	return avFileType;
}
