import { createHash } from 'node:crypto';

/** A project of the account, with the field names of Agora's Console REST API. */
export interface Project {
	id: string;
	name: string;
	/** App ID */
	vendor_key: string;
	/** Primary App Certificate; the API returns it only while it is enabled. */
	certificate: string;
	certificateEnabled: boolean;
	/** 1 enabled, 0 disabled */
	status: 0 | 1;
	/** Unix seconds */
	created: number;
}

/** 32 hex digits, the same at every start, so that credentials stored in n8n remain valid. */
const fakeId = (purpose: string) =>
	createHash('sha256').update(`sandbox ${purpose}`).digest('hex').slice(0, 32);

/** An Agora account: a Customer ID, its secret and its projects. All values are made up. */
export class Account {
	readonly customerId: string;
	readonly customerSecret: string;
	readonly projects: Project[] = [];
	readonly #name: string;

	/** @param name accounts with different names have different IDs and secrets */
	constructor(name: string) {
		this.#name = name;
		this.customerId = fakeId(`Customer ID${name}`);
		this.customerSecret = fakeId(`Customer Secret${name}`);
		this.reset();
	}

	/** Restores the initial projects. */
	reset(): void {
		this.projects.length = 0;
		this.addProject('Live classes', true);
		this.addProject('Staging', false);
		this.addProject('Retired pilot', false).status = 0;
	}

	/** The project that the demo and the tests use. Its App Certificate is enabled. */
	get mainProject(): Project {
		return this.projects[0] as Project;
	}

	addProject(name: string, certificateEnabled: boolean): Project {
		const project: Project = {
			id: fakeId(`project ${name}${this.#name}`).slice(0, 9),
			name,
			vendor_key: fakeId(`App ID of ${name}${this.#name}`),
			certificate: fakeId(`App Certificate of ${name}${this.#name}`),
			certificateEnabled,
			status: 1,
			created: Math.floor(Date.now() / 1000),
		};
		this.projects.push(project);
		return project;
	}

	/** Replaces the App Certificate of a project. As with Agora, this also enables it. */
	resetCertificate(project: Project): void {
		project.certificate = fakeId(`App Certificate after ${project.certificate}`);
		project.certificateEnabled = true;
	}

	findProject(appId: string): Project | undefined {
		return this.projects.find((project) => project.vendor_key === appId);
	}

	/** Whether an Authorization header contains this account's Customer ID and secret. */
	isAuthorized(authorization: string): boolean {
		const credentials = Buffer.from(`${this.customerId}:${this.customerSecret}`);
		return authorization === `Basic ${credentials.toString('base64')}`;
	}
}
