import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { installTarball, registerPackage } from '../../../sandbox/n8n/communityPackage.ts';
import { owner } from '../../../sandbox/n8n/demo.ts';
import { signIn } from '../../../sandbox/n8n/restApi.ts';
import { launchN8n, type N8nServer } from '../../../sandbox/n8n/server.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import type { Trial } from '../part.ts';
import { startRelay } from '../relay.ts';
import { Arrivals, FOLDER } from './arrivals.ts';
import { Accountant, type Account } from './account.ts';
import { letClaimsExpire } from './claims.ts';
import { killAt, randomAim, type Kill } from './kill.ts';
import { Ledger, type Entry } from './ledger.ts';
import type { Poller } from './poller.ts';
import { TrafficWatch } from './traffic.ts';
import { makeWatcher, TRIGGER } from './watcher.ts';

/** How many recordings begin in a life of n8n, and how many of them are left running when it ends. */
const BEGIN = 10;
const LEFT_RUNNING = 3;
/** In which time they begin. */
const BEGIN_MS = 8_000;
const MINUTE = 60_000;
/** Two polls, and time to run what they bring. */
const QUIET_MS = MINUTE;
const QUIET_LIMIT_MS = 8 * MINUTE;

const LAST_EXECUTION = 'select max(id) from execution_entity';

const SETTINGS = {
	// All executions stay, and can be counted.
	EXECUTIONS_DATA_PRUNE: 'false',
	EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
	EXECUTIONS_DATA_SAVE_ON_ERROR: 'all',
};

/** How a session is written down in the trigger's memory. */
export interface Memory {
	digestOf(session: string): string;
	readSeen(state: { seen: string }): Set<string>;
}

/**
 * Lets a real n8n watch a bucket into which recordings come, kills it again and again, and counts what its
 * workflows were given.
 *
 * @param port where n8n listens
 * @param kills how often
 * @throws Error when n8n does not come up, or does not come to rest in the end
 */
export async function liveAndDie(
	poller: Poller,
	port: number,
	kills: number,
	{ digestOf, readSeen }: Memory,
	{ say, witness }: Trial,
): Promise<Account> {
	const folder = mkdtempSync(join(tmpdir(), `n8n-nodes-agora-crash-${poller.name}-`));
	const file = join(folder, '.n8n', 'database.sqlite');
	const manifest = await installTarball(join(folder, '.n8n'));
	const sandbox = await startSandbox({ folder: join(folder, 'bucket') });
	const watch = new TrafficWatch();
	const relay = await startRelay(sandbox.s3, watch.decide);
	const arrivals = new Arrivals(sandbox);
	const ledger = new Ledger({ file, poller, trigger: TRIGGER, readSeen, witness });
	let n8n: N8nServer | undefined;
	const queries = { memory: poller.memories, execution: LAST_EXECUTION };
	const settings = { ...SETTINGS, ...poller.settings };
	const launch = () => {
		const launched = launchN8n({ folder, port, settings });
		n8n = launched;
		return launched;
	};
	const boot = async () => {
		const { ready, ...server } = launch();
		const problem = await ready;
		if (problem)
			throw new Error(`${problem}\n${readFileSync(server.logFile, 'utf8').slice(-2000)}`);
		return server;
	};
	witness.guard({
		'S3 secret key': sandbox.storage.secretKey,
		'Customer Secret': sandbox.agoraAccount.customerSecret,
		'App Certificate': sandbox.agoraAccount.appCertificate,
		"n8n owner's password": owner.password,
	});

	try {
		const { url, stop } = await boot();
		const api = await signIn(url, owner);
		await registerPackage(join(folder, '.n8n'), manifest, api);
		const workflow = await makeWatcher(api, sandbox, relay.origin);
		const remembers = ({ known }: Entry) => known !== null;
		await until('the trigger remembers when it was activated', 3 * MINUTE, () => {
			const entry = ledger.read().get(workflow);
			return entry !== undefined && remembers(entry);
		});
		await stop();
		say(`${poller.name}: a workflow watches`);

		const digestOfSid = (sid: string) => digestOf(`${FOLDER}${sid}`);
		const accountant = new Accountant({
			workflow,
			digestOf: digestOfSid,
			takesBack: poller.tellsOfStart,
		});
		const coming: Array<Promise<void>> = [];
		for (let number = 1; number <= kills; number++) {
			coming.push(arrivals.during(BEGIN_MS, BEGIN, LEFT_RUNNING));
			const traffic = watch.begin();
			const aim = randomAim();
			const kill = await killAt(aim, launch(), traffic, { file, queries });
			letClaimsExpire(file);
			accountant.afterKill(kill, ledger, arrivals.completed);
			say(
				`${poller.name}: ${number}/${kills} ${inWords(kill)} (${aim.at}); ${accountant.progress}`,
			);
		}
		await Promise.all(coming);
		await arrivals.completeAll();

		const traffic = watch.begin();
		const { stop: end } = await boot();
		let [rows, since, polls] = [0, Date.now(), 0];
		await until('two polls bring nothing new', QUIET_LIMIT_MS, () => {
			ledger.read();
			const unfinished = [...ledger.rows.values()].some(({ status }) => isUnfinished(status));
			if (ledger.rows.size !== rows || unfinished) {
				[rows, since, polls] = [ledger.rows.size, Date.now(), traffic.polls];
			}
			const enough = traffic.polls - polls >= 2;
			return enough && Date.now() - since >= QUIET_MS;
		});
		await end();
		witness.see('log', readFileSync(join(folder, 'n8n.log'), 'utf8'));
		const account = accountant.close(ledger, arrivals.completed);
		say(
			`${poller.name}: ${account.completed} to be given, ${account.lost.all} lost, ${account.doubled.all} doubled`,
		);
		return account;
	} finally {
		await n8n?.kill();
		await relay.close();
		await sandbox.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

function isUnfinished(status: string): boolean {
	return status === 'new' || status === 'running';
}

function inWords({ doing, at, afterAnswer }: Kill): string {
	const behind = afterAnswer === null ? '' : `, ${afterAnswer} ms after the bucket's last answer`;
	return `killed ${doing} at ${(at / 1000).toFixed(1)} s${behind}`;
}

async function until(what: string, ms: number, isSo: () => boolean): Promise<void> {
	const end = Date.now() + ms;
	while (Date.now() < end) {
		if (isSo()) return;
		await wait(1_000);
	}
	throw new Error(`after ${Math.round(ms / 1000)} s it is still not so that ${what}`);
}
