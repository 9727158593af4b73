import type { IDataObject } from 'n8n-workflow';
import {
	EVERY_EVENT,
	FIND,
	isRecordingFound,
	OPERATIONS,
	SCAN,
	withSessionDetails,
	type Operation,
} from '../operations.ts';
import { REQUESTS, type RequestKind, type Service } from '../requests.ts';

export const TRIGGER = 'trigger poll';
/** An event of a recording, to which the event trigger adds the recording. */
export const EVENT = 'event';

/** One kind of request that one operation sends: a column of the matrix. */
export interface Column {
	/** `<resource> <operation>`, `TRIGGER` or `EVENT`. */
	operation: string;
	kind: RequestKind;
	service: Service;
	parameters: IDataObject;
	/** Whether the other service has a credential too. */
	hasOtherService: boolean;
	/** The two input items of a run. */
	needs: Operation['needs'] | 'new recording' | 'new ban';
	/** Whether it runs with one item, because all items send several such requests that are the same. */
	isAlone: boolean;
}

export const COLUMNS: Column[] = [
	...OPERATIONS.flatMap((operation) => operation.requests.map((kind) => columnOf(operation, kind))),
	...SCAN.map((kind): Column => ({
		operation: TRIGGER,
		kind,
		service: 'bucket',
		parameters: { event: 'recordingCompleted', options: { includeExisting: true } },
		hasOtherService: false,
		needs: 'nothing',
		isAlone: true,
	})),
	...FIND.map((kind): Column => ({
		operation: EVENT,
		kind,
		service: 'bucket',
		parameters: EVERY_EVENT,
		hasOtherService: false,
		needs: 'completed',
		isAlone: false,
	})),
];

export function columnName({ operation, kind }: Column): string {
	return `${operation}, ${kind}`;
}

function columnOf(each: Operation, kind: RequestKind): Column {
	const { resource, operation } = each;
	const { service } = REQUESTS[kind];
	const isFound = isRecordingFound(each);
	return {
		operation: `${resource} ${operation}`,
		kind,
		service,
		parameters: parametersOf(each, kind),
		hasOtherService: resource === 'recording' && !(isFound && service === 'agora'),
		needs: needsOf(each, kind),
		isAlone: operation === 'getAll' && kind.endsWith('listing'),
	};
}

function parametersOf(each: Operation, kind: RequestKind): IDataObject {
	const { needs, parameters } = each;
	// A project is looked up only by its name.
	if (kind === 'projects' && needs === 'project')
		return { ...parameters, projectId: { __rl: true, mode: 'name', value: '={{ $json.name }}' } };
	if (kind === 'wait') return { ...parameters, waitForRecording: true };
	return isRecordingFound(each) && REQUESTS[kind].service === 'agora'
		? withSessionDetails(parameters)
		: parameters;
}

function needsOf({ operation, needs }: Operation, kind: RequestKind): Column['needs'] {
	if (kind === 'stop') return 'new recording';
	if (kind === 'delete ban') return 'new ban';
	// A shared recording must keep running.
	if (operation === 'stop') return 'completed';
	return kind === 'query' ? 'running' : needs;
}

/** Output fields that do not depend on the run, for existing projects and recordings and for new ones. */
const STABLE_FIELDS = {
	existing: [
		...['id', 'name', 'date', 'user', 'sid', 'cname'],
		...['duration_seconds', 'file', 'updated', 'layout'],
	],
	new: ['status', 'mode', 'uploading_status', 'session_record_saved'],
};

/** The part of an output item that is the same in every run without a fault. */
export function stablePart({ needs }: Column, json: IDataObject): IDataObject {
	const isNew = needs.startsWith('new');
	const fields = STABLE_FIELDS[isNew ? 'new' : 'existing'];
	const stable = Object.fromEntries(fields.map((name) => [name, json[name] ?? null]));
	if (isNew) return stable;
	const files = json.file_list as IDataObject[] | undefined;
	return {
		...stable,
		files: files?.map(({ filename }) => filename) ?? null,
		// Other runs change the status of a project.
		status: json.sid === undefined ? null : json.status,
	};
}
