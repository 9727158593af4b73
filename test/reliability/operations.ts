import type { IDataObject } from 'n8n-workflow';
import type { RequestKind } from './requests.ts';

/** One operation of the Agora node, with parameters that succeed in the sandbox. */
export interface Operation {
	resource: string;
	operation: string;
	/** What its input item is: an existing project or recording, or a name that nothing has yet. */
	needs: 'nothing' | 'project' | 'completed recording' | 'running recording' | 'new name';
	/** Read from the input item by expressions: a project's `id` and `name`, or a recording as Start returns it. */
	parameters: IDataObject;
	/** The requests it sends, as far as faults are injected into them. */
	requests: RequestKind[];
}

const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const PROJECT = { projectId: byId('={{ $json.id }}') };
const RECORDING = { recordingId: byId('={{ $json.sid }}') };
const CHANNEL = { cname: '={{ $json.cname }}' };
const NEW_PROJECT = { name: '={{ $json.cname }}', enableAppCertificate: true };
const USAGE = { fromDate: '2026-11-01', toDate: '2026-11-02', business: 'cloudRecording' };
const SUBSCRIPTIONS = {
	change: 'subscriptions',
	subscribeAudioUids: '1001',
	subscribeVideoUids: '1001',
};

const START: RequestKind[] = [
	'acquire',
	'start',
	'wait',
	'write record',
	'write sid index',
	'write channel index',
];
/** How a recording is found by its ID. */
const FIND: RequestKind[] = ['session index', 'listing', 'playlist'];
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
	['project', 'create', 'new name', ['create project'], NEW_PROJECT],
	// The sandbox's own projects come first, whatever others create meanwhile.
	['project', 'getAll', 'nothing', ['projects'], { returnAll: false, limit: 3 }],
	['project', 'get', 'project', ['projects'], PROJECT],
	['project', 'getUsage', 'project', ['projects', 'usage'], { ...PROJECT, ...USAGE }],
	[
		'project',
		'setAppCertificate',
		'project',
		['projects', 'change project'],
		{ ...PROJECT, enableAppCertificate: true },
	],
	['project', 'resetAppCertificate', 'project', ['projects', 'reset certificate'], PROJECT],
	[
		'project',
		'updateStatus',
		'project',
		['projects', 'change project'],
		{ ...PROJECT, status: 'enabled' },
	],
	['user', 'getCurrent', 'nothing', ['projects']],
	['token', 'generate', 'new name', [], { ...CHANNEL, uid: '1' }],
	['recording', 'start', 'new name', START, { ...CHANNEL, options: { maxIdleTime: 3600 } }],
	[
		'recording',
		'update',
		'running recording',
		['change recording', ...FIND],
		{ ...RECORDING, ...SUBSCRIPTIONS },
	],
	[
		'recording',
		'updateLayout',
		'running recording',
		['change recording', ...FIND],
		{ ...RECORDING, mixedVideoLayout: 1 },
	],
	// Waiting for the upload would leave a repeated request too little time.
	[
		'recording',
		'stop',
		'running recording',
		['stop', ...FIND],
		{ ...RECORDING, options: { waitForUpload: false } },
	],
	['recording', 'get', 'completed recording', ['query', ...FIND], RECORDING],
	[
		'recording',
		'getAll',
		'completed recording',
		SCAN,
		{ returnAll: true, filters: { cname: '={{ $json.cname }}' } },
	],
	['recording', 'download', 'completed recording', [...FIND, 'file'], RECORDING],
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

/** The same operation without a bucket: everything Agora must know of the session comes from the input item. */
export function withSessionOptions(parameters: IDataObject): IDataObject {
	const options = {
		...(parameters.options as IDataObject | undefined),
		resourceId: '={{ $json.resourceId }}',
		cname: '={{ $json.cname }}',
		uid: '={{ $json.uid }}',
		mode: 'mix',
	};
	return { ...parameters, options };
}
