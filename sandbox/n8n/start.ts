/**
 * `npm start`: runs the demo until Ctrl+C, or until a part of it stops. With `--reload`, n8n reloads the package
 * whenever its installed files change.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WEBHOOK_HEADER, WEBHOOK_KEY } from './credentials.ts';
import { owner, startDemo, type Demo } from './demo.ts';
import { repository } from './paths.ts';

const folder = join(repository, '.demo');
const STOP_LIMIT_MS = 20_000;
const stopping = new AbortController();

async function main(): Promise<void> {
	if (Number(process.versions.node.split('.')[0]) < 24) {
		throw new Error('n8n needs Node 24. Run `npm start`, which installs and uses its own.');
	}
	const stopRequested = untilStopRequested();
	void stopRequested.then(() => stopping.abort());

	const demo = await startDemo({
		folder,
		ports: {
			n8n: await freePort('n8n', 'N8N_PORT', 5678),
			agora: await freePort("the sandbox's Agora APIs", 'SANDBOX_AGORA_PORT', 4570),
			s3: await freePort("the sandbox's bucket", 'SANDBOX_S3_PORT', 4571),
		},
		reload: process.argv.includes('--reload'),
		log: (line) => console.log(line),
		signal: stopping.signal,
	});
	console.log(welcome(demo));

	const failure = await Promise.race([demo.n8n.ended, demo.sandbox.ended, stopRequested]);
	if (failure) {
		console.error(`${failure}. Stopping the demo. n8n's log is in ${demo.n8n.logFile}.`);
		process.exitCode = 1;
	} else {
		console.log('Stopping …');
	}
	await Promise.race([demo.stop(), wait(STOP_LIMIT_MS)]);
}

/** Resolves at Ctrl+C, or when `npm start` has exited: its shell doesn't forward signals to this process. */
function untilStopRequested(): Promise<null> {
	return new Promise((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(signal, () => resolve(null));
		}
		const parent = process.ppid;
		setInterval(() => process.ppid !== parent && resolve(null), 1_000).unref();
	});
}

/**
 * Reads a port from an environment variable and checks that it is free.
 *
 * @throws Error that names the variable if the port is invalid or in use
 */
async function freePort(purpose: string, variable: string, defaultPort: number): Promise<number> {
	const port = Number(process.env[variable] || defaultPort);
	if (!Number.isInteger(port) || port < 1 || port > 65_535) {
		throw new Error(`${variable}=${process.env[variable]} is not a port number`);
	}
	const server = createServer();
	try {
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(port, '127.0.0.1', resolve);
		});
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		const problem = code === 'EADDRINUSE' ? 'is in use' : `can't be used (${code})`;
		throw new Error(
			`Port ${port} for ${purpose} ${problem}. Choose another port: ${variable}=<port> npm start`,
		);
	} finally {
		await new Promise((resolve) => server.close(resolve));
	}
	return port;
}

function welcome({ n8n, sandbox }: Demo): string {
	return `
n8n is ready:  ${n8n.url}
  email        ${owner.email}
  password     ${owner.password}

Try this:
  1. Open the workflow "Record a channel" and press Execute workflow. It starts a cloud recording of
     the channel demo-class. You don't need a camera: the sandbox records a short test clip.
  2. Within two minutes, the workflow "New recording: archive and notify" detects that the recording
     has been uploaded, copies its MP4 to the bucket "archive" and posts a message.
     Read it at  ${sandbox.inbox}
  3. Open "Nightly sync" and press Execute workflow: every recording of the last day becomes a row of
     the data table "Agora recordings".
  4. Or end a call yourself: about ten seconds after step 1, call the webhook of "Stop when the call
     ends". It stops the recording, copies its MP4 to "archive" and returns its sid, status and
     duration.

     curl -H 'Content-Type: application/json' -d '{"channel":"demo-class"}' \\
       ${n8n.url}/webhook/stop-when-the-call-ends

  5. Let a class begin: a user joins class-7b and leaves 20 seconds after the recorder has joined.
     "Record every class by itself" starts, stops and archives its recording.

     curl -X PUT -d '{"uids":["1001"],"seconds":20}' ${sandbox.agora}/sandbox/channels/class-7b

  6. Let two users join the channel debate, open "Who is on air" and press Execute workflow: the
     channel becomes a row of the data table "Agora channels on air". Then report one of them.
     "Ban who is reported" bans the user for an hour and returns the ID of the ban. Execute "Who is
     on air" again: one user is left.

     curl -X PUT -d '{"uids":["1001","1002"],"seconds":null}' ${sandbox.agora}/sandbox/channels/debate
     curl -H 'Content-Type: application/json' -H '${WEBHOOK_HEADER}: ${WEBHOOK_KEY}' \\
       -d '{"channel":"debate","uid":1002}' ${n8n.url}/webhook/ban-who-is-reported

"New recording: Google Drive and Slack" and "Ask an agent" are not active, because they need your own accounts.

All data is in ${folder}. Delete this folder to start over.
Press Ctrl+C to stop.
`;
}

try {
	await main();
} catch (error) {
	const isStopped = stopping.signal.aborted;
	console.error(isStopped ? 'Stopped.' : (error as Error).message);
	process.exitCode = isStopped ? 0 : 1;
}
// Exits even if a part did not stop in time.
process.exit();
