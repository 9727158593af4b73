import { ASKED } from './asked.ts';
import type { Tally } from './tally.ts';

/**
 * What was tried and counted, and what no node can promise, as Markdown.
 *
 * @param refusedForRate requests that the sandbox itself refused, besides the planned mishaps
 */
export function page(tally: Tally, seed: number, refusedForRate: number): string[] {
	const asked = ASKED.map((each) => `${tally.asked.get(each) ?? 0} ${WORDS[each]}`).join(', ');
	return [
		'Random schedules of mishaps, each run in channels of its own, with a relay before Agora and one before the bucket: 1 to 4 items; any way of going on after a failure, Retry On Fail and options; anything in the table below for the first requests of each kind, before or after they took effect; some executions are cancelled at a moment of a clock or of a request, some run in pairs for the same channels, with the same UIDs or with random ones. Afterwards what the node said is compared with the sessions that the sandbox holds:',
		'',
		'1. An item has one session at a time, however often n8n or the node tried.',
		'2. Every session is named, unless it had ended when a retry started another one: by its item or by the error of the run: with its sid, or by a warning that it may be running, with the resource ID. Of a cancelled execution it is in n8n’s log, too.',
		'3. Nothing is said to record that was not started, or after waiting does not run; nothing that runs is said to have ended.',
		'4. A failed item takes nothing from the others: where n8n goes on, each item gives something out, in order, and a failed one at the error output where there is one.',
		'5. Nothing is started once the execution has been cancelled, and no secret comes out.',
		'',
		`Seed ${seed}; \`START_SEED\` and \`START_SCHEDULES\` repeat it, or try more. A schedule that fails is made as simple as it gets, and told in words.`,
		'',
		'| What | How many |',
		'| --- | --- |',
		`| Schedules | ${tally.cases}, ${tally.atOnce} of them two executions at once |`,
		`| Executions, items | ${tally.executions}, ${tally.items} |`,
		`| Requests | ${asked} |`,
		`| Mishaps | ${tally.mishaps}, and ${refusedForRate} times 429 because ten requests a second were exceeded |`,
		`| Sessions started | ${tally.sessions}, ${tally.named} of them named by their sid |`,
		`| Errors that told of a recording that may be running | ${tally.doubts}, ${tally.doubtsWithSession} of them rightly |`,
		`| Executions cancelled | ${tally.cancelled}, which left ${tally.leftByCancelled.length} sessions, all in n8n’s log or listed below |`,
		'',
		'| Mishap | Without effect | After it took effect |',
		'| --- | --- | --- |',
		...tally.rows,
		'',
		'What a node cannot promise:',
		'',
		'- n8n’s server stores a cancelled execution without output or error of the node that ran: only “The execution was cancelled”. The session record, where it was written by then, and n8n’s log tell what runs. n8n breaks off requests on their way when it cancels; one that Agora has got by then takes effect.',
		'- Agora’s own refusal (400, 401, 403, 404, 429 in its words) is believed: a service that refuses and starts all the same would go unnoticed. A proxy’s page is not believed.',
		'- Two executions that start the same channel leave one recording, as Agora refuses the second recorder. If the first one saved no session record, the second one fails, because it cannot name the recording.',
	];
}

const WORDS = {
	acquire: 'reservations',
	start: 'starts',
	query: 'queries',
	record: 'session records',
	index: 'index entries',
};
