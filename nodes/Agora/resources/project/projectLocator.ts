import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Account } from '../../agora/account';
import { listProjects, type AgoraProject } from '../../agora/console';
import { Fault } from '../../http/errors';

export const projectLocator: INodeProperties = {
	displayName: 'Project',
	name: 'projectId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description: 'The project to work with',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Choose a project …',
			hint: 'Projects in the Agora account. Search by name or App ID.',
			typeOptions: { searchListMethod: 'searchProjects', searchable: true },
		},
		{ displayName: 'ID', name: 'id', type: 'string', placeholder: 'e.g. 7sdnf3xRH' },
		{
			displayName: 'App ID',
			name: 'appId',
			type: 'string',
			placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
		},
		{ displayName: 'Name', name: 'name', type: 'string', placeholder: 'e.g. my-video-app' },
	],
};

const MATCHES: Record<string, (project: AgoraProject) => string> = {
	list: ({ id }) => id,
	id: ({ id }) => id,
	appId: ({ vendor_key }) => vendor_key,
	name: ({ name }) => name,
};

/**
 * Finds the project of the field Project in the list of projects: Agora's own endpoint for one project requires both
 * its ID and its name.
 *
 * @throws Fault when the field is empty, or the account has no such project
 */
export async function findProject(
	context: IExecuteFunctions,
	itemIndex: number,
	account: Account,
): Promise<AgoraProject> {
	const { mode, wanted } = readLocator(context, itemIndex);
	const field = MATCHES[mode] ?? MATCHES.id!;
	const projects = await listProjects(context, account);
	const project = projects.find((candidate) => field(candidate) === wanted);
	if (project !== undefined) return project;
	throw new Fault(`This Agora account has no project ${wanted}`, {
		description:
			'Choose it from the list in "Project", or check which account the credential belongs to.',
		httpCode: '404',
	});
}

/**
 * Reads the project ID from the field Project. Only an App ID or a name costs a request.
 *
 * @throws Fault when the field is empty, or the account has no such App ID or name
 */
export async function findProjectId(
	context: IExecuteFunctions,
	itemIndex: number,
	account: Account,
): Promise<string> {
	const { mode, wanted } = readLocator(context, itemIndex);
	const isId = mode !== 'appId' && mode !== 'name';
	return isId ? wanted : (await findProject(context, itemIndex, account)).id;
}

function readLocator(context: IExecuteFunctions, itemIndex: number) {
	const { mode, value } = context.getNodeParameter('projectId', itemIndex) as {
		mode: string;
		value: unknown;
	};
	const wanted = String(value ?? '').trim();
	if (wanted !== '') return { mode, wanted };
	throw new Fault('"Project" is empty', {
		description: 'Choose a project from the list, or enter its ID, App ID or name.',
	});
}

export const EXAMPLE_LOCATOR = { __rl: true, mode: 'name', value: 'Live classes' };
