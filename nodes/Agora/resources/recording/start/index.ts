import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount, type Account } from '../../../agora/account';
import type { Session } from '../../../agora/cloudRecording';
import { isUid, MAX_UID } from '../../../agora/formats';
import { Fault } from '../../../http/errors';
import {
	recordedStorage,
	saveSession,
	saveUnanswered,
	type SessionRecord,
} from '../../../recordings/sessionRecord';
import type { Example, OperationDescription } from '../../shared/operation';
import { checkChannelName, oneOf, readBoolean, readJsonObject } from '../../shared/parameters';
import { deepMerge, readClientRequest, type GivenRequest } from './clientRequest';
import { alreadyRecording, oncePerItem, startOnce, startRecorder, type Plan } from './recorder';
import { serviceParam, toRequest, toReservation, type StartFields } from './request';
import {
	ifAlreadyRecordingField,
	modeField,
	startFields,
	uidModeField,
	type Mode,
} from './settings';
import { checkWritable, readStartStorage, type StartStorage } from './storage';
import { checkStart } from './validation';
import { waitUntilRecording } from './waitUntilRecording';
import { EXAMPLE_RESOURCE_ID, EXAMPLE_SESSION } from '../../shared/recordingFields';

export const description: OperationDescription = {
	name: 'Start',
	value: 'start',
	action: 'Start recording',
	description: 'Start recording a channel or a web page',
	fields: startFields,
};

/**
 * Starts a recording, once for an input item, however often n8n tries.
 *
 * @throws Fault when it was not started, or may not be recording
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const item = context.getInputData()[itemIndex]!;
	return await oncePerItem(item, async () => await begin(context, itemIndex));
}

/**
 * Starts a recording: checks the fields and the bucket, reserves a recorder, starts it, and saves its session record. A
 * record that cannot be saved does not undo the recording; the item says so.
 *
 * @throws Fault before anything is started when a field or the bucket is not right; afterwards it says whether a
 *   recording may be running, or which one does not record
 */
async function begin(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const fields = readFields(context, itemIndex);
	const account = await readAccount(context);
	const plan = await makePlan(context, account, fields);
	const item = await startOnce(
		account,
		plan,
		async () => await startAndSave(context, account, plan),
		(other) => {
			if (plan.ifAlreadyRecording === 'fail') throw alreadyRecording(other as unknown as Session);
			return { ...other, already_recording: true };
		},
	);
	if (!readBoolean(fields.options.waitForRecording, 'Wait for Recording to Start')) return item;
	const { resourceId, ...rest } = item;
	const { app_id: appId, uid, mode, sid, cname } = item;
	const session = { appId, uid, mode, sid, cname, resourceId } as unknown as Session;
	const state = await waitUntilRecording(context, account, session);
	return { ...rest, agora_state: state, resourceId };
}

async function startAndSave(
	context: IExecuteFunctions,
	account: Account,
	plan: StartPlan,
): Promise<IDataObject> {
	const { storage, savesRecord } = plan;
	const { bucket, folder } = storage;
	if (savesRecord && bucket !== null) await checkWritable(context);
	const details = (startedAt: Date) => ({
		startedAt: startedAt.toISOString(),
		avFileType: formatsOf(plan.request),
		resourceExpiredHour: Number(plan.reservation.resourceExpiredHour),
		storage: recordedStorage(storage.config),
	});
	const running = await startRecorder(context, account, bucket, plan, async (start, sentAt) => {
		if (!savesRecord || bucket === null) return;
		// The error of the start is the one to report.
		await saveUnanswered(bucket, folder, { ...start, ...details(sentAt) }).catch(() => undefined);
	});
	if (running.alreadyRecording) {
		const { known } = running;
		return toItem(known.record, known.folder, null, true);
	}
	const record: SessionRecord = { ...running.session, ...details(new Date()) };
	const note = savesRecord
		? await saveRecord(storage, record)
		: 'Save Session Record is turned off.';
	return toItem(record, folder, note, false);
}

function readFields(context: IExecuteFunctions, itemIndex: number): StartFields {
	// Fields of another mode are absent; n8n needs a fallback that is not undefined.
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, null) ?? undefined;
	const collection = (name: string) => (parameter(name) ?? {}) as Record<string, unknown>;
	const main = [
		...['cname', 'mode', 'uidMode', 'uid', 'channelType', 'subscribeUidGroup', 'url', 'pageSize'],
		...['maxRecordingHour', 'capture', 'captureInterval', 'fileFormats', 'clientRequest'],
	];
	return {
		main: Object.fromEntries(main.map((name) => [name, parameter(name)])),
		picture: collection('picture'),
		subscriptions: collection('subscriptions'),
		options: collection('options'),
	};
}

interface StartPlan extends Plan {
	storage: StartStorage;
	savesRecord: boolean;
}

/** @throws Fault naming the first field that is not right */
async function makePlan(
	context: IExecuteFunctions,
	account: Account,
	fields: StartFields,
): Promise<StartPlan> {
	const { main, options } = fields;
	const mode = oneOf<Mode>(main.mode, modeField);
	const given = readClientRequest(
		main.clientRequest ?? {},
		readBoolean(options.allowUnknown, 'Allow Unknown Settings'),
	);
	const appId = readAppId(options.appId, account);
	const cname = readChannelName(main.cname, given, mode);
	const uid = readRecorderUid(main, given);
	const { reservation: reserved, clientRequest, storageExtension } = toRequest(mode, fields);
	const storage = await readStartStorage(
		context,
		given.settings.storageConfig === undefined
			? undefined
			: readJsonObject(given.settings.storageConfig, 'Client Request (JSON), storageConfig'),
		storageExtension,
		readBoolean(options.partitionByDate, 'Partition by Date'),
	);
	const request = { ...deepMerge(clientRequest, given.settings), storageConfig: storage.config };
	const reservation = toReservation(mode, reserved, request);
	const hints = checkStart(mode, reservation, request);
	for (const message of hints) context.addExecutionHints({ message, location: 'outputPane' });
	return {
		appId,
		cname,
		mode,
		url: serviceParam(request, 'page')?.url as string | undefined,
		uid,
		ifAlreadyRecording: oneOf(options.ifAlreadyRecording ?? 'return', ifAlreadyRecordingField),
		token: options.token === undefined ? undefined : String(options.token),
		tokenHours: Number(options.tokenHours ?? reservation.resourceExpiredHour),
		reservation,
		request,
		storage,
		savesRecord: readBoolean(options.saveSessionRecord, 'Save Session Record', true),
	};
}

function readAppId(option: unknown, { appId }: Account): string {
	const chosen = String(option ?? '').trim() || appId;
	if (chosen !== '') return chosen;
	throw new Fault('No App ID is set', {
		description:
			'Enter the App ID of your project in the Agora API credential, or under Options > App ID.',
		cause: 'configuration-invalid',
	});
}

/** Agora: acquire, a web page's label. */
const MAX_LABEL_BYTES = 1024;

/**
 * @returns the channel name, or in web mode the label
 * @throws Fault when it is empty, is not one that Agora accepts, or differs from the one in Client Request (JSON)
 *
 * Source: Agora, cloud recording, `acquire`: `cname`.
 */
function readChannelName(value: unknown, given: GivenRequest, mode: Mode): string {
	const cname = String(value ?? '').trim() === '' ? (given.cname ?? '') : String(value);
	if (cname.trim() === '') {
		throw new Fault('"Channel Name" is empty', {
			description: 'Enter the name of the channel to record, exactly as the clients join it.',
		});
	}
	if (given.cname !== undefined && given.cname !== cname) {
		throw contradicts('Channel Name', cname, 'cname', given.cname);
	}
	if (mode !== 'web') return checkChannelName(cname);
	if (isLabel(cname)) return cname;
	throw new Fault(`"${cname.slice(0, 80)}" is not a valid channel name`, {
		description: `The label can have up to ${MAX_LABEL_BYTES} bytes, without slashes and line breaks: it becomes part of file names.`,
	});
}

/** A slash would make a folder, and control characters a name that storage does not list as it is. */
function isLabel(text: string): boolean {
	return Buffer.byteLength(text) <= MAX_LABEL_BYTES && !/[/\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text);
}

/**
 * @returns the recorder's UID where the fields or Client Request (JSON) specify one
 * @throws Fault when it is not a whole number from 1 to 4294967295 (Agora: acquire, `uid`), or they differ
 */
function readRecorderUid(main: Record<string, unknown>, given: GivenRequest): string | undefined {
	if (oneOf(main.uidMode ?? 'automatic', uidModeField) === 'automatic') {
		return given.uid === undefined ? undefined : checkUid(given.uid);
	}
	const uid = checkUid(String(main.uid ?? '').trim());
	if (given.uid === undefined || given.uid === uid) return uid;
	throw contradicts('UID', uid, 'uid', given.uid);
}

function checkUid(uid: string): string {
	if (isUid(uid)) return uid;
	throw new Fault(
		uid === '' ? '"UID" is empty' : `"${uid.slice(0, 80)}" can't be the UID of a recorder`,
		{
			description: `Enter a whole number from 1 to ${MAX_UID}, or set Recorder UID to Automatic.`,
		},
	);
}

function contradicts(field: string, value: string, key: string, other: string): Fault {
	return new Fault(`"${field}" and Client Request (JSON) contradict each other`, {
		description: `The field is "${value.slice(0, 80)}", but ${key} is "${other.slice(0, 80)}". Change one of them, or remove ${key}.`,
	});
}

function formatsOf({ recordingFileConfig }: IDataObject): string[] {
	if (recordingFileConfig === undefined) return [];
	const { avFileType = ['hls'] } = recordingFileConfig as { avFileType?: string[] };
	return avFileType;
}

/** @returns why the record could not be saved, null when it was */
async function saveRecord(
	{ bucket, folder }: StartStorage,
	session: SessionRecord,
): Promise<string | null> {
	if (bucket === null) {
		return "The recording is stored in a bucket that this node's storage credential cannot write to.";
	}
	try {
		await saveSession(bucket, folder, session);
		return null;
	} catch (error) {
		return `The bucket refused it: ${(error as Error).message}`;
	}
}

function toItem(
	{ sid, cname, uid, mode, appId, startedAt, resourceId }: SessionRecord,
	folder: string,
	note: string | null,
	isAlready: boolean,
): IDataObject {
	return {
		sid,
		cname,
		status: 'recording',
		already_recording: isAlready,
		mode,
		uid,
		app_id: appId,
		started_at: startedAt,
		folder,
		session_record_saved: note === null,
		...(note !== null && { session_record_note: note }),
		resourceId,
	};
}

export const example = (): Example => ({
	parameters: {
		cname: 'class-7b',
		mode: 'mix',
		uidMode: 'automatic',
		channelType: 1,
		fileFormats: 'hlsMp4',
		options: { maxIdleTime: 60, partitionByDate: true },
	},
	result: {
		...EXAMPLE_SESSION,
		status: 'recording',
		already_recording: false,
		app_id: '0123456789abcdef0123456789abcdef',
		started_at: '2026-11-23T08:00:04.311Z',
		folder: 'recordings/school/20261123/',
		session_record_saved: true,
		resourceId: EXAMPLE_RESOURCE_ID,
	},
});
