import { randomInt } from 'crypto';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount, type Account } from '../../agora/account';
import { acquire, start } from '../../agora/cloudRecording';
import { rtcToken } from '../../agora/rtcToken';
import { Fault } from '../../http/fault';
import { saveSessionRecord, type SessionRecord } from '../../recordings/sessionRecord';
import { readJsonObject } from '../jsonObject';
import { showFor } from '../showFor';
import { mergeOver, toClientRequest, type Mode, type StartSettings } from './clientRequest';
import { startFields } from './startFields';
import { readStartStorage, type StartStorage } from './startStorage';

export const description: INodeProperties[] = showFor('recording', 'start', startFields);

interface StartOptions {
	appId?: string;
	resourceExpiredHour?: number;
	saveSessionRecord?: boolean;
	token?: string;
}

/** Agora: `acquire`, `resourceExpiredHour`. */
const DEFAULT_CONTROL_HOURS = 72;

/**
 * Starts a recording: reserves a recorder, makes its token, starts it, and puts the session record into the
 * bucket. A record that cannot be written does not undo the recording; the item says so.
 *
 * @throws Fault before anything is sent when a field cannot be right; afterwards it says whether a recording
 *   may be running
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, '');
	const mode = parameter('mode') as Mode;
	const options = context.getNodeParameter('options', itemIndex, {}) as StartOptions;
	const given = readJsonObject(parameter('clientRequest'), 'Client Request (JSON)');
	const account = await readAccount(context);
	const channel = {
		appId: readAppId(options.appId, account),
		cname: readChannelName(parameter('cname'), mode),
		uid: parameter('uidMode') === 'specify' ? readUid(parameter('uid')) : randomUid(),
	};
	const settings = readSettings(context, itemIndex, mode);
	const storage = await readStartStorage(context, given.storageConfig as IDataObject | undefined);
	const hours = options.resourceExpiredHour ?? DEFAULT_CONTROL_HOURS;
	const token = options.token || automaticToken(account, channel, mode, hours);
	const clientRequest = {
		...mergeOver({ ...(token && { token }), ...toClientRequest(settings) }, given),
		storageConfig: storage.config,
	};

	const resourceId = await acquire(context, account, channel, {
		scene: mode === 'web' ? 1 : 0,
		resourceExpiredHour: hours,
	});
	const sid = await start(context, account, { ...channel, resourceId, mode }, clientRequest);
	const session = {
		sid,
		resourceId,
		...channel,
		mode,
		startedAt: new Date().toISOString(),
		avFileType: formatsOf(clientRequest),
	};
	const note =
		options.saveSessionRecord === false
			? 'Save Session Record is switched off.'
			: await keepRecord(storage, session);
	return toItem(session, storage, note);
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
		await saveSessionRecord(bucket, folder, session);
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
	const url = String(parameter('url') ?? '').trim();
	if (mode === 'web' && !/^https?:\/\/[^/]/i.test(url)) {
		throw new Fault('The field ‘Page URL’ is not a web address', {
			description: 'Write it like https://example.com/live/7b.',
		});
	}
	return {
		mode,
		url,
		channelType: parameter('channelType'),
		subscribeUidGroup: parameter('subscribeUidGroup'),
		pageSize: parameter('pageSize'),
		maxRecordingHour: parameter('maxRecordingHour'),
		fileFormats: parameter('fileFormats'),
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

/** Agora, RTC SDK: 64 bytes of these; a web page recording takes any label of 1,024 bytes. */
const RTC_CHANNEL = /^[\w !#$%&()+\-:;<=.>?@[\]^{|}~,]{1,64}$/;
const MAX_LABEL_BYTES = 1024;

function readChannelName(value: unknown, mode: Mode): string {
	const cname = String(value ?? '');
	if (cname.trim() === '') {
		throw new Fault('The field ‘Channel Name’ is empty', {
			description: 'Name the channel to record, exactly as the clients join it.',
		});
	}
	const fits = mode === 'web' ? isLabel(cname) : RTC_CHANNEL.test(cname);
	if (fits) return cname;
	throw new Fault(`Agora has no channel named ‘${cname.slice(0, 80)}’`, {
		description:
			mode === 'web'
				? `The label may have ${MAX_LABEL_BYTES} bytes and no slash: it becomes part of file names.`
				: 'A channel name has 1 to 64 characters: a-z, A-Z, 0-9, space and ! # $ % & ( ) + - : ; < = . > ? @ [ ] ^ _ { | } ~ ,',
	});
}

/** Agora's list of characters that names cannot hold lacks the slash, which would make a folder. */
function isLabel(text: string): boolean {
	return Buffer.byteLength(text) <= MAX_LABEL_BYTES && !text.includes('/');
}

const MAX_UID = 4_294_967_295;

function readUid(value: unknown): string {
	const uid = String(value ?? '').trim();
	if (/^[1-9]\d{0,9}$/.test(uid) && Number(uid) <= MAX_UID) return uid;
	throw new Fault(`‘${uid}’ cannot be the UID of a recorder`, {
		description: `Give a whole number from 1 to ${MAX_UID}, or choose Automatic as Recorder UID.`,
	});
}

/** Large, as apps hand out small ones; below 2³¹, as Agora's support advises. */
function randomUid(): string {
	return String(randomInt(1_000_000_000, 2_147_483_647));
}

/** A web page needs no token, and the certificate makes tokens for its own project only. */
function automaticToken(
	{ appId, appCertificate }: Account,
	channel: { appId: string; cname: string; uid: string },
	mode: Mode,
	hours: number,
): string | undefined {
	if (mode === 'web' || appCertificate === '' || channel.appId !== appId) return undefined;
	const { cname, uid } = channel;
	return rtcToken({ appId, appCertificate, channel: cname, uid, lifetimeSeconds: hours * 3600 });
}

function formatsOf(clientRequest: IDataObject): string[] {
	const files = clientRequest.recordingFileConfig as { avFileType?: unknown } | undefined;
	return Array.isArray(files?.avFileType) ? files.avFileType.map(String) : ['hls'];
}
