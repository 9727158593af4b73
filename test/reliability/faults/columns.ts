import type { IDataObject } from 'n8n-workflow';
import type { Passing } from '../relay.ts';
import type { Kind, Service } from './kinds.ts';
import { FOREVER_SECONDS, type Subject, type World } from './world.ts';

export const TRIGGER = 'Trigger: Poll';

/** One kind of request that one operation makes. */
export interface Column {
	service: Service;
	/** `Recording: Start`; the trigger is `Trigger: Poll`. */
	operation: string;
	/** What is asked for, in a word or two. */
	request: string;
	kind: Kind;
	parameters: IDataObject;
	/** Which credentials are connected; both when left out. */
	only?: Service;
	/** Where the recordings lie. */
	prefix: 'class' | 'live';
	/** The two input items of a run. */
	subjects(world: World, run: string): Promise<[Subject, Subject]>;
	/** Whether it runs for one item: each item sends several such requests, and all items the same. */
	isAlone?: boolean;
	/** Whether a request is of this kind, whatever item it belongs to. */
	is(passing: Passing): boolean;
	/** What must be right of an item that a run gives out. */
	shape(json: IDataObject): unknown;
}

const rl = (mode: string, value: string) => ({ __rl: true, mode, value });
const asked = (method: string, path: RegExp) => (passing: Passing) =>
	passing.method === method && path.test(passing.path);

const known = (of: 'completed' | 'running' | 'projects'): Column['subjects'] => {
	return async (world) => world[of];
};
const alike: Column['subjects'] = async () => [
	{ json: {}, mark: null },
	{ json: {}, mark: null },
];
/** Items without a mark: their requests are the same, so the second one is the second item's. */
const unmarked = (of: 'projects'): Column['subjects'] => {
	return async (world) => world[of].map(({ json }) => ({ json, mark: null })) as [Subject, Subject];
};
const fresh =
	(make: (world: World, name: string) => Promise<Subject> | Subject): Column['subjects'] =>
	async (world, run) => [await make(world, `${run}-0`), await make(world, `${run}-1`)];
const named = fresh((_, name) => ({ json: { cname: name }, mark: name }));

type Rest = Partial<Column> & { fields?: IDataObject };
type Asked = [request: string, kind: Kind, is: Column['is'], rest?: Rest];

/** Makes the columns of a resource: all of them are what `common` says, but for what one says itself. */
const columnsOf =
	(resource: string, common: Pick<Column, 'prefix' | 'subjects' | 'shape'> & Partial<Column>) =>
	(
		service: Service,
		operation: string,
		title: string,
		...[request, kind, is, rest = {}]: Asked
	): Column => {
		const { fields = {}, ...changes } = rest;
		return {
			service,
			operation: `${resource}: ${title}`,
			request,
			kind,
			parameters: { resource: resource.toLowerCase(), operation, ...fields },
			is,
			...common,
			...changes,
		};
	};

const ofProjects = columnsOf('Project', {
	only: 'agora',
	prefix: 'class',
	subjects: known('projects'),
	shape: ({ id, name, status, date }) => ({ id, name, status, date }),
});
const project = (operation: string, title: string, ...asked: Asked) =>
	ofProjects('agora', operation, title, ...asked);

const PROJECTS = asked('GET', /^\/dev\/v1\/projects$/);
const BY_ID = { projectId: rl('id', '={{ $json.id }}') };
const BY_NAME = { projectId: rl('name', '={{ $json.name }}') };
const DAYS = { fromDate: '2026-11-01', toDate: '2026-11-02', business: 'cloudRecording' };
/** Looked up by its name first, and the same request for all items. */
const LOOK_UP = { subjects: unmarked('projects') };

const CONSOLE: Column[] = [
	project('getAll', 'Get Many', 'projects', 'projects', PROJECTS, {
		subjects: alike,
		shape: ({ id, name }) => ({ id, name }),
		// New projects of other cells come last.
		fields: { returnAll: false, limit: 3 },
	}),
	project('get', 'Get', 'projects', 'projects', PROJECTS, { ...LOOK_UP, fields: BY_ID }),
	project('create', 'Create', 'create', 'create project', asked('POST', /^\/dev\/v1\/project$/), {
		subjects: named,
		fields: { name: '={{ $json.cname }}' },
		shape: ({ status, certificate_enabled }) => ({ status, certificate_enabled }),
	}),
	...(
		[
			['updateStatus', 'Update Status', 'project_status', { status: 'enabled' }],
			['setAppCertificate', 'Set App Certificate', 'signkey', { enableAppCertificate: true }],
			['resetAppCertificate', 'Reset App Certificate', 'reset_signkey', {}],
		] as const
	).flatMap(([operation, title, path, fields]) => [
		project(operation, title, 'look-up', 'projects', PROJECTS, {
			...LOOK_UP,
			fields: { ...BY_NAME, ...fields },
			shape: ({ id, name }) => ({ id, name }),
		}),
		project(
			operation,
			title,
			'change',
			operation === 'resetAppCertificate' ? 'reset certificate' : 'change project',
			asked('POST', new RegExp(`^/dev/v1/${path}$`)),
			{ fields: { ...BY_ID, ...fields }, shape: ({ id, name }) => ({ id, name }) },
		),
	]),
	project('getUsage', 'Get Usage', 'look-up', 'projects', PROJECTS, {
		...LOOK_UP,
		fields: { ...BY_NAME, ...DAYS },
	}),
	project('getUsage', 'Get Usage', 'usage', 'usage', asked('GET', /^\/dev\/v3\/usage/), {
		fields: { ...BY_ID, ...DAYS },
	}),
	{
		...project('getCurrent', '', 'projects', 'projects', PROJECTS, { subjects: alike }),
		operation: 'User: Get Current',
		parameters: { resource: 'user', operation: 'getCurrent' },
		shape: ({ user }) => user,
	},
];

const recording = columnsOf('Recording', {
	prefix: 'class',
	subjects: known('completed'),
	shape: ({ sid, cname, status, duration_seconds, file_list, file, updated, layout }) => ({
		sid,
		cname,
		status,
		duration_seconds,
		files: (file_list as IDataObject[] | undefined)?.map(({ filename }) => filename),
		file,
		updated,
		layout,
	}),
});

const started: Partial<Column> = {
	subjects: named,
	prefix: 'live',
	shape: ({ mode, status, session_record_saved, agora_state }) => ({
		mode,
		status,
		session_record_saved,
		agora_state,
	}),
};
const BY_SID = { recordingId: rl('id', '={{ $json.sid }}') };
/** Everything that Agora needs to know, so that no bucket is asked. */
const ADDRESS = {
	resourceId: '={{ $json.resourceId }}',
	cname: '={{ $json.cname }}',
	uid: '={{ $json.uid }}',
	mode: 'mix',
};
const AT_AGORA = { only: 'agora', fields: { ...BY_SID, options: ADDRESS } } as const;
const UPDATE = {
	change: 'subscriptions',
	subscribeAudioUids: '1001',
	subscribeVideoUids: '1001',
};
const LAYOUT = { mixedVideoLayout: 1 };
const START = { cname: '={{ $json.cname }}', options: { maxIdleTime: 5 } };

const CLOUD_RECORDING: Column[] = [
	recording('agora', 'start', 'Start', 'acquire', 'acquire', asked('POST', /\/acquire$/), {
		...started,
		fields: START,
	}),
	recording('agora', 'start', 'Start', 'start', 'start', asked('POST', /\/start$/), {
		...started,
		fields: START,
	}),
	recording('agora', 'start', 'Start', 'query', 'wait', asked('GET', /\/query$/), {
		...started,
		fields: {
			cname: '={{ $json.cname }}',
			options: { maxIdleTime: FOREVER_SECONDS, waitForRecording: true },
		},
		subjects: fresh(({ set }, name) => ({
			json: { cname: name },
			mark: () => set.sandbox.control.sessions().find(({ cname }) => cname === name)!.sid,
		})),
	}),
	recording('agora', 'stop', 'Stop', 'stop', 'stop', asked('POST', /\/stop$/), {
		...AT_AGORA,
		// Waiting for the upload would take some of the time for another attempt.
		fields: { ...BY_SID, options: { ...ADDRESS, waitForUpload: false } },
		subjects: fresh(async (world, name) => await world.startRunning(name)),
		shape: ({ status, uploading_status }) => ({ status, uploading_status }),
	}),
	recording('agora', 'get', 'Get', 'query', 'query', asked('GET', /\/query$/), {
		...AT_AGORA,
		subjects: known('running'),
	}),
	recording('agora', 'update', 'Update', 'update', 'change recording', asked('POST', /\/update$/), {
		...AT_AGORA,
		fields: { ...AT_AGORA.fields, ...UPDATE },
		subjects: known('running'),
	}),
	recording(
		'agora',
		'updateLayout',
		'Update Layout',
		'updateLayout',
		'change recording',
		asked('POST', /\/updateLayout$/),
		{
			...AT_AGORA,
			fields: { ...AT_AGORA.fields, ...LAYOUT },
			subjects: known('running'),
		},
	),
];

const INDEX = asked('GET', /\/_sessions\/by-sid\//);
const LISTING = asked('GET', /list-type=2/);
const PLAYLIST = asked('GET', /\.m3u8(\?|$)/);
const RECORD = asked('GET', /\.session\.json(\?|$)/);

/** What an operation that is given a sid asks the bucket. */
function located(
	operation: string,
	title: string,
	rest: Partial<Column> & { fields?: IDataObject } = {},
) {
	const fields = { ...BY_SID, ...rest.fields };
	return [
		recording('bucket', operation, title, 'index', 'session index', INDEX, { ...rest, fields }),
		recording('bucket', operation, title, 'listing', 'listing', LISTING, { ...rest, fields }),
		recording('bucket', operation, title, 'playlist', 'playlist', PLAYLIST, { ...rest, fields }),
	];
}

const isFolded = (passing: Passing) => LISTING(passing) && passing.path.includes('delimiter');
const isPlainListing = (passing: Passing) => LISTING(passing) && !isFolded(passing);

const BUCKET: Column[] = [
	recording('bucket', 'start', 'Start', 'record', 'write', asked('PUT', /\.session\.json$/), {
		...started,
		fields: START,
	}),
	recording('bucket', 'start', 'Start', 'index', 'write', asked('PUT', /\/_sessions\/by-sid\//), {
		...started,
		fields: START,
	}),
	...located('get', 'Get'),
	...(
		[
			['sessions', 'folded listing', isFolded],
			['files', 'listing', isPlainListing],
			['record', 'session record', RECORD],
			['playlist', 'playlist', PLAYLIST],
		] as const
	).map(([request, kind, is]) =>
		recording('bucket', 'getAll', 'Get Many', request, kind, is, {
			fields: { returnAll: true, filters: { cname: '={{ $json.cname }}' } },
			...((kind === 'folded listing' || kind === 'listing') && { isAlone: true }),
		}),
	),
	...located('stop', 'Stop'),
	...located('update', 'Update', { fields: UPDATE, subjects: known('running'), prefix: 'live' }),
	...located('updateLayout', 'Update Layout', {
		fields: LAYOUT,
		subjects: known('running'),
		prefix: 'live',
	}),
	...located('download', 'Download'),
	recording('bucket', 'download', 'Download', 'file', 'file', asked('GET', /\.mp4(\?|$)/), {
		fields: BY_SID,
	}),
	...(
		[
			['sessions', 'folded listing', isFolded],
			['files', 'listing', isPlainListing],
			['record', 'session record', RECORD],
			['playlist', 'playlist', PLAYLIST],
		] as const
	).map(([request, kind, is]) => ({
		...recording('bucket', '', '', request, kind, is, { only: 'bucket' }),
		operation: TRIGGER,
		parameters: { event: 'recordingCompleted', options: { includeExisting: true } },
	})),
];

export const COLUMNS: Column[] = [...CONSOLE, ...CLOUD_RECORDING, ...BUCKET];
