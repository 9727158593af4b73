import type { INodeProperties } from 'n8n-workflow';
import * as ban from './ban';
import * as channel from './channel';
import * as project from './project';
import * as recording from './recording';
import { resourceFields, type Execute, type ResourceDescription } from './shared/operation';
import * as token from './token';
import * as user from './user';

/** All resources: the one that most people need first, the others alphabetically. */
export const descriptions = (): ResourceDescription[] => [
	recording.description(),
	ban.description(),
	channel.description(),
	project.description(),
	token.description(),
	user.description(),
];

/** All operations by the values of the fields Resource and Operation. */
export const operations: Record<string, Record<string, Execute>> = {
	ban: ban.operations,
	channel: channel.operations,
	project: project.operations,
	recording: recording.operations,
	token: token.operations,
	user: user.operations,
};

/** @returns an expression for the line below the node's name, such as Get Many: Recording */
export function subtitle(): string {
	const names = descriptions().flatMap(({ name: resource, value, operations }) =>
		operations.map((each) => [`${value}.${each.value}`, `${each.name}: ${resource}`]),
	);
	const table = JSON.stringify(Object.fromEntries(names) as object);
	return `={{ (${table})[$parameter["resource"] + "." + $parameter["operation"]] }}`;
}

/** The fields Resource and Operation, and those of all operations. */
export function nodeFields(): INodeProperties[] {
	const resources = descriptions();
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: resources.map(({ name, value }) => ({ name, value })),
			default: 'recording',
		},
		...resources.flatMap(resourceFields),
	];
}
