import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { AgoraProject } from '../../agora/console';
import { readTimestamp } from '../../agora/formats';
import { Fault } from '../../http/errors';

const includeAppCertificate: INodeProperties = {
	displayName: 'Include App Certificate',
	name: 'includeAppCertificate',
	type: 'boolean',
	default: false,
	description:
		'Whether to also return the App Certificate. It is a secret: anyone who has it can generate tokens for every channel of the project, and n8n keeps it in the execution data.',
};

/** @returns the Options field of an operation that returns projects; `own` options come last */
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
		// Only the boolean true returns a secret, not an expression's string "false".
		includeCertificate:
			context.getNodeParameter('options.includeAppCertificate', itemIndex, false) === true,
	};
}

/**
 * Reads the field Enable App Certificate of an item.
 *
 * @throws Fault when it is neither true nor false, because a mistake would open or close channels
 */
export function readCertificateSwitch(context: IExecuteFunctions, itemIndex: number): boolean {
	const value = context.getNodeParameter('enableAppCertificate', itemIndex) as unknown;
	if (typeof value === 'boolean') return value;
	throw new Fault('"Enable App Certificate" is neither true nor false', {
		description: `It is "${String(value)}". It must be the boolean true or false, not a string.`,
	});
}

export interface ProjectOutput {
	/** Whether to return few fields with clear names instead of Agora's object. */
	simplify: boolean;
	/** Whether the output contains the App Certificate, which is a secret. */
	includeCertificate: boolean;
}

/**
 * Converts a project to an output item, without the App Certificate unless it is requested.
 *
 * @returns simplified `{ id, name, app_id, status, certificate_enabled, created_at }`, times ISO 8601 UTC,
 *   `certificate_enabled` null if Agora doesn't report it; with the certificate also `app_certificate`
 */
export function projectItem(
	project: AgoraProject,
	{ simplify, includeCertificate }: ProjectOutput,
): IDataObject {
	const { sign_key: certificate, ...rest } = project;
	if (!simplify) return includeCertificate ? { ...project } : rest;
	return {
		id: project.id,
		name: project.name,
		app_id: project.vendor_key,
		status: project.status === 1 ? 'enabled' : 'disabled',
		certificate_enabled: certificate === undefined ? null : certificate !== '',
		created_at: readTimestamp(project.created)?.toISO() ?? null,
		...(includeCertificate ? { app_certificate: certificate ?? null } : {}),
	};
}

export const EXAMPLE_PROJECT = {
	id: '36f9c54de',
	name: 'Live classes',
	app_id: '0123456789abcdef0123456789abcdef',
	status: 'enabled',
	certificate_enabled: true,
	created_at: '2026-11-23T07:58:12.000Z',
};
