import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/errors';
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
		'Whether to return the App Certificate too. It is a secret: anyone who has it can generate tokens for every channel of the project, and n8n keeps it in the execution data.',
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
		// Only the value true lets a secret out, not an expression's text "false".
		includeCertificate:
			context.getNodeParameter('options.includeAppCertificate', itemIndex, false) === true,
	};
}

/**
 * Reads the field Enable App Certificate of an item.
 *
 * @throws Fault when it is neither true nor false: what is not clearly meant must not open or close channels
 */
export function readCertificateSwitch(context: IExecuteFunctions, itemIndex: number): boolean {
	const value = context.getNodeParameter('enableAppCertificate', itemIndex) as unknown;
	if (typeof value === 'boolean') return value;
	throw new Fault('"Enable App Certificate" is neither true nor false', {
		description: `It is "${String(value)}". It must be the boolean true or false, not a string.`,
	});
}
