import { installN8n } from '../../../sandbox/n8n/install.ts';
import { readObject } from '../../e2e/bucketFiles.ts';
import { readRun, until } from '../../e2e/executions.ts';
import { writeRecording, type WrittenRecording } from '../crash/recordings.ts';
import { TRIGGER } from '../crash/workflows.ts';
import type { Part, RunContext, Summary } from '../part.ts';
import { startRelay, type InjectedFault, type RelayedRequest } from '../relay.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { openServices, type Services } from './services.ts';
import { createWorkflows, type Workflows } from './workflows.ts';

/** How many executions a worker runs at once. */
const CONCURRENCY = 5;
/** More than both workers run at once. */
const BATCH = 20;
const TIMEOUT_SECONDS = 240;

/** In queue mode, a worker and the main process are killed during downloads: no recording is lost. */
export const queue: Part = {
	name: 'queue',
	inCi: false,
	async run(context): Promise<Summary> {
		await installN8n(context.log);
		const services = await openServices().catch((error: Error) => error.message);
		if (typeof services === 'string') {
			context.log(`SKIPPED: QUEUE MODE NEEDS POSTGRESQL AND REDIS ON THIS MACHINE (${services})`);
			return { figures: {}, failures: [], skipped: services };
		}
		const gate = new Gate();
		try {
			const cluster = await startCluster(services, CONCURRENCY);
			const relay = await startRelay(cluster.sandbox.s3, gate.decide);
			try {
				const workflows = await createWorkflows(cluster, relay.origin);
				return await runQueue({ ...cluster, workflows }, services, gate, context);
			} finally {
				gate.open();
				await cluster.stop();
				await relay.close();
			}
		} finally {
			await services.drop();
		}
	},
};

/** While it is closed, downloads receive half of an MP4 file. */
class Gate {
	#opened: PromiseWithResolvers<void> | null = null;
	halfway = 0;

	close(): void {
		this.#opened = Promise.withResolvers();
	}

	open(): void {
		this.#opened?.resolve();
		this.#opened = null;
		this.halfway = 0;
	}

	readonly decide = ({ method, path }: RelayedRequest): InjectedFault | null => {
		if (this.#opened === null || method !== 'GET' || !path.includes('.mp4')) return null;
		this.halfway++;
		return { response: { restAfter: this.#opened.promise }, when: 'after' };
	};
}

async function runQueue(
	cluster: Cluster & { workflows: Workflows },
	services: Services,
	gate: Gate,
	{ log, witness }: RunContext,
): Promise<Summary> {
	const { sandbox, main, workers, workflows } = cluster;
	const { agoraAccount, storage } = sandbox;
	witness.guard({
		'Customer Secret': agoraAccount.customerSecret,
		'App Certificate': agoraAccount.appCertificate,
		'storage secret key': storage.secretKey,
	});
	const recordings: WrittenRecording[] = [];
	const rows = async (workflow: string) =>
		await services.query<{ id: string; status: string; data: string }>(
			`select id::text, status, data from execution_entity
			join execution_data on "executionId" = id where "workflowId" = $1 order by id`,
			[workflow],
		);
	const emissions = async () => {
		const sids: string[] = [];
		for (const { data } of await rows(workflows.emit))
			sids.push(...(readRun(data).outputs[TRIGGER] ?? []).map(({ sid }) => String(sid)));
		return Map.groupBy(sids, (sid) => sid);
	};
	const writeBatch = async () => {
		for (let i = 0; i < BATCH; i++) {
			const recording = await writeRecording(sandbox, { hasMp4: true });
			await recording.complete();
			recordings.push(recording);
		}
	};
	const untilHalfway = async (downloads: number) =>
		await until(`${downloads} downloads are halfway`, TIMEOUT_SECONDS, async () =>
			gate.halfway >= downloads ? true : null,
		);
	const untilAllEnded = async (executions: number) =>
		await until(`${executions} executions have ended`, TIMEOUT_SECONDS, async () => {
			const all = await rows(workflows.archive);
			const isRunning = all.some(({ status }) => ['new', 'running', 'waiting'].includes(status));
			return all.length >= executions && !isRunning ? all : null;
		});
	const runningOn = async (worker: (typeof workers)[number]) => {
		const started = [...worker.log().matchAll(/Worker started execution (\d+)/g)];
		const ids = new Set(started.map(([, id]) => id!));
		const all = await rows(workflows.archive);
		return all.filter(({ id, status }) => status === 'running' && ids.has(id)).map(({ id }) => id);
	};

	// What completes before the first state is stored counts as old.
	await until('the first state is stored', TIMEOUT_SECONDS, async () => {
		const stored = await services.query(
			`select id from workflow_entity where id = $1 and "staticData"::text like '%"since"%'`,
			[workflows.emit],
		);
		return stored.length > 0 || null;
	});
	gate.close();
	await writeBatch();
	await untilHalfway(2 * CONCURRENCY);
	const interrupted = new Set(await runningOn(workers[0]));
	await workers[0].kill();
	gate.open();
	log(`a worker is killed during ${interrupted.size} downloads`);
	await untilAllEnded(BATCH);
	await workers[0].start();

	gate.close();
	await writeBatch();
	await untilHalfway(2 * CONCURRENCY);
	const lastEmitted = readRun((await rows(workflows.emit)).at(-1)!.data).outputs[TRIGGER] ?? [];
	await main.kill();
	gate.open();
	log('the main n8n is killed; its last poll emitted ' + lastEmitted.length);
	await main.start();
	await untilAllEnded(2 * BATCH + lastEmitted.length);

	const emitted = await emissions();
	const timesOf = ({ sid }: WrittenRecording) => emitted.get(sid)?.length ?? 0;
	const mayRepeat = new Set(lastEmitted.map(({ sid }) => sid));
	const archived = await countArchived(cluster, recordings);
	const executions = await rows(workflows.archive);
	const failed = executions.filter(({ status }) => status !== 'success');
	const lost = recordings.filter((each) => timesOf(each) === 0).length;
	const repeated = recordings.filter((each) => timesOf(each) > 1);
	const unexplained = repeated.filter(({ sid }) => !mayRepeat.has(sid)).length;
	const otherFailures = failed.filter(({ id }) => !interrupted.has(id)).length;
	const notArchived = recordings.length - archived;
	for (const member of [main, ...workers]) witness.see('log', member.log());
	for (const row of executions) witness.see('execution', row.data);
	const checks: Array<[failed: boolean, sentence: string]> = [
		[interrupted.size === 0, 'the kill of a worker interrupted no download'],
		[lost > 0, `${lost} recordings were never emitted`],
		[unexplained > 0, `${unexplained} recordings were emitted twice for no reason`],
		[otherFailures > 0, `${otherFailures} executions failed that no kill interrupted`],
		[notArchived > interrupted.size, `${notArchived} recordings are not in the archive`],
		[witness.leaks.length > 0, `secrets leaked: ${witness.leaks.join(', ')}`],
	];
	return {
		figures: {
			recordings: recordings.length,
			'never emitted': lost,
			"emitted twice, because the main process was killed after the trigger's last poll":
				repeated.length - unexplained,
			'emitted twice for no reason': unexplained,
			'downloads interrupted by the kill of a worker, whose executions n8n fails': interrupted.size,
			'executions that failed otherwise': otherFailures,
			'archived byte for byte': archived,
		},
		failures: checks.filter(([isFailed]) => isFailed).map(([, sentence]) => sentence),
	};
}

/** @returns how many recordings are in the archive with the same bytes */
async function countArchived(
	{ sandbox }: Cluster,
	recordings: WrittenRecording[],
): Promise<number> {
	let count = 0;
	for (const { sid, video } of recordings) {
		const object = await readObject(sandbox, sandbox.archiveBucket, `${sid}.mp4`).catch(() => null);
		if (object?.equals(video!)) count++;
	}
	return count;
}
