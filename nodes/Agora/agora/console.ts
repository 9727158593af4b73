import type { IDataObject } from 'n8n-workflow';
import type { Context } from '../http/concurrency';
import { Fault } from '../http/errors';
import type { Account } from './account';
import { withWarning } from './errors';
import { agoraRequest, incompleteResponse, type AgoraCall } from './request';
import { isObject } from './formats';

/**
 * A project in Agora's console API. `sign_key` is the App Certificate, a secret; Agora's Chinese edition omits it.
 * Source: Agora, console REST API.
 */
export interface AgoraProject extends IDataObject {
	id: string;
	name: string;
	/** The App ID. */
	vendor_key: string;
	sign_key?: string;
	recording_server?: string | null;
	/** 1 enabled, 0 disabled. */
	status: number;
	/** Unix seconds according to the documentation; milliseconds have been observed. */
	created: number;
}

/**
 * @returns all projects of the account, in Agora's order. The API has no pages and no filter.
 * @throws Fault when Agora refuses
 */
export async function listProjects(context: Context, account: Account): Promise<AgoraProject[]> {
	const name = 'list the projects';
	const { projects, project } = await agoraRequest(context, account, {
		name,
		method: 'GET',
		path: '/dev/v1/projects',
		limitedBy: account.customerId,
	});
	// Agora's Chinese edition names its lists in the singular.
	return listOf<AgoraProject>(projects ?? project, name, 'list of projects');
}

/**
 * Creates a project. The request is not repeated, because Agora may have created the project despite an error.
 *
 * @param project its name (1 to 255 characters, unique) and whether to enable an App Certificate
 * @returns the new project
 * @throws Fault when Agora refuses, for example because the name is taken. If the project may have been created, the
 *   error contains a warning.
 */
export async function createProject(
	context: Context,
	account: Account,
	project: { name: string; enable_sign_key: boolean },
): Promise<AgoraProject> {
	try {
		return await changeProject(context, account, {
			name: `create the project ${project.name}`,
			path: '/dev/v1/project',
			body: project,
			isRepeatable: false,
		});
	} catch (error) {
		if (await isNameTaken(context, account, project.name, error)) throw nameTaken(project.name);
		throw withWarning(
			error,
			'The project may have been created. Check the Agora Console before you create it again.',
		);
	}
}

/** Agora doesn't document its error for a taken name, so the list of projects is checked. */
async function isNameTaken(
	context: Context,
	account: Account,
	name: string,
	error: unknown,
): Promise<boolean> {
	if (!(error instanceof Fault) || error.details.httpCode !== '400') return false;
	const projects = await listProjects(context, account).catch(() => []);
	return projects.some((each) => String(each.name).toLowerCase() === name.toLowerCase());
}

function nameTaken(name: string): Fault {
	return new Fault(`A project named "${name}" already exists`, {
		description:
			'Choose another name. Project names are unique in an Agora account; Project > Get returns the existing one.',
		httpCode: '400',
	});
}

/**
 * Enables or disables a project. Source: Agora, console REST API, "Disable or enable a project".
 *
 * @returns the changed project
 * @throws Fault when Agora refuses, for example because the project does not exist
 */
export async function setProjectStatus(
	context: Context,
	account: Account,
	id: string,
	enabled: boolean,
): Promise<AgoraProject> {
	return await changeProject(context, account, {
		name: `${enabled ? 'enable' : 'disable'} project ${id}`,
		path: '/dev/v1/project_status',
		body: { id, status: enabled ? 1 : 0 },
	});
}

/**
 * Enables or disables the primary App Certificate of a project. Source: Agora, console REST API, "Enable or disable the
 * primary app certificate".
 *
 * @returns the changed project
 * @throws Fault when Agora refuses, for example because the project does not exist
 */
export async function setAppCertificate(
	context: Context,
	account: Account,
	id: string,
	enabled: boolean,
): Promise<AgoraProject> {
	return await changeProject(context, account, {
		name: `${enabled ? 'enable' : 'disable'} the App Certificate of project ${id}`,
		path: '/dev/v1/signkey',
		body: { id, enable: enabled },
	});
}

/**
 * Replaces the primary App Certificate of a project and enables it. The request is not repeated, because Agora may have
 * replaced the certificate despite an error. Source: Agora, console REST API, "Reset the primary app certificate".
 *
 * @returns the changed project
 * @throws Fault when Agora refuses. If the certificate may have changed, the error contains a warning.
 */
export async function resetAppCertificate(
	context: Context,
	account: Account,
	id: string,
): Promise<AgoraProject> {
	try {
		return await changeProject(context, account, {
			name: `reset the App Certificate of project ${id}`,
			path: '/dev/v1/reset_signkey',
			body: { id },
			isRepeatable: false,
		});
	} catch (error) {
		throw withWarning(
			error,
			'The certificate may have changed. Check the Agora Console before you reset it again.',
		);
	}
}

/** The `business` parameter of Agora's "Get project usage". */
export type Business = 'default' | 'cloudRecording' | 'miniapp' | 'recording' | 'transcodeDuration';

/** The usage of a project on one day. */
export interface AgoraUsage extends IDataObject {
	/** Unix time according to the documentation's table, ISO 8601 in its example. */
	date: number | string;
	/** Seconds by type, such as `durationAudioAll`. */
	usage: IDataObject;
}

/**
 * @param request `id` of the project, first and last day in UTC such as 2026-11-23
 * @returns one entry per day, in Agora's order. Source: Agora, console REST API, "Get project usage".
 * @throws Fault when Agora refuses
 */
export async function getUsage(
	context: Context,
	account: Account,
	{ id, from, to, business }: { id: string; from: string; to: string; business: Business },
): Promise<AgoraUsage[]> {
	const name = `get the usage of project ${id}`;
	const query = new URLSearchParams({ project_id: id, from_date: from, to_date: to, business });
	const { usages } = await agoraRequest(context, account, {
		name,
		method: 'GET',
		path: `/dev/v3/usage?${query.toString()}`,
		limitedBy: account.customerId,
	});
	return listOf<AgoraUsage>(usages, name, 'list of usages');
}

async function changeProject(
	context: Context,
	account: Account,
	change: Pick<AgoraCall, 'name' | 'path' | 'body' | 'isRepeatable'>,
): Promise<AgoraProject> {
	const { project } = await agoraRequest(context, account, {
		...change,
		method: 'POST',
		limitedBy: account.customerId,
	});
	// Agora's Chinese edition responds with a list of one project.
	const only: unknown = Array.isArray(project) ? project[0] : project;
	if (!isObject(only)) throw incompleteResponse(change.name, 'project');
	return only as AgoraProject;
}

/** Values of an entry may be missing or of another type than documented, but every entry must be an object. */
function listOf<Entry>(value: unknown, name: string, what: string): Entry[] {
	if (Array.isArray(value) && value.every(isObject)) return value as Entry[];
	throw incompleteResponse(name, what);
}
