import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sandboxCredentials, saveCredential } from '../../../sandbox/n8n/credentials.ts';
import { owner } from '../../../sandbox/n8n/demo.ts';
import { installTarball, registerPackage } from '../../../sandbox/n8n/communityPackage.ts';
import { signIn } from '../../../sandbox/n8n/restApi.ts';
import { launchN8n, startN8n, type N8nServer } from '../../../sandbox/n8n/server.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { until } from '../../e2e/executions.ts';
import type { RunContext } from '../part.ts';
import { startRelay, type Relay } from '../relay.ts';
import {
	expireActivationClaims,
	LAST_EXECUTION,
	openDatabase,
	readLedger,
	type LedgerEntry,
	type PollerKind,
} from './ledger.ts';
import { FOLDER, writeRecording, type WrittenRecording } from './recordings.ts';
import { activateWorkflow, createWorkflow, triggerNode } from './workflows.ts';

/** Between two kills. */
const RECORDINGS = 10;
const LEFT_RUNNING = 3;
const WRITING_MS = 8_000;
/** If what a kill waits for does not happen, n8n is killed after this. */
const MAX_LIFETIME_MS = 100_000;
/** n8n has saved the result of a poll within this. */
const SAVING_MS = 300;
const QUIET_SECONDS = 60;

const SETTINGS = {
	EXECUTIONS_DATA_PRUNE: 'false',
	EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
	EXECUTIONS_DATA_SAVE_ON_ERROR: 'all',
};

/** What a kill waits for. */
type Moment = 'start' | 'request' | 'state' | 'execution';
const MOMENTS: Moment[] = [
	'start',
	'request',
	'request',
	'state',
	'state',
	'execution',
	'execution',
];

export interface KillRun {
	kills: number;
	/** Kills while a poll's requests were sent or its result was saved. */
	killsDuringPolls: number;
	/** Sids of the recordings that completed. */
	completed: string[];
	final: LedgerEntry;
	/** What the database contained after each kill. */
	afterKills: LedgerEntry[];
}

/**
 * Lets a real n8n watch a bucket while recordings complete, ends it with SIGKILL again and again, and reads its
 * database after each kill and at the end.
 *
 * @throws Error if n8n does not start, or keeps emitting
 */
export async function runKills(
	poller: PollerKind,
	port: number,
	kills: number,
	{ log, witness }: RunContext,
): Promise<KillRun> {
	const folder = mkdtempSync(join(tmpdir(), `n8n-nodes-agora-crash-${poller.name}-`));
	const file = join(folder, '.n8n', 'database.sqlite');
	const manifest = await installTarball(join(folder, '.n8n'));
	const sandbox = await startSandbox({ folder: join(folder, 'bucket') });
	const relay = await startRelay(sandbox.s3, () => null);
	const { agoraAccount, storage } = sandbox;
	witness.guard({
		'S3 secret key': storage.secretKey,
		'Customer Secret': agoraAccount.customerSecret,
		'App Certificate': agoraAccount.appCertificate,
		"n8n owner's password": owner.password,
	});
	const options = { folder, port, settings: { ...SETTINGS, ...poller.settings } };
	let n8n: N8nServer | undefined;
	try {
		n8n = await startN8n(options);
		const api = await signIn(n8n.url, owner);
		await registerPackage(join(folder, '.n8n'), manifest, api);
		const storageId = await saveStorageCredential(api, sandbox, relay);
		const workflow = await createWorkflow(api, 'Watch', {
			'Agora Trigger': triggerNode([0, 20, 40], storageId),
			'No Operation': { type: 'n8n-nodes-base.noOp', parameters: {} },
		});
		await activateWorkflow(api, workflow);
		const ledger = () => readLedger(file, poller, workflow);
		// What completes before the first state is stored counts as old.
		await until('the first state is stored', 180, async () => ledger().state);
		await n8n.stop();

		const afterKills: LedgerEntry[] = [];
		const completed: string[] = [];
		const writing: Array<Promise<void>> = [];
		const running: WrittenRecording[] = [];
		let killsDuringPolls = 0;
		for (let number = 1; number <= kills; number++) {
			const written = writeAll(sandbox, running.splice(0)).then((left) => {
				running.push(...left);
			});
			// `Promise.all` reports an error later.
			written.catch(() => undefined);
			writing.push(written);
			const killed = await killAtMoment(options, relay, file, poller, (server) => (n8n = server));
			if (killed.isDuringPoll) killsDuringPolls++;
			expireActivationClaims(file);
			afterKills.push(ledger());
			log(`${poller.name} poller: kill ${number} of ${kills}, ${killed.description}`);
		}
		await Promise.all(writing);
		for (const recording of running.splice(0)) await complete(recording);

		n8n = await startN8n(options);
		await untilQuiet(relay, ledger);
		await n8n.stop();
		witness.see('log', readFileSync(n8n.logFile, 'utf8'));
		const final = ledger();
		for (const { data } of final.executions) witness.see('execution', data);
		witness.see('static data', final.state);
		return { kills, killsDuringPolls, completed, final, afterKills };

		async function complete(recording: WrittenRecording): Promise<void> {
			await recording.complete();
			completed.push(recording.sid);
		}

		/** @returns the recordings that it leaves running */
		async function writeAll(to: Sandbox, older: WrittenRecording[]): Promise<WrittenRecording[]> {
			const written = Array.from({ length: RECORDINGS }, async (_, i) => {
				await wait(randomInt(WRITING_MS));
				const recording = await writeRecording(to);
				if (i < LEFT_RUNNING) return [recording];
				await wait(randomInt(2_000));
				await complete(recording);
				return [];
			});
			for (const recording of older) {
				await wait(randomInt(Math.ceil(WRITING_MS / older.length)));
				await complete(recording);
			}
			return (await Promise.all(written)).flat();
		}
	} finally {
		await n8n?.kill();
		await relay.close();
		await sandbox.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

async function saveStorageCredential(
	api: Parameters<typeof saveCredential>[0],
	sandbox: Sandbox,
	{ origin }: Relay,
): Promise<string> {
	const credential = sandboxCredentials(sandbox).find(({ type }) => type === 'agoraStorageApi')!;
	const data = { ...credential.data, endpoint: origin, fileNamePrefix: FOLDER.slice(0, -1) };
	return await saveCredential(api, { ...credential, data });
}

async function killAtMoment(
	options: Parameters<typeof launchN8n>[0],
	{ requests }: Relay,
	file: string,
	poller: PollerKind,
	onLaunch: (server: N8nServer) => void,
): Promise<{ isDuringPoll: boolean; description: string }> {
	const moment = MOMENTS[randomInt(MOMENTS.length)]!;
	const before = requests.length;
	const started = Date.now();
	const n8n = launchN8n(options);
	onLaunch(n8n);
	const waitUntil = async (isReached: () => boolean) => {
		while (!isReached() && Date.now() < started + MAX_LIFETIME_MS) await wait(1);
	};
	if (moment === 'start') await wait(randomInt(10_000));
	else if (moment === 'request') {
		const number = randomInt(1, 40);
		await waitUntil(() => requests.length - before >= number);
	} else {
		await waitUntil(() => requests.length > before);
		const query = moment === 'state' ? poller.statesQuery : LAST_EXECUTION;
		await waitForChange(file, query, waitUntil);
	}
	await wait(randomInt(15));
	const lastRequest = requests.length > before ? requests.at(-1)!.at : 0;
	const isDuringPoll = Date.now() - lastRequest < SAVING_MS;
	await n8n.kill();
	const seconds = ((Date.now() - started) / 1000).toFixed(1);
	return { isDuringPoll, description: `after ${seconds} s (waited for: ${moment})` };
}

async function waitForChange(
	file: string,
	query: string,
	waitUntil: (isReached: () => boolean) => Promise<void>,
): Promise<void> {
	const database = openDatabase(file);
	const read = (sql: string) => JSON.stringify(database.prepare(sql).all());
	try {
		// SQLite increments it with every commit of another connection, and reads it faster than any table.
		const version = () => read('pragma data_version');
		let last = version();
		const before = read(query);
		await waitUntil(() => {
			const now = version();
			if (now === last) return false;
			last = now;
			return read(query) !== before;
		});
	} finally {
		database.close();
	}
}

/** Waits until two polls have brought nothing new, and every execution has ended. */
async function untilQuiet({ requests }: Relay, ledger: () => LedgerEntry): Promise<void> {
	const polls = () => requests.filter(({ path }) => path.includes('delimiter=')).length;
	let last = { executions: -1, polls: 0, at: 0 };
	await until('two polls bring nothing new', 480, async () => {
		const { executions } = ledger();
		const isRunning = executions.some(({ status }) => ['new', 'running'].includes(status));
		if (isRunning || executions.length !== last.executions)
			last = { executions: executions.length, polls: polls(), at: Date.now() };
		const isQuiet = polls() - last.polls >= 2 && Date.now() - last.at >= QUIET_SECONDS * 1000;
		return isQuiet ? true : null;
	});
}
