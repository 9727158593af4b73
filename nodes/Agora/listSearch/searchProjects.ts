import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { readAccount } from '../agora/account';
import { listProjects } from '../agora/console';
import { toNodeError } from '../http/errors';

/** Lists the projects whose name or App ID contains the filter, by name; the value is the project ID. */
export async function searchProjects(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const wanted = filter.toLowerCase();
	try {
		const projects = await listProjects(this, await readAccount(this));
		return {
			results: projects
				.filter(({ name, vendor_key }) => `${name} ${vendor_key}`.toLowerCase().includes(wanted))
				.map(({ id, name, vendor_key }) => ({ name, value: id, description: vendor_key })),
		};
	} catch (error) {
		throw toNodeError(this.getNode(), error);
	}
}
