import { errorResponse, type ApiResponse, type Routes } from '../router.ts';
import type { Account, Project } from './account.ts';
import type { AgoraApi, AgoraRequest } from './gateway.ts';
import { AGORA_OPTIONS, type AgoraOptions } from './options.ts';
import { usageResponse } from './usage.ts';

const PROJECT_LIMIT = 20;

type Body = AgoraRequest['body'];

/**
 * The APIs of an account: projects, usage and the addresses of the notification servers. Success is 201 for
 * projects, even for a GET, and 200 otherwise.
 */
export class ConsoleApi implements AgoraApi {
	edition: AgoraOptions['consoleEdition'] = AGORA_OPTIONS.consoleEdition;
	readonly #account: Account;
	readonly #projectLimit: number;

	readonly routes: Routes<AgoraRequest> = {
		'GET /dev/v1/projects': () => this.#listProjects(),
		'GET /dev/v1/project': ({ query }) => this.#getProject(query),
		'POST /dev/v1/project': ({ body }) => this.#createProject(body),
		'POST /dev/v1/project_status': ({ body }) => this.#setStatus(body),
		'POST /dev/v1/signkey': ({ body }) => this.#enableCertificate(body),
		'POST /dev/v1/reset_signkey': ({ body }) => this.#resetCertificate(body),
		'GET /dev/v3/usage': ({ query }) => this.#getUsage(query),
		'GET /v1/ncs/ip': () => notificationServers(),
		'GET /v2/ncs/ip': () => notificationServers(),
	};

	/** @param unlimited whether the account may have any number of projects */
	constructor(account: Account, unlimited = false) {
		this.#account = account;
		this.#projectLimit = unlimited ? Infinity : PROJECT_LIMIT;
	}

	bodyError = errorResponse;

	#listProjects(): ApiResponse {
		return { status: 201, body: { projects: this.#account.projects.map(this.#toJson) } };
	}

	/** Agora requires both the ID and the name. */
	#getProject(query: URLSearchParams): ApiResponse {
		const id = query.get('id');
		const name = query.get('name');
		if (!id || !name) return errorResponse(400, 'id and name are required');
		const found = this.#account.projects.filter((each) => each.id === id && each.name === name);
		if (found.length === 0) return errorResponse(404, 'project not exist');
		const projects = found.map(this.#toJson);
		return { status: 201, body: this.edition === 'china' ? { project: projects } : { projects } };
	}

	#createProject({ name, enable_sign_key: enable }: Body): ApiResponse {
		if (typeof name !== 'string' || name.length < 1 || name.length > 255)
			return errorResponse(400, 'name must be a string of 1 to 255 characters');
		if (typeof enable !== 'boolean') return errorResponse(400, 'enable_sign_key must be a boolean');
		if (this.#account.projects.some((project) => project.name === name))
			return errorResponse(400, 'project name already exists');
		if (this.#account.projects.length >= this.#projectLimit)
			return errorResponse(400, 'the number of projects exceeds the limit');
		return this.#projectResponse(this.#account.addProject(name, enable));
	}

	#setStatus({ id, status }: Body): ApiResponse {
		if (status !== 0 && status !== 1) return errorResponse(400, 'status must be 0 or 1');
		return this.#change(id, (project) => {
			project.status = status;
		});
	}

	#enableCertificate({ id, enable }: Body): ApiResponse {
		if (typeof enable !== 'boolean') return errorResponse(400, 'enable must be a boolean');
		return this.#change(id, (project) => {
			project.certificateEnabled = enable;
		});
	}

	#resetCertificate({ id }: Body): ApiResponse {
		return this.#change(id, (project) => this.#account.resetCertificate(project));
	}

	#getUsage(query: URLSearchParams): ApiResponse {
		const id = query.get('project_id');
		if (!id) return errorResponse(400, 'project_id is required');
		const exists = this.#account.projects.some((project) => project.id === id);
		return exists ? usageResponse(query) : errorResponse(404, 'project not exist');
	}

	#change(id: unknown, change: (project: Project) => void): ApiResponse {
		const project = this.#account.projects.find((each) => each.id === id);
		if (!project) return errorResponse(404, 'project not exist');
		change(project);
		return this.#projectResponse(project);
	}

	#projectResponse(project: Project): ApiResponse {
		const json = this.#toJson(project);
		return { status: 201, body: { project: this.edition === 'china' ? [json] : json } };
	}

	readonly #toJson = (project: Project) => {
		const { id, name, vendor_key, certificate, certificateEnabled, status, created } = project;
		const secrets = { sign_key: certificateEnabled ? certificate : '', recording_server: null };
		return { id, name, vendor_key, ...(this.edition === 'china' ? {} : secrets), status, created };
	};
}

/**
 * The addresses that event notifications come from, for firewall rules; addresses of RFC 5737. The sandbox sends
 * no notifications. Source: Agora, cloud recording, query IP addresses of the notification server.
 */
const notificationServers = (): ApiResponse => ({
	status: 200,
	body: {
		data: { service: { hosts: [{ primaryIP: '203.0.113.7' }, { primaryIP: '203.0.113.8' }] } },
	},
});
