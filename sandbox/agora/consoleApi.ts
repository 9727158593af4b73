import type { Account, Project } from './account.ts';
import { gatewayAnswer, type Answer } from './answer.ts';
import { AGORA_OPTIONS, type AgoraOptions } from './options.ts';
import { usageAnswer } from './usage.ts';

const PROJECT_LIMIT = 20;

type Body = Record<string, unknown>;

/** Agora's Console REST API: the projects of an account. Success is 201, even for a GET. */
export class ConsoleApi {
	edition: AgoraOptions['consoleEdition'] = AGORA_OPTIONS.consoleEdition;
	readonly #account: Account;
	readonly #projectLimit: number;

	/** @param unlimited whether the account may have any number of projects */
	constructor(account: Account, unlimited = false) {
		this.#account = account;
		this.#projectLimit = unlimited ? Infinity : PROJECT_LIMIT;
	}

	listProjects(): Answer {
		return { status: 201, body: { projects: this.#account.projects.map(this.#shown) } };
	}

	/** Agora wants the id and the name, both. */
	getProject(query: URLSearchParams): Answer {
		const id = query.get('id');
		const name = query.get('name');
		if (!id || !name) return gatewayAnswer(400, 'id and name are required');
		const found = this.#account.projects.filter((each) => each.id === id && each.name === name);
		if (found.length === 0) return gatewayAnswer(404, 'project not exist');
		const projects = found.map(this.#shown);
		return { status: 201, body: this.edition === 'china' ? { project: projects } : { projects } };
	}

	createProject({ name, enable_sign_key: enable }: Body): Answer {
		if (typeof name !== 'string' || name.length < 1 || name.length > 255)
			return gatewayAnswer(400, 'name must be a string of 1 to 255 characters');
		if (typeof enable !== 'boolean') return gatewayAnswer(400, 'enable_sign_key must be a boolean');
		if (this.#account.projects.some((project) => project.name === name))
			return gatewayAnswer(400, 'project name already exists');
		if (this.#account.projects.length >= this.#projectLimit)
			return gatewayAnswer(400, 'the number of projects exceeds the limit');
		return this.#one(this.#account.addProject(name, enable));
	}

	setStatus({ id, status }: Body): Answer {
		if (status !== 0 && status !== 1) return gatewayAnswer(400, 'status must be 0 or 1');
		return this.#change(id, (project) => {
			project.status = status;
		});
	}

	enableCertificate({ id, enable }: Body): Answer {
		if (typeof enable !== 'boolean') return gatewayAnswer(400, 'enable must be a boolean');
		return this.#change(id, (project) => {
			project.certificateEnabled = enable;
		});
	}

	resetCertificate({ id }: Body): Answer {
		return this.#change(id, (project) => this.#account.resetCertificate(project));
	}

	/** Here success is 200. */
	getUsage(query: URLSearchParams): Answer {
		const id = query.get('project_id');
		if (!id) return gatewayAnswer(400, 'project_id is required');
		const known = this.#account.projects.some((project) => project.id === id);
		return known ? usageAnswer(query) : gatewayAnswer(404, 'project not exist');
	}

	#change(id: unknown, change: (project: Project) => void): Answer {
		const project = this.#account.projects.find((each) => each.id === id);
		if (!project) return gatewayAnswer(404, 'project not exist');
		change(project);
		return this.#one(project);
	}

	#one(project: Project): Answer {
		const shown = this.#shown(project);
		return { status: 201, body: { project: this.edition === 'china' ? [shown] : shown } };
	}

	readonly #shown = (project: Project) => {
		const { id, name, vendor_key, certificate, certificateEnabled, status, created } = project;
		const secrets = { sign_key: certificateEnabled ? certificate : '', recording_server: null };
		return { id, name, vendor_key, ...(this.edition === 'china' ? {} : secrets), status, created };
	};
}
