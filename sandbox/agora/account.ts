import { createHash } from 'node:crypto';

/** A project of the account, with the names of Agora's Console REST API. */
export interface Project {
	id: string;
	name: string;
	/** App ID */
	vendor_key: string;
	/** Primary App Certificate; the API shows it only while it is enabled. */
	certificate: string;
	certificateEnabled: boolean;
	/** 1 enabled, 0 disabled */
	status: 0 | 1;
	/** Unix seconds */
	created: number;
}

/** 32 hex digits that are the same at every start, so that credentials once typed in stay good. */
const fake = (what: string) =>
	createHash('sha256').update(`sandbox ${what}`).digest('hex').slice(0, 32);

/** One Agora account: a Customer ID, its secret and its projects. All values are made up. */
export class Account {
	readonly customerId: string;
	readonly customerSecret: string;
	readonly projects: Project[] = [];
	readonly #name: string;

	/** @param name another name, another account */
	constructor(name: string) {
		this.#name = name;
		this.customerId = fake(`Customer ID${name}`);
		this.customerSecret = fake(`Customer Secret${name}`);
		this.reset();
	}

	/** The projects are those of a new sandbox again. */
	reset(): void {
		this.projects.length = 0;
		this.addProject('Live classes', true);
		this.addProject('Staging', false);
		this.addProject('Retired pilot', false).status = 0;
	}

	/** The project a session of this sandbox is meant to use: its App Certificate is enabled. */
	get mainProject(): Project {
		return this.projects[0] as Project;
	}

	addProject(name: string, certificateEnabled: boolean): Project {
		const project: Project = {
			id: fake(`project ${name}${this.#name}`).slice(0, 9),
			name,
			vendor_key: fake(`App ID of ${name}${this.#name}`),
			certificate: fake(`App Certificate of ${name}${this.#name}`),
			certificateEnabled,
			status: 1,
			created: Math.floor(Date.now() / 1000),
		};
		this.projects.push(project);
		return project;
	}

	/** New App Certificate for a project; Agora enables it along the way. */
	resetCertificate(project: Project): void {
		project.certificate = fake(`App Certificate after ${project.certificate}`);
		project.certificateEnabled = true;
	}

	projectOfApp(appId: string): Project | undefined {
		return this.projects.find((project) => project.vendor_key === appId);
	}

	/** Whether an Authorization header carries this account's Customer ID and secret. */
	accepts(authorization: string): boolean {
		const pair = Buffer.from(`${this.customerId}:${this.customerSecret}`).toString('base64');
		return authorization === `Basic ${pair}`;
	}
}
