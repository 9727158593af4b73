import type { IDataObject } from 'n8n-workflow';
import type { Context } from '../http/send';
import type { Account } from './account';
import { agoraRequest, incompleteAnswer } from './request';

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
	const { projects } = await agoraRequest(context, account, {
		name,
		method: 'GET',
		path: '/dev/v1/projects',
		limitedBy: account.customerId,
	});
	if (!Array.isArray(projects)) throw incompleteAnswer(name, 'list of projects');
	return projects as AgoraProject[];
}

/**
 * Creates a project. Not repeated after a fault: Agora may have created it already.
 *
 * @param project its name (1 to 255 characters, unique) and whether it gets an App Certificate
 * @returns the new project
 * @throws Fault when Agora refuses: name taken, too many projects
 */
export async function createProject(
	context: Context,
	account: Account,
	project: { name: string; enable_sign_key: boolean },
): Promise<AgoraProject> {
	const name = `create the project ${project.name}`;
	const answer = await agoraRequest(context, account, {
		name,
		method: 'POST',
		path: '/dev/v1/project',
		body: project,
		limitedBy: account.customerId,
		repeatable: false,
	});
	if (typeof answer.project !== 'object' || answer.project === null) {
		throw incompleteAnswer(name, 'project');
	}
	return answer.project as unknown as AgoraProject;
}
