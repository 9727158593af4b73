import type { IDataObject } from 'n8n-workflow';
import type { RequestKind } from './requests.ts';

/** One operation of the Agora node, with parameters that succeed in the sandbox. */
export interface Operation {
	resource: string;
	operation: string;
	/** Its input item: a name that nothing has yet, a project, a ban, or a recording that is completed or running. */
	needs: 'nothing' | 'new name' | 'project' | 'ban' | 'completed' | 'running';
	/** Read from the input item by expressions: a project's `id` and `name`, a ban's `id`, or a recording as Start returns it. */
	parameters: IDataObject;
	/** The requests it sends, as far as faults are injected into them. */
	requests: RequestKind[];
}

const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const PROJECT = { projectId: byId('={{ $json.id }}') };
const RECORDING = { recordingId: byId('={{ $json.sid }}') };
const CHANNEL = { cname: '={{ $json.cname }}' };
const CREATE = { name: '={{ $json.cname }}', enableAppCertificate: true };
/** The sandbox's own projects come first, whatever others create meanwhile. */
const FIRST_PROJECTS = { returnAll: false, limit: 3 };
/** By name. */
const FIRST_CHANNEL = { returnAll: false, limit: 1 };
const inChannel = (value: string) => ({ channel: { __rl: true, mode: 'name', value } });
/** Recorded by no test; users are in it where a test needs a result. */
const IN_CHANNEL = inChannel('0');
const USER = { ...IN_CHANNEL, uid: '1001' };
/** Nobody whom other operations need. */
const NEW_BAN = { ...inChannel('={{ $json.cname }}'), uid: '4000000000', duration: 1440 };
const BAN = { banId: byId('={{ $json.id }}') };
const FIRST_BAN = { returnAll: false, limit: 1 };
const USAGE = { ...PROJECT, fromDate: '2026-11-01', toDate: '2026-11-02' };
const CERTIFICATE = { ...PROJECT, enableAppCertificate: true };
const STATUS = { ...PROJECT, status: 'enabled' };
const UPDATE = { ...RECORDING, change: 'subscriptions', subscribeAudioUids: '1001' };
const LAYOUT = { ...RECORDING, mixedVideoLayout: 1 };
/** Waiting for the upload would leave a repeated request too little time. */
const STOP = { ...RECORDING, options: { waitForUpload: false } };
const OF_CHANNEL = { returnAll: true, filters: CHANNEL };

const STARTING: RequestKind[] = [
	'acquire',
	'start',
	'wait',
	'write record',
	'write sid index',
	'write channel index',
];
/** How a recording is found by its ID. */
export const FIND: RequestKind[] = ['session index', 'listing', 'playlist'];
/** Of the event trigger. */
export const EVERY_EVENT = { product: 'recording', events: ['*'], addRecording: true };
/** How the recordings in a bucket are listed; the trigger does the same. */
export const SCAN: RequestKind[] = ['folded listing', 'listing', 'session record', 'playlist'];

type Row = [
	resource: string,
	operation: string,
	needs: Operation['needs'],
	requests: RequestKind[],
	parameters?: IDataObject,
];

/** Ordered so that each works on what those before it have created. */
const ROWS: Row[] = [
	['project', 'create', 'new name', ['create project'], CREATE],
	['project', 'getAll', 'nothing', ['projects'], FIRST_PROJECTS],
	['project', 'get', 'project', ['projects'], PROJECT],
	['project', 'getUsage', 'project', ['projects', 'usage'], USAGE],
	['project', 'setAppCertificate', 'project', ['projects', 'change project'], CERTIFICATE],
	['project', 'resetAppCertificate', 'project', ['projects', 'reset certificate'], PROJECT],
	['project', 'updateStatus', 'project', ['projects', 'change project'], STATUS],
	['user', 'getCurrent', 'nothing', ['projects']],
	['token', 'generate', 'new name', [], { ...CHANNEL, uid: '1' }],
	['recording', 'start', 'new name', STARTING, { ...CHANNEL, options: { maxIdleTime: 3600 } }],
	['recording', 'update', 'running', ['change recording', ...FIND], UPDATE],
	['recording', 'updateLayout', 'running', ['change recording', ...FIND], LAYOUT],
	['channel', 'getAll', 'nothing', ['channels'], FIRST_CHANNEL],
	['channel', 'getUsers', 'nothing', ['channel users'], { ...IN_CHANNEL, returnAll: true }],
	['channel', 'getUserStatus', 'nothing', ['user status'], USER],
	['ban', 'create', 'new name', ['create ban'], NEW_BAN],
	['ban', 'getAll', 'nothing', ['bans'], FIRST_BAN],
	['ban', 'update', 'ban', ['update ban'], { ...BAN, duration: 1440 }],
	['ban', 'delete', 'ban', ['delete ban'], BAN],
	['recording', 'stop', 'running', ['stop', ...FIND], STOP],
	['recording', 'get', 'completed', ['query', ...FIND], RECORDING],
	['recording', 'getAll', 'completed', SCAN, OF_CHANNEL],
	['recording', 'download', 'completed', [...FIND, 'file'], RECORDING],
];

export const OPERATIONS: Operation[] = ROWS.map(
	([resource, operation, needs, requests, parameters = {}]) => ({
		resource,
		operation,
		needs,
		parameters: { resource, operation, ...parameters },
		requests,
	}),
);

export function isRecordingFound({ needs }: Operation): boolean {
	return needs === 'completed' || needs === 'running';
}

/** The same operation without a bucket: everything Agora must know of the session comes from the input item. */
export function withSessionDetails(parameters: IDataObject): IDataObject {
	const sessionDetails = {
		resourceId: '={{ $json.resourceId }}',
		cname: '={{ $json.cname }}',
		uid: '={{ $json.uid }}',
		mode: 'mix',
	};
	return { ...parameters, sessionDetails };
}

export function operationNamed(resource: string, operation: string): Operation {
	return OPERATIONS.find((each) => each.resource === resource && each.operation === operation)!;
}
