import { createServer } from 'node:net';

/** A port that this demo listens on, and the environment variable that moves it. */
export interface Port {
	purpose: string;
	variable: string;
	number: number;
}

/**
 * Reads the demo's ports from the environment, with their usual numbers where nothing is set.
 *
 * @throws Error naming the variable when its value is no port number
 */
export function portsFrom(environment: NodeJS.ProcessEnv) {
	const read = (purpose: string, variable: string, usual: number): Port => {
		const number = Number(environment[variable] || usual);
		if (!Number.isInteger(number) || number < 1 || number > 65_535) {
			throw new Error(`${variable}=${environment[variable]} is not a port number`);
		}
		return { purpose, variable, number };
	};
	return {
		n8n: read('n8n', 'N8N_PORT', 5678),
		agora: read("the sandbox's Agora", 'SANDBOX_AGORA_PORT', 4570),
		s3: read("the sandbox's bucket", 'SANDBOX_S3_PORT', 4571),
	};
}

/**
 * @throws Error naming the first port that something else listens on, and the variable to change
 */
export async function checkPortsAreFree(ports: Port[]): Promise<void> {
	for (const port of ports) await checkIsFree(port);
}

async function checkIsFree({ purpose, variable, number }: Port): Promise<void> {
	const server = createServer();
	try {
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(number, '127.0.0.1', resolve);
		});
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		throw new Error(
			code === 'EADDRINUSE'
				? `Port ${number}, for ${purpose}, is taken. Free it, or choose another: ${variable}=${number + 10_000} npm start`
				: `Port ${number}, for ${purpose}, cannot be used (${code}). Choose another with ${variable}.`,
		);
	} finally {
		await new Promise((resolve) => server.close(resolve));
	}
}
