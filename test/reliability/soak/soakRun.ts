/**
 * n8n's engine in a process of its own, for as long as it is told: it works, and now and then it holds still to
 * be measured.
 */
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { answerJob } from '../../integration/childProcess.ts';
import { Engine, type CredentialStore } from '../../integration/engine.ts';
import { randomSource } from '../../unit/randomSource.ts';
import { IDLE_NODE, writeIdlePackage } from './idleNode.ts';
import { takeSample, type Sample } from './sample.ts';
import { Traffic, type Tally } from './traffic.ts';

export interface SoakJob {
	credentials: CredentialStore;
	minutes: number;
	/** Instead of the nodes a node that does nothing, so many times. */
	nothing?: number;
	/** Lets the process keep something of every execution on purpose. */
	leak?: 'memory' | 'timers';
}

export interface SoakReport {
	samples: Sample[];
	tally: Tally;
	downloadedBytes: number;
	/** Letters of what the triggers remember, when warm and at the end. */
	remembered: [number, number];
}

const LANES = 4;
/** Between two things that one person does. */
const BREATH_MS = 150;
const POLL_MS = 2_500;
const SAMPLE_MS = 5_000;
/** Every so many samples all work ends first. */
const IDLE_EVERY = 4;

/** What a leak on purpose keeps. */
const kept: unknown[] = [];
const timers: NodeJS.Timeout[] = [];
const LEAKED_BYTES = 2_000;

async function run(job: SoakJob): Promise<SoakReport> {
	const idlePackage = writeIdlePackage();
	const engine = await Engine.start(job.credentials, {
		filesOnDisk: true,
		keepTranscript: false,
		packages: [idlePackage],
	});
	try {
		return job.nothing === undefined
			? await work(engine, job)
			: await doNothing(engine, job, job.nothing);
	} finally {
		for (const timer of timers) clearTimeout(timer);
		engine.removeFiles();
		rmSync(idlePackage, { recursive: true });
	}
}

async function work(engine: Engine, { credentials, minutes, leak }: SoakJob): Promise<SoakReport> {
	const traffic = new Traffic(engine, credentials, randomSource(1));
	const began = Date.now();
	const end = began + minutes * 60_000;
	const samples: Sample[] = [];
	const gate = new Gate();
	// What loading began has ended by then.
	await wait(1_000);
	const calm = process.getActiveResourcesInfo().length;
	let rememberedFirst = 0;

	const lane = async (breath: number, next: () => Promise<void>) => {
		while (Date.now() < end) {
			await gate.pass(next);
			keep(leak);
			await wait(breath);
		}
	};
	const measuring = async () => {
		for (let count = 1; Date.now() < end; count++) {
			await wait(SAMPLE_MS);
			const idle = count % IDLE_EVERY === 0;
			if (idle) await gate.close();
			if (idle) await settled(calm);
			samples.push(
				await takeSample({ at: Date.now() - began, executions: traffic.executions, idle }),
			);
			// On disk they are nobody's memory, but the disk is not endless.
			if (idle) engine.removeBinaryData();
			if (idle) rememberedFirst ||= traffic.remembered;
			gate.open();
		}
	};
	await Promise.all([
		measuring(),
		lane(POLL_MS, async () => await traffic.poll()),
		...Array.from({ length: LANES }, () => lane(BREATH_MS, async () => await traffic.next())),
	]);
	const { tally, downloadedBytes, remembered } = traffic;
	return { samples, tally, downloadedBytes, remembered: [rememberedFirst, remembered] };
}

const SAMPLES_OF_NOTHING = 60;

async function doNothing(engine: Engine, { leak }: SoakJob, times: number): Promise<SoakReport> {
	const began = Date.now();
	const samples: Sample[] = [];
	const every = Math.ceil(times / SAMPLES_OF_NOTHING);
	for (let executions = 1; executions <= times; executions++) {
		await engine.runNode(IDLE_NODE, {});
		keep(leak);
		if (executions % every === 0)
			samples.push(await takeSample({ at: Date.now() - began, executions, idle: true }));
	}
	return { samples, tally: {}, downloadedBytes: 0, remembered: [0, 0] };
}

function keep(leak: SoakJob['leak']): void {
	if (leak === 'memory') kept.push('x'.repeat(LEAKED_BYTES).split(''));
	if (leak === 'timers') timers.push(setTimeout(() => {}, 3_600_000));
}

/** Lets work through, or holds it up until all that is under way has ended. */
class Gate {
	#under = 0;
	#opened = Promise.resolve();
	#open = () => {};
	#ended = () => {};

	async pass(work: () => Promise<void>): Promise<void> {
		await this.#opened;
		this.#under++;
		try {
			await work();
		} finally {
			this.#under--;
			if (this.#under === 0) this.#ended();
		}
	}

	async close(): Promise<void> {
		this.#opened = new Promise((resolve) => (this.#open = resolve));
		if (this.#under > 0) await new Promise<void>((resolve) => (this.#ended = resolve));
	}

	open(): void {
		this.#open();
	}
}

const MOST_SETTLE_MS = 10_000;

/** An execution that was cancelled is over before its last request is. */
async function settled(calm: number): Promise<void> {
	const deadline = Date.now() + MOST_SETTLE_MS;
	do await wait(100);
	while (process.getActiveResourcesInfo().length > calm && Date.now() < deadline);
}

answerJob(import.meta.filename, run);
