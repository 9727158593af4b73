import type { IDataObject } from 'n8n-workflow';
import type { Context } from '../http/concurrency';
import { withAdvice, Fault } from '../http/errors';
import type { Account } from './account';
import { agoraRequest, incompleteAnswer, type AgoraCall } from './request';
import { isObject } from './formats';

/**
 * A project as Agora's console API describes it. `sign_key` is the App Certificate, a secret; Agora's
 * Chinese edition leaves it out. Source: Agora, console REST API.
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
	/** Unix seconds by the documentation; milliseconds have been seen. */
	created: number;
}

/**
 * @returns all projects of the account, in Agora's order. Agora has no pages and no filter here.
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
 * Creates a project. Not repeated after a fault: Agora may have created it already.
 *
 * @param project its name (1 to 255 characters, unique) and whether it gets an App Certificate
 * @returns the new project
 * @throws Fault when Agora refuses: name taken, too many projects; or when it is unknown whether the project was
 *   created, and it says so
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
		throw maybeDone(
			error,
			'The project may have been created. Check the Agora Console before you create it again.',
		);
	}
}

/** Agora's wording of this refusal is not documented, so the projects are looked through. */
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
 * @returns the project as it is now
 * @throws Fault when Agora refuses: no such project
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
 * Switches the primary App Certificate of a project on or off. Source: Agora, console REST API, "Enable or
 * disable the primary app certificate".
 *
 * @returns the project as it is now
 * @throws Fault when Agora refuses: no such project
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
 * Gives a project another primary App Certificate, and switches it on. Not repeated after a fault: the new
 * certificate may be in use already. Source: Agora, console REST API, "Reset the primary app certificate".
 *
 * @returns the project as it is now
 * @throws Fault when Agora refuses: no such project; or when it is unknown whether the certificate changed,
 *   and it says so
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
		throw maybeDone(
			error,
			'The certificate may have changed. Check the Agora Console before you reset it again.',
		);
	}
}

/** Agora's names of what it bills: "Get project usage", `business`. */
export type Business = 'default' | 'cloudRecording' | 'miniapp' | 'recording' | 'transcodeDuration';

/** What a project used on one day. */
export interface AgoraUsage extends IDataObject {
	/** Unix time by the documentation's table, ISO 8601 by its example. */
	date: number | string;
	/** Seconds by kind, such as `durationAudioAll`. */
	usage: IDataObject;
}

/**
 * @param from first day and
 * @param to last day, such as 2026-11-23, in UTC
 * @returns one entry a day, in Agora's order. Source: Agora, console REST API, "Get project usage".
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
	// Agora's Chinese edition answers with a list of one.
	const only: unknown = Array.isArray(project) ? project[0] : project;
	if (!isObject(only)) throw incompleteAnswer(change.name, 'project');
	return only as AgoraProject;
}

/** Fields may be missing or of another type than documented, but an entry that is no object is none. */
function listOf<Entry>(value: unknown, name: string, what: string): Entry[] {
	if (Array.isArray(value) && value.every(isObject)) return value as Entry[];
	throw incompleteAnswer(name, what);
}

/** Without a clear answer it may be done all the same; a refusal (4xx) or a redirect (3xx) changed nothing. */
function maybeDone(error: unknown, warning: string): unknown {
	if (!(error instanceof Fault)) return error;
	const { notSent, httpCode } = error.details;
	return notSent || /^[34]/.test(httpCode ?? '') ? error : withAdvice(error, warning);
}
