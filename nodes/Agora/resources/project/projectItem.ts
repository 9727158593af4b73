import type { IDataObject } from 'n8n-workflow';
import type { AgoraProject } from '../../agora/console';
import { readTimestamp } from '../../agora/formats';

export interface ProjectOutput {
	/** Few fields with clear names, or Agora's object. */
	simplify: boolean;
	/** Whether the App Certificate, a secret, may leave the node. */
	includeCertificate: boolean;
}

/**
 * Puts a project into the shape people see; the App Certificate is left out unless asked for.
 *
 * @returns simplified `{ id, name, app_id, status, certificate_enabled, created_at }`, times ISO 8601 UTC,
 *   `certificate_enabled` null where Agora does not say; with the certificate also `app_certificate`
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
