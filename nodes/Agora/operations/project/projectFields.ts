import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { ProjectOutput } from './projectItem';

export const simplify: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

const includeAppCertificate: INodeProperties = {
	displayName: 'Include App Certificate',
	name: 'includeAppCertificate',
	type: 'boolean',
	default: false,
	description:
		'Whether to return the App Certificate too. It is a secret: whoever has it can make tokens for every channel of the project, and n8n keeps it in the execution data.',
};

/** @returns the Options field of an operation that gives out projects, with options of its own at the end */
export function projectOptions(...own: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [includeAppCertificate, ...own],
	};
}

/** Reads Simplify and the options of an item. */
export function readProjectOutput(context: IExecuteFunctions, itemIndex: number): ProjectOutput {
	return {
		simplify: context.getNodeParameter('simplify', itemIndex, true) as boolean,
		includeCertificate: context.getNodeParameter(
			'options.includeAppCertificate',
			itemIndex,
			false,
		) as boolean,
	};
}
