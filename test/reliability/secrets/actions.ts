import type { IDataObject } from 'n8n-workflow';
import {
	isRecordingFound,
	operationNamed,
	OPERATIONS,
	withSessionDetails,
	type Operation,
} from '../operations.ts';
import { REQUESTS } from '../requests.ts';

/** Something a user lets the nodes do. */
export interface Action {
	name: string;
	call:
		| { run: IDataObject; item: IDataObject }
		/** The trigger, once by its test button, or polled. */
		| { trigger: 'test' | 'poll' }
		/** The event trigger gets an event of the recording. */
		| { event: IDataObject }
		| { list: 'searchBans' | 'searchChannels' | 'searchProjects' | 'searchRecordings' };
	returns?: ReturnedSecret;
}

/** A secret that a user has asked for, and how it appears in the output. */
export interface ReturnedSecret {
	name: string;
	pattern: RegExp;
}

/** The channel that is recorded in the sandbox. */
export const CHANNEL = 'class';
/** What exists only as far as a service needs to be called with it. */
const ITEM = {
	id: '1953',
	name: 'Live classes',
	sid: 'c0ffee'.padEnd(32, '0'),
	cname: CHANNEL,
	resourceId: 'the-resource',
	uid: '42',
};

function run(name: string, parameters: IDataObject, item: IDataObject = ITEM): Action {
	return { name, call: { run: parameters, item } };
}

/** An operation of the table; `change` adds to its parameters. */
export function operationAction(
	{ resource, operation, parameters }: Operation,
	item: IDataObject = ITEM,
	change: IDataObject = {},
): Action {
	return run(`${resource} ${operation}`, { ...parameters, ...change }, item);
}

const START = operationNamed('recording', 'start');
const UPDATE = operationNamed('recording', 'update');

/** Expressions that read planted variables, so that no node parameter contains a secret. */
const ENCRYPTION = {
	decryptionMode: 7,
	decryptionSecret: '={{ $vars.decryptionSecret }}',
	decryptionSalt: '={{ $vars.decryptionSalt }}',
};
const RECORDER_TOKEN = { token: '={{ $vars.recorderToken }}' };
const RTMP_URL = '=rtmp://live.example.com/app/{{ $vars.streamKey }}';
const CLIENT_REQUEST = `={{ JSON.stringify({ storageConfig: { vendor: 1, region: 0, bucket: 'other', accessKey: 'OTHERKEY', secretKey: $vars.otherSecretKey } }) }}`;
const TEMPORARY_KEYS = {
	change: 'storageToken',
	accessKey: 'TEMPORARYKEY',
	secretKey: '={{ $vars.temporarySecretKey }}',
	stsToken: '={{ $vars.temporaryToken }}',
	stsExpiration: '={{ $now.plus({ hours: 24 }).toISO() }}',
};
const WEB_PAGE = { mode: 'web', url: 'https://example.com/live' };

function start(name: string, options: IDataObject, change: IDataObject = {}, cname = CHANNEL) {
	const all = { maxIdleTime: 3600, ...options };
	const action = operationAction(START, { cname }, { ...change, options: all });
	return { ...action, name: `recording start, ${name}` };
}

function update(name: string, change: IDataObject, options: IDataObject): Action {
	const parameters = withSessionDetails({ ...UPDATE.parameters, ...change });
	const all = { ...(parameters.options as IDataObject), ...options };
	return run(`recording update, ${name}`, { ...parameters, options: all });
}

const callsAgora = ({ requests }: Operation) =>
	requests.some((kind) => REQUESTS[kind].service === 'agora');

/** What calls Agora without a bucket. */
export const AGORA_ACTIONS: Action[] = [
	...OPERATIONS.filter((each) => callsAgora(each) && each !== START).map((each) =>
		operationAction(each, ITEM, isRecordingFound(each) ? withSessionDetails(each.parameters) : {}),
	),
	{ name: 'list of projects', call: { list: 'searchProjects' } },
	{ name: 'list of channels', call: { list: 'searchChannels' } },
	{ name: 'list of bans', call: { list: 'searchBans' } },
	update('RTMP URL', { change: 'pushAddress', rtmpUrl: RTMP_URL }, { mode: 'web' }),
	start('keys in the Client Request', {}, { clientRequest: CLIENT_REQUEST }),
];

/** What reads the bucket. */
export const BUCKET_ACTIONS: Action[] = [
	...OPERATIONS.filter(({ needs }) => needs === 'completed').map((each) => operationAction(each)),
	{ name: 'trigger poll', call: { trigger: 'poll' } },
	{ name: 'trigger test', call: { trigger: 'test' } },
	{ name: 'event', call: { event: ITEM } },
	{ name: 'list of recordings', call: { list: 'searchRecordings' } },
];

/** The name of a channel for which Agora reserves no recorder. */
export const NOT_RESERVED = 'not-reserved';
/** Without a session record, no file is written to the bucket first, so that Agora gets the bucket's keys. */
const UNSAVED = { saveSessionRecord: false };

/** What sends the keys of the bucket to Agora. */
export const START_ACTIONS: Action[] = [
	start('with a write check', ENCRYPTION),
	start('encrypted', { ...ENCRYPTION, ...UNSAVED }),
	start('no recorder reserved', UNSAVED, {}, NOT_RESERVED),
	start('own token', { ...RECORDER_TOKEN, ...UNSAVED }),
	start('web page', { rtmpUrl: RTMP_URL, ...UNSAVED }, WEB_PAGE),
];

/** Its session record cannot be saved, although the write check has passed. */
export const UNRECORDED_START = start('no session record', ENCRYPTION);

/** Reads the bucket first, so that the bucket must respond. */
export const UPDATE_KEYS = update('storage token', TEMPORARY_KEYS, {});

const CERTIFICATE: ReturnedSecret = {
	name: 'Include App Certificate',
	pattern: /"(?:app_certificate|sign_key)":"[0-9a-f]{32}"/g,
};
export const TOKEN: ReturnedSecret = {
	name: 'Token > Generate',
	pattern: /"token":"007[^"]*"/g,
};
/** The storage requires it in the URL, and it is of no use without the secret key. */
export const SESSION_TOKEN_IN_LINKS: ReturnedSecret = {
	name: 'Session Token in download links',
	pattern: /X-Amz-Security-Token=[^&"\\]*/g,
};

/** Further ways to use operations, which succeed in the sandbox once its channel is being recorded. */
export function specialActions(project: IDataObject): Action[] {
	const withCertificate = (operation: string, change: IDataObject = {}): Action => {
		const options = { includeAppCertificate: true };
		const action = operationAction(operationNamed('project', operation), project, {
			options,
			...change,
		});
		return { ...action, name: `${action.name}, certificate`, returns: CERTIFICATE };
	};
	const onWebPage = { recordingId: { __rl: true, mode: 'channel', value: 'a page' } };
	return [
		withCertificate('getAll', { returnAll: true }),
		withCertificate('get', { simplify: false }),
		withCertificate('resetAppCertificate'),
		start('own token', RECORDER_TOKEN, {}, 'refused'),
		start('keys in the Client Request', {}, { clientRequest: CLIENT_REQUEST }, 'elsewhere'),
		start('web page', { rtmpUrl: RTMP_URL }, WEB_PAGE, 'a page'),
		run('recording update, RTMP URL', {
			...UPDATE.parameters,
			...onWebPage,
			change: 'pushAddress',
			rtmpUrl: RTMP_URL,
		}),
		{ name: 'list of projects', call: { list: 'searchProjects' } },
	];
}

/** The start whose recording the other operations use. */
export const ENCRYPTED_START: IDataObject = {
	fileFormats: 'hlsMp4',
	options: { ...ENCRYPTION, maxIdleTime: 3600 },
};
