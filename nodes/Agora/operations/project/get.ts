import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { listProjects, type AgoraProject } from '../../agora/console';
import { Fault } from '../../http/fault';
import { showFor } from '../showFor';
import { includeAppCertificate, readProjectOutput, simplify } from './projectFields';
import { projectItem } from './projectItem';

export const description: INodeProperties[] = showFor('project', 'get', [
	{
		displayName: 'Project',
		name: 'projectId',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		description: 'The project to get',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose a project …',
				typeOptions: { searchListMethod: 'searchProjects', searchable: true },
			},
			{ displayName: 'By Project ID', name: 'id', type: 'string', placeholder: 'e.g. 7sdnf3xRH' },
			{
				displayName: 'By App ID',
				name: 'appId',
				type: 'string',
				placeholder: 'e.g. 0123456789abcdef0123456789abcdef',
			},
			{ displayName: 'By Name', name: 'name', type: 'string', placeholder: 'e.g. my-video-app' },
		],
	},
	simplify,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [includeAppCertificate],
	},
]);

const MATCHES: Record<string, (project: AgoraProject) => string> = {
	list: ({ id }) => id,
	id: ({ id }) => id,
	appId: ({ vendor_key }) => vendor_key,
	name: ({ name }) => name,
};

/**
 * Gets one project. Agora's own look-up wants the ID and the name together, so the list is searched.
 *
 * @throws Fault when the account has no such project
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const { mode, value } = context.getNodeParameter('projectId', itemIndex) as {
		mode: string;
		value: string;
	};
	const wanted = String(value ?? '').trim();
	if (wanted === '') {
		throw new Fault('No project was named', { description: 'Choose one in the field ‘Project’.' });
	}
	const field = MATCHES[mode] ?? MATCHES.id!;
	const projects = await listProjects(context, await readAccount(context));
	const project = projects.find((candidate) => field(candidate) === wanted);
	if (project !== undefined) return projectItem(project, readProjectOutput(context, itemIndex));
	throw new Fault(`This Agora account has no project ${wanted}`, {
		description:
			'Choose it from the list in the field ‘Project’, or check which account the credential belongs to.',
		httpCode: '404',
	});
}
