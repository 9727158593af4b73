import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { FileItem } from './fileItem';
import * as project from './project';
import * as recording from './recording';
import * as token from './token';
import * as user from './user';

/**
 * What one operation does for one input item.
 *
 * @returns an output item, or several
 * @throws Fault in words for a person
 */
export type Execute = (
	context: IExecuteFunctions,
	itemIndex: number,
) => Promise<IDataObject | IDataObject[] | FileItem[]>;

const resources: Record<string, Record<string, Execute>> = {
	project: project.operations,
	recording: recording.operations,
	token: token.operations,
	user: user.operations,
};

/** All fields of the node below Resource. */
export const description = () => [
	...project.description(),
	...recording.description(),
	...token.description(),
	...user.description(),
];

/**
 * @returns the operation that the fields Resource and Operation name
 */
export function operationOf(resource: string, operation: string): Execute | undefined {
	return resources[resource]?.[operation];
}
