import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotAvailable } from './server.ts';

const START_MS = 30_000;
/** A server that has not stopped after this time is killed. */
const STOP_MS = 5000;

/**
 * Checks that commands are installed.
 *
 * @throws NotAvailable with the missing commands and the packages to install
 */
export function requireCommands(commands: string[], packages: string): void {
	const missing = commands.filter((command) => spawnSync('which', [command]).status !== 0);
	if (missing.length > 0)
		throw new NotAvailable(`not installed: ${missing.join(', ')} (Debian: ${packages})`);
}

/** The processes of one server and the folder of its files. */
export class Processes {
	readonly folder: string;
	private readonly children: ChildProcess[] = [];
	private readonly removeAtExit = () => {
		for (const child of this.children) child.kill('SIGKILL');
		rmSync(this.folder, { recursive: true, force: true });
	};

	/** @param parent of the temporary folder */
	constructor(name: string, parent = tmpdir()) {
		this.folder = mkdtempSync(join(parent, `n8n-nodes-agora-${name}-`));
		process.once('exit', this.removeAtExit);
	}

	/**
	 * Runs a command until it exits.
	 *
	 * @returns its output
	 * @throws with its output when it fails
	 */
	async run(command: string, ...args: string[]): Promise<string> {
		const child = spawn(command, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
		this.children.push(child);
		const output: Buffer[] = [];
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', (chunk: Buffer) => output.push(chunk));
		const code = await new Promise<number | null>((resolve, reject) => {
			child.once('error', reject);
			child.once('close', resolve);
		});
		const text = Buffer.concat(output).toString();
		if (code !== 0)
			throw new Error(`${command} ${args[0]} exited with ${code}: ${text.slice(-2000)}`);
		return text;
	}

	/**
	 * Starts a server and waits until it accepts connections.
	 *
	 * @param port of 127.0.0.1
	 * @throws with its output when it exits or does not listen within 30 seconds
	 */
	async start(port: number, command: string, ...args: string[]): Promise<void> {
		const { child, file } = this.launch(command, ...args);
		let failed: Error | null = null;
		child.once('error', (error) => (failed = error));
		const deadline = Date.now() + START_MS;
		while (!(await accepts(port))) {
			const ended = failed ?? child.exitCode ?? child.signalCode;
			if (ended === null && Date.now() < deadline) {
				await new Promise((resolve) => setTimeout(resolve, 50));
				continue;
			}
			const why = ended === null ? 'does not listen' : `exited with ${String(ended)}`;
			throw new Error(`${command} ${why}: ${readFileSync(file, 'utf8').slice(-2000)}`);
		}
	}

	/** Starts a server without waiting for it; its output is written to `file`. */
	launch(command: string, ...args: string[]): { child: ChildProcess; file: string } {
		const file = join(this.folder, `${this.children.length}.out`);
		const output = openSync(file, 'a');
		const [program, ...rest] = [...killedWithParent(), command, ...args];
		const child = spawn(program!, rest, {
			cwd: this.folder,
			stdio: ['ignore', output, output],
		});
		closeSync(output);
		this.children.push(child);
		return { child, file };
	}

	/** Stops all processes, the last one first, and removes the folder. */
	async stop(): Promise<void> {
		for (const child of this.children.toReversed()) await end(child);
		rmSync(this.folder, { recursive: true, force: true });
		process.removeListener('exit', this.removeAtExit);
	}
}

/** @returns a command that makes Linux kill a server when its parent is killed, where available */
function killedWithParent(): string[] {
	const command = ['setpriv', '--pdeathsig', 'KILL'];
	return spawnSync(command[0]!, [...command.slice(1), 'true']).status === 0 ? command : [];
}

async function end(child: ChildProcess): Promise<void> {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise((resolve) => child.once('exit', resolve));
	child.kill();
	const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
	await ended;
	clearTimeout(timer);
}

async function accepts(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	return (await new Promise((resolve) => {
		socket.once('connect', () => resolve(true));
		socket.once('error', () => resolve(false));
	}).finally(() => socket.destroy())) as boolean;
}
