import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { owner, startDemo, type Demo } from './demo.ts';
import { repository } from './paths.ts';
import { checkPortsAreFree, portsFrom } from './ports.ts';

const folder = join(repository, '.demo');
const STOP_LIMIT_MS = 20_000;
const STOPPED = 'stopped';

/**
 * `npm start`: the whole demo until Ctrl-C, or until a part of it ends. With `--reload`, n8n loads the package anew
 * whenever its installed files change.
 */
async function main(): Promise<void> {
	if (Number(process.versions.node.split('.')[0]) < 24) {
		throw new Error('n8n needs Node 24. `npm start` brings and uses its own: please start it so.');
	}
	const stopping = new AbortController();
	const interrupted = askedToStop();
	void interrupted.then(() => stopping.abort(new Error(STOPPED)));

	const ports = portsFrom(process.env);
	await checkPortsAreFree(Object.values(ports));
	const demo = await startDemo({
		folder,
		ports: { n8n: ports.n8n.number, agora: ports.agora.number, s3: ports.s3.number },
		reload: process.argv.includes('--reload'),
		log: (line) => console.log(line),
		signal: stopping.signal,
	});
	console.log(welcome(demo));

	const mishap = await Promise.race([demo.n8n.ended, demo.sandbox.ended, interrupted]);
	if (mishap) {
		console.error(`${mishap}. What n8n said is in ${demo.n8n.logFile}. Stopping the rest.`);
		process.exitCode = 1;
	} else {
		console.log('Stopping …');
	}
	await Promise.race([demo.stop(), wait(STOP_LIMIT_MS)]);
}

/** Resolves at Ctrl-C, or when `npm start` itself has gone: its shell hands no signal down to here. */
function askedToStop(): Promise<null> {
	return new Promise((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.on(signal, () => resolve(null));
		}
		const parent = process.ppid;
		setInterval(() => process.ppid !== parent && resolve(null), 1_000).unref();
	});
}

function welcome({ n8n, sandbox }: Demo): string {
	return `
n8n is ready:  ${n8n.url}
  log in with  ${owner.email}
  password     ${owner.password}

Try this:
  1. Open the workflow "Record a channel" and press Execute workflow. It starts a cloud recording of
     the channel demo-class. No camera is needed: the sandbox plays Agora, and records a short clip.
  2. Within two minutes the workflow "New recording: archive and notify" notices that the recording
     is finished and in the bucket, copies its MP4 into the bucket "archive" and posts a message.
     Read it at  ${sandbox.inbox}
  3. Open "Nightly sync" and press Execute workflow: every recording of the last day becomes one row
     of the data table "Agora recordings".
  4. Or end the call yourself: some ten seconds after step 1, tell "Stop when the call ends". It ends
     the recording, puts its MP4 into "archive" and answers with its sid, status and duration.

     curl -H 'Content-Type: application/json' -d '{"channel":"demo-class"}' \\
       ${n8n.url}/webhook/stop-when-the-call-ends

"New recording: Google Drive and Slack" and "Ask an agent" are not active: they wait for accounts of your own.

Everything lives in ${folder}: delete that folder to start afresh.
Press Ctrl-C to stop.
`;
}

try {
	await main();
} catch (error) {
	const { message } = error as Error;
	const wanted = message === STOPPED;
	console.error(wanted ? 'Stopped.' : message);
	process.exitCode = wanted ? 0 : 1;
}
// Not left to an empty event loop: what would not stop in time must not keep this process.
process.exit();
