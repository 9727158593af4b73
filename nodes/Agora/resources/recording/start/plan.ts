import { createHash } from 'crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAppId, type Account } from '../../../agora/account';
import { isUid, MAX_UID } from '../../../agora/formats';
import { Fault } from '../../../http/errors';
import type { IndexedSession } from '../../../recordings/sessionRecord';
import { checkChannelName, oneOf, readBoolean, readJsonObject } from '../../shared/parameters';
import { deepMerge, readClientRequest, type GivenRequest } from './clientRequest';
import { serviceParam, toRequest, toReservation, type StartFields } from './request';
import { ifAlreadyRecordingField, modeField, uidModeField, type Mode } from './settings';
import { readStartStorage, type StartStorage } from './storage';
import { checkStart } from './validation';

/** A start that is ready to be sent. */
export interface StartPlan {
	appId: string;
	cname: string;
	mode: Mode;
	/** The page's URL; only in web mode. */
	url?: string;
	/** The recorder's UID; absent if it is automatic. */
	uid?: string;
	ifAlreadyRecording: 'return' | 'fail' | 'startAnother';
	/** The token from Options. */
	token?: string;
	tokenHours: number;
	/** `clientRequest` of `acquire`. */
	reservation: IDataObject;
	/** `clientRequest` of `start`, without a token. */
	request: IDataObject;
	storage: StartStorage;
	savesRecord: boolean;
	waitsForRecording: boolean;
}

/** A recording that was running before a start. */
export interface FoundRecording extends IndexedSession {
	/** Why its session record is not in the bucket, as a sentence; null if it is. */
	note: string | null;
}

/** A recording that is running after a start. */
export interface RunningRecording extends FoundRecording {
	/** Whether this start began it. */
	isNew: boolean;
}

/**
 * Reads and checks the fields of an item. Shows n8n's hints for settings that Agora ignores.
 *
 * @throws Fault naming the first field that is not valid
 */
export async function readPlan(
	context: IExecuteFunctions,
	itemIndex: number,
	account: Account,
): Promise<StartPlan> {
	const fields = readFields(context, itemIndex);
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
		readBoolean(main.partitionByDate, 'Partition by Date'),
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
		waitsForRecording: readBoolean(main.waitForRecording, 'Wait for Recording to Start'),
	};
}

function readFields(context: IExecuteFunctions, itemIndex: number): StartFields {
	// Fields of another mode are absent. n8n throws without a fallback, and undefined counts as none.
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, null) ?? undefined;
	const collection = (name: string) => (parameter(name) ?? {}) as Record<string, unknown>;
	const main = [
		...['cname', 'mode', 'uidMode', 'uid', 'channelType', 'subscribeUidGroup', 'url', 'pageSize'],
		...['maxRecordingHour', 'capture', 'captureInterval', 'fileFormats', 'clientRequest'],
		...['waitForRecording', 'partitionByDate'],
	];
	return {
		main: Object.fromEntries(main.map((name) => [name, parameter(name)])),
		picture: collection('picture'),
		subscriptions: collection('subscriptions'),
		options: collection('options'),
	};
}

/** Agora: `acquire`, `cname` of a web page recording. */
const MAX_LABEL_BYTES = 1024;

/**
 * @returns the channel name; in web mode, a label
 * @throws Fault when it is empty, when Agora doesn't accept it, or when Client Request (JSON) contains another one
 *
 * Source: Agora, cloud recording, `acquire`: `cname`.
 */
function readChannelName(value: unknown, given: GivenRequest, mode: Mode): string {
	const cname = String(value ?? '').trim() === '' ? (given.cname ?? '') : String(value);
	if (cname === '') {
		throw new Fault('"Channel Name" is empty', {
			description: 'Enter the name of the channel to record, exactly as the clients join it.',
		});
	}
	if (given.cname !== undefined && given.cname !== cname) {
		throw contradiction('Channel Name', cname, 'cname', given.cname);
	}
	if (mode !== 'web') return checkChannelName(cname);
	if (isLabel(cname)) return cname;
	throw new Fault(`"${cname.slice(0, 80)}" is not a valid label for a web page recording`, {
		description: `"Channel Name" becomes part of file names: use up to ${MAX_LABEL_BYTES} bytes without slashes and line breaks.`,
	});
}

/** A slash would create a folder, and storage lists control characters in another form. */
function isLabel(text: string): boolean {
	return Buffer.byteLength(text) <= MAX_LABEL_BYTES && !/[/\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text);
}

/**
 * @returns the recorder's UID, undefined if it is automatic
 * @throws Fault when it is not a whole number from 1 to 4294967295 (Agora: `acquire`, `uid`), or when Client Request
 *   (JSON) contains another one
 */
function readRecorderUid(main: Record<string, unknown>, given: GivenRequest): string | undefined {
	if (oneOf(main.uidMode ?? 'automatic', uidModeField) === 'automatic') {
		return given.uid === undefined ? undefined : checkUid(given.uid);
	}
	const uid = checkUid(String(main.uid ?? '').trim());
	if (given.uid === undefined || given.uid === uid) return uid;
	throw contradiction('UID', uid, 'uid', given.uid);
}

function checkUid(uid: string): string {
	if (isUid(uid)) return uid;
	throw new Fault(
		uid === '' ? '"UID" is empty' : `"${uid.slice(0, 80)}" is not a valid recorder UID`,
		{
			description: `Enter a whole number from 1 to ${MAX_UID}, or set Recorder UID to Automatic.`,
		},
	);
}

function contradiction(field: string, value: string, key: string, other: string): Fault {
	return new Fault(`"${field}" and Client Request (JSON) contradict each other`, {
		description: `The field is "${value.slice(0, 80)}", but ${key} is "${other.slice(0, 80)}". Change one of them, or remove ${key}.`,
	});
}

/** Automatic UIDs are large because apps use small ones. Agora's support recommends UIDs below 2³¹. */
export const AUTOMATIC_UIDS = { from: 1_000_000_000, to: 2_147_483_646 };

/**
 * @param endingSid the sid of a recording of the same channel that is ending and still occupies its UID
 * @returns the automatic recorder UID, always the same for the same App ID, channel, mode and page
 */
export function derivedUid({ appId, cname, mode, url = '' }: StartPlan, endingSid = ''): string {
	const { from, to } = AUTOMATIC_UIDS;
	const digest = createHash('sha256')
		.update(JSON.stringify([appId, cname, mode, url, endingSid]))
		.digest();
	return String(from + (digest.readUIntBE(0, 6) % (to - from + 1)));
}
