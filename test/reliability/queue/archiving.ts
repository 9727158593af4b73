import { readObject } from '../../e2e/bucketFiles.ts';
import { until } from '../../e2e/executions.ts';
import { CONCURRENCY, FINISHED, type Worker } from './cluster.ts';
import { executionsOf, isUnderWay, runOf } from './executions.ts';
import { writeRecording, type FinishedRecording } from './finishedRecording.ts';
import { call, type Outcome, type Stage } from './stage.ts';
import { activate } from './workflows.ts';

/** How many recordings there are after each step. */
const QUIET = 100;
const WORKER_LOST = 160;
const ALL_LOST = 200;

const WRITERS = 4;
/** A poll comes once a minute. */
const PATIENCE_SECONDS = 150;
/** The sandbox's log of requests forgets the oldest beyond this. */
const LOGGED_REQUESTS = 10_000;

const RETRY_IS_NOT_ENOUGH =
	'When a worker is lost, n8n calls its executions failed and forgets what they were given, so its Retry only repeats the error. The recordings are in the bucket all the same: a workflow that compares it with the archive (Get Many, then what is missing) finds them.';

/** What a kill interrupted: executions, and what was done to bring their recordings home. */
interface Interruption {
	interrupted: string[];
	/** The states n8n gave them. */
	states: string[];
	/** How many of them succeeded after *Retry* in n8n. */
	retried: number;
}

/**
 * Archives 200 recordings by executions of their own. The first hundred in peace; then a worker is killed in
 * the midst of downloads; then the main n8n and the other worker at once.
 *
 * @param whenWorkerIsDead what is to be tried while the first worker is dead and the second alive
 */
export async function archiveAll(
	stage: Stage,
	whenWorkerIsDead: () => Promise<Outcome>,
): Promise<Outcome> {
	const { cluster, gate, say } = stage;
	const [first, second] = cluster.workers as [Worker, Worker];
	const recordings: FinishedRecording[] = [];

	await write(stage, recordings, QUIET);
	await activate(cluster.api, cluster.workflows.announce);
	await allHaveEnded(stage, QUIET);
	const shares = await sharesOf(stage);
	say(`${QUIET} recordings are archived, by worker: ${shares.join(', ')}`);

	gate.shut();
	await write(stage, recordings, WORKER_LOST);
	await allAreInTheMidst(stage, WORKER_LOST, 2 * CONCURRENCY);
	const ofFirst = await underWay(stage, first);
	await first.kill();
	gate.open();
	say(`${first.name} is killed in the midst of ${ofFirst.length} downloads`);
	const meanwhile = await whenWorkerIsDead();
	await allHaveEnded(stage, WORKER_LOST);
	const workerLost = await retry(stage, ofFirst);
	say(`n8n gave up ${ofFirst.length}, its Retry brought back ${workerLost.retried}`);
	await first.start();

	gate.shut();
	await write(stage, recordings, ALL_LOST);
	await allAreInTheMidst(stage, ALL_LOST, 2 * CONCURRENCY);
	const ofSecond = await underWay(stage, second);
	await Promise.all([cluster.main.kill(), second.kill()]);
	gate.open();
	say(`the main n8n and ${second.name} are killed in the midst of ${ofSecond.length} downloads`);
	await until('the worker that is left has done the rest', PATIENCE_SECONDS, async () =>
		(await stage.services.takenJobs()) === 0 ? true : null,
	);
	const last = await givenOutLast(stage);
	await Promise.all([cluster.main.start(), second.start()]);
	await areGivenOutAgain(stage, last);
	say(`the trigger gives the ${last.length} recordings out again that it had given out last`);
	await allHaveEnded(stage, ALL_LOST + last.length);
	const allLost = await retry(stage, ofSecond);
	say(`n8n gave up ${ofSecond.length}, its Retry brought back ${allLost.retried}`);

	const archivedSoFar = (await compare(stage, recordings)).whole;
	await call(stage, 'repair', {});
	const repaired = recordings.length - archivedSoFar;
	await until('the repair has ended', PATIENCE_SECONDS, async () =>
		(await executionsOf(stage, 'archive')).some(isUnderWay) ? null : true,
	);
	say(`the comparison of bucket and archive found ${repaired} more`);
	const course = { recordings, shares, workerLost, allLost, last, repaired, meanwhile };
	return await judge(stage, course);
}

async function write(
	{ cluster: { sandbox } }: Stage,
	recordings: FinishedRecording[],
	upTo: number,
): Promise<void> {
	let next = recordings.length;
	const writer = async () => {
		while (next < upTo) {
			const n = next++;
			recordings[n] = await writeRecording(sandbox, n, FINISHED);
		}
	};
	await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function allHaveEnded(stage: Stage, count: number): Promise<void> {
	await until(`${count} executions have ended`, PATIENCE_SECONDS, async () => {
		const rows = await executionsOf(stage, 'archive');
		const ended = rows.filter((row) => row.retryOf === null && !isUnderWay(row));
		return ended.length >= count ? true : null;
	});
}

/** All are announced, and every place on the workers holds a download that came halfway. */
async function allAreInTheMidst(stage: Stage, count: number, places: number): Promise<void> {
	await until(`${places} downloads are halfway`, PATIENCE_SECONDS, async () => {
		const rows = await executionsOf(stage, 'archive');
		const announced = rows.filter(({ retryOf }) => retryOf === null).length;
		const announcing = (await executionsOf(stage, 'announce')).some(isUnderWay);
		return announced >= count && !announcing && stage.gate.halfway >= places ? true : null;
	});
}

/** @returns sids that the trigger gave out in its latest execution */
async function givenOutLast(stage: Stage): Promise<string[]> {
	const { id } = (await executionsOf(stage, 'announce')).at(-1)!;
	return await givenOutBy(stage, id);
}

/** The trigger cannot know whether n8n lost them. */
async function areGivenOutAgain(stage: Stage, sids: string[]): Promise<void> {
	await until('what was given out last is given out again', PATIENCE_SECONDS, async () => {
		const times = await announcedTimes(stage);
		return sids.every((sid) => times.get(sid) === 2) ? true : null;
	});
}

async function underWay(stage: Stage, { began }: Worker): Promise<string[]> {
	const taken = new Set(began());
	const rows = (await executionsOf(stage, 'archive')).filter(isUnderWay);
	return rows.map(({ id }) => id).filter((id) => taken.has(id));
}

/** How many executions each worker took. */
async function sharesOf(stage: Stage): Promise<number[]> {
	const ids = new Set((await executionsOf(stage, 'archive')).map(({ id }) => id));
	return stage.cluster.workers.map(({ began }) => began().filter((id) => ids.has(id)).length);
}

/** Presses *Retry* for what a kill interrupted. */
async function retry(stage: Stage, ids: string[]): Promise<Interruption> {
	const rows = (await executionsOf(stage, 'archive')).filter(({ id }) => ids.includes(id));
	let retried = 0;
	for (const { id } of rows) {
		const { status } = await stage.cluster.api.post<{ status: string }>(`/executions/${id}/retry`, {
			loadWorkflow: false,
		});
		if (status === 'success') retried++;
	}
	return {
		interrupted: ids,
		states: [...new Set(rows.map(({ status }) => status))],
		retried,
	};
}

interface Course {
	recordings: FinishedRecording[];
	shares: number[];
	workerLost: Interruption;
	allLost: Interruption;
	/** Sids that the trigger gave out last before the main n8n was killed. */
	last: string[];
	repaired: number;
	meanwhile: Outcome;
}

async function judge(stage: Stage, course: Course): Promise<Outcome> {
	const { recordings, shares, workerLost, allLost, last, repaired, meanwhile } = course;
	const { whole, lost, spoiled } = await compare(stage, recordings);
	const announced = await announcedTimes(stage);
	const doubled = await uploadedTooOften(stage, recordings, announced);
	const again = new Set(last);
	const wrong = recordings.filter(({ sid }) => announced.get(sid) !== (again.has(sid) ? 2 : 1));
	const interrupted = new Set([...workerLost.interrupted, ...allLost.interrupted]);
	const others = (await executionsOf(stage, 'archive')).filter(
		({ id, retryOf, status }) => retryOf === null && status !== 'success' && !interrupted.has(id),
	).length;
	const left = workerLost.interrupted.length - workerLost.retried;
	const mayBeLeft = left + allLost.interrupted.length - allLost.retried;

	const broken = [...meanwhile.broken];
	const expect = (holds: boolean, sentence: string) => holds || broken.push(sentence);
	expect(lost === 0, `${lost} recordings are not in the archive`);
	expect(spoiled === 0, `${spoiled} films in the archive are not those of the bucket`);
	expect(doubled === 0, `${doubled} films were uploaded more often than they were given out`);
	expect(wrong.length === 0, `${wrong.length} recordings were given out too often or not at all`);
	expect(Math.min(...shares) >= QUIET / 5, `one worker took nearly all: ${shares.join(', ')}`);
	expect(workerLost.interrupted.length > 0, 'the kill of a worker interrupted nothing');
	expect(
		allLost.interrupted.length > 0,
		'the kill of the main n8n and a worker interrupted nothing',
	);
	expect(
		allLost.retried === allLost.interrupted.length,
		`Retry brought back only ${allLost.retried} of ${allLost.interrupted.length}`,
	);
	expect(others === 0, `${others} executions failed that no kill interrupted`);
	expect(
		repaired >= left && repaired <= mayBeLeft,
		`${repaired} films were missing instead of ${left} to ${mayBeLeft}`,
	);
	return {
		figures: [
			['Recordings', recordings.length],
			['Given out by the trigger exactly once', recordings.length - wrong.length - last.length],
			['Given out once more after the main n8n was killed, as the last poll’s are', last.length],
			['Of the first hundred, by worker', shares.join(' and ')],
			...interruption('Executions of a worker that was killed', workerLost),
			...interruption('Executions of a worker killed together with the main n8n', allLost),
			['Found missing by comparing bucket and archive, and archived', repaired],
			['Archived, byte for byte', whole],
			['Lost', lost],
			['Uploaded more often than given out', doubled],
			...meanwhile.figures,
		],
		notes: [
			...meanwhile.notes,
			...(workerLost.retried < workerLost.interrupted.length ? [RETRY_IS_NOT_ENOUGH] : []),
		],
		broken,
	};
}

function interruption(
	what: string,
	{ interrupted, states, retried }: Interruption,
): Outcome['figures'] {
	return [
		[`${what}, in the midst of downloads`, interrupted.length],
		['– which n8n then calls', states.join(', ')],
		['– brought back by Retry in n8n', retried],
	];
}

/** Compares the archive with what was recorded. */
async function compare({ cluster: { sandbox } }: Stage, recordings: FinishedRecording[]) {
	let whole = 0;
	let lost = 0;
	for (const { sid, film } of recordings) {
		const archived = await readObject(sandbox, sandbox.archiveBucket, `${sid}.mp4`).catch(
			() => null,
		);
		if (archived === null) lost++;
		else if (archived.equals(film)) whole++;
	}
	return { whole, lost, spoiled: recordings.length - whole - lost };
}

async function uploadedTooOften(
	{ cluster: { sandbox } }: Stage,
	recordings: FinishedRecording[],
	announced: Map<string, number>,
): Promise<number> {
	const requests = await sandbox.control.requests('s3');
	if (requests.length >= LOGGED_REQUESTS) throw new Error('the log of requests is too short');
	const uploads = requests.filter(({ method, status }) => method === 'PUT' && status === 200);
	const counts = Map.groupBy(uploads, ({ path }) => path.split('?')[0]);
	const times = ({ sid }: FinishedRecording) =>
		counts.get(`/${sandbox.archiveBucket}/${sid}.mp4`)?.length ?? 0;
	return recordings.filter((each) => times(each) > (announced.get(each.sid) ?? 0)).length;
}

/** How often the trigger gave out each recording. */
async function announcedTimes(stage: Stage): Promise<Map<string, number>> {
	const times = new Map<string, number>();
	for (const { id } of await executionsOf(stage, 'announce')) {
		for (const sid of await givenOutBy(stage, id)) times.set(sid, (times.get(sid) ?? 0) + 1);
	}
	return times;
}

async function givenOutBy(stage: Stage, execution: string): Promise<string[]> {
	const { outputs } = await runOf(stage, execution);
	return (outputs['Agora Trigger'] ?? []).map(({ sid }) => sid as string);
}
