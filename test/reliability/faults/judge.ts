import type { IDataObject } from 'n8n-workflow';
import { isDeepStrictEqual } from 'node:util';
import type { Service } from '../requests.ts';
import { outputsOf, type Cell, type Trial } from './cell.ts';
import { TRIGGER } from './columns.ts';
import { HUGE_BYTES, RETRY_AFTER_SECONDS } from './faults.ts';
import type { ErrorText, RunOutcome } from './route.ts';
import { expected, type Expected } from './rules.ts';
import type { Setup } from './setup.ts';

/** A huge response is read no further than this. */
const MOST_BYTES = HUGE_BYTES / 2;

/** Compares a run with the rules, and with what the sandbox did. @returns a sentence for each violation */
export function judge(setup: Setup, trial: Trial): string[] {
	const { cell, route, faults, huge, nextPoll } = trial;
	const rule = expected(cell.column, cell.fault, cell.always);
	return [
		...(faults === 0 ? ['the fault hit nothing'] : []),
		...judgeOutcome(rule, trial),
		...judgeAttempts(rule, trial),
		...judgeEffects(setup, rule, trial),
		...(huge !== null && huge.bytesRead > MOST_BYTES * faults
			? [`${huge.bytesRead} bytes were read`]
			: []),
		...(route.relay.requests.some(({ path }) => path.startsWith('/again'))
			? ['followed a redirect']
			: []),
		...(nextPoll === null ? [] : judgePolls(cell, trial.outcome, nextPoll)),
	];
}

function judgeOutcome(rule: Expected, { cell, outcome, items }: Trial): string[] {
	const { column, baseline, continueOnFail, fault } = cell;
	const hitItem = items.length - 1;
	const isPoll = column.operation === TRIGGER;
	const outputs = outputsOf(column, outcome);
	// A run with one item has that of the second one.
	const alone = [baseline.outputs[isPoll ? 0 : 1]!, []];
	const usual = items.length > 1 ? baseline.outputs : alone;
	const returned = JSON.stringify(outputs);
	const [error] = outcome.errors;
	const messages = outcome.errors.map(({ message }) => message).join(' / ');
	const note = noteIn(outcome);
	const texts = note === null ? outcome.errors : [...outcome.errors, note];
	const failures = texts.flatMap((each) => checkText(each, column.service));
	if (outcome.errors.length > 1) failures.push(`more than one error: ${messages}`);
	const isOtherDropped = items.length === 1 || (error !== undefined && !continueOnFail);
	if (!isOtherDropped && !isDeepStrictEqual(outputs[0], usual[0]))
		failures.push(`the other item returned ${returned}`);
	if (rule.outcome === 'no crash') return failures;
	if ((rule.outcome === 'error') !== (error !== undefined)) {
		const actual = error === undefined ? `no error, but ${returned}` : `an error: ${messages}`;
		return [...failures, actual];
	}
	if (error !== undefined) {
		const index = isPoll ? null : hitItem;
		if (error.item !== index) failures.push(`item index ${error.item} instead of ${index}`);
		failures.push(...judgeFailure(rule, fault.name, error));
	} else if (rule.outcome === 'result' && !isDeepStrictEqual(outputs, usual)) {
		failures.push(`returned ${returned} instead of ${JSON.stringify(usual)}`);
	} else if (rule.outcome === 'note' && note === null) {
		failures.push(`no note in ${returned}`);
	} else if (rule.outcome === 'other result' && !isPoll && outputs[hitItem]!.length === 0) {
		failures.push('no result');
	}
	return failures;
}

/** What n8n's scheduler reads of an error. */
function judgeFailure(
	{ cause }: Expected,
	fault: string,
	{ failure }: RunOutcome['errors'][number],
): string[] {
	if (failure === undefined || cause === undefined) return [];
	const actual = failure as { cause?: string; retryAfterMs?: number } | null;
	if (actual?.cause !== cause) return [`the cause is ${actual?.cause} instead of ${cause}`];
	const wait = fault === '429 with Retry-After' ? RETRY_AFTER_SECONDS * 1000 : undefined;
	return wait === undefined || actual.retryAfterMs === wait
		? []
		: [`retryAfterMs is ${actual.retryAfterMs} instead of ${wait}`];
}

/** The note about a session record that could not be saved. */
function noteIn({ items }: RunOutcome): ErrorText | null {
	const note = items.map(({ json }) => json.session_record_note).find((each) => each !== undefined);
	return note === undefined ? null : { message: String(note), description: String(note) };
}

function judgeAttempts(rule: Expected, { cell, route, attempts }: Trial): string[] {
	if (rule.attempts === undefined || rule.outcome === 'no crash') return [];
	const { requests, isConcurrent } = cell.baseline;
	const isError = rule.outcome === 'error';
	const exact = isError ? rule.attempts : requests + rule.attempts - 1;
	// Concurrent requests may be hit too.
	const isMinimum =
		rule.outcome === 'other result' || (isConcurrent && (route.tls !== null || isError));
	const isRight = isMinimum ? attempts >= rule.attempts : attempts === exact;
	return isRight ? [] : [`sent ${attempts} times instead of ${exact}`];
}

const MAY_HAVE_EFFECT = /may be running|may have been created|may have changed|is running/;

/** Whether the error reports what the sandbox really did. */
function judgeEffects({ sandboxed }: Setup, rule: Expected, trial: Trial): string[] {
	const { kind, operation } = trial.cell.column;
	const { errors } = trial.outcome;
	const text = errors.map(({ message, description }) => `${message} ${description}`).join(' ');
	const isNamed = MAY_HAVE_EFFECT.test(text);
	const failures: string[] = [];
	if (rule.mustName === 'effect' && !isNamed)
		failures.push(`the error does not name the possible effect: ${text}`);
	// Code 7 means that a recording is running.
	const hasNoEffect =
		rule.mustName === undefined && kind !== 'wait' && trial.cell.fault.name !== '201, code 7';
	if (rule.outcome === 'error' && hasNoEffect && isNamed)
		failures.push(`the error names an effect that is impossible: ${text}`);
	if (['create project', 'reset certificate', 'create ban'].includes(kind)) {
		const done = trial.hits.filter(({ forwarded }) => forwarded).length;
		if (done > 1) failures.push(`done ${done} times`);
		if (done === 1 && errors.length > 0 && !isNamed)
			failures.push(`it was done, but the error does not name it: ${text}`);
	}
	if (operation !== 'recording start') return failures;
	const { cname } = trial.items.at(-1)!;
	const sessions = sandboxed.sandbox.control.sessions().filter((each) => each.cname === cname);
	if (sessions.length > 1) failures.push(`${sessions.length} recordings were started`);
	const [session] = sessions;
	if (errors.length === 0 || session === undefined) return failures;
	const { sid, resourceId } = session;
	if (!text.includes(sid) && !(isNamed && text.includes(resourceId)))
		failures.push(`a recording was started, but the error does not name it: ${text}`);
	if (rule.mustName === 'session' && !text.includes(sid))
		failures.push(`the error does not name ${sid}`);
	return failures;
}

/** A failed poll is repeated: both together return each recording once. */
function judgePolls({ baseline }: Cell, first: RunOutcome, second: RunOutcome): string[] {
	if (second.errors.length > 0) return [`the next poll failed: ${second.errors[0]!.message}`];
	const sidsOf = (outputs: IDataObject[]) => outputs.map(({ sid }) => String(sid)).sort();
	const returned = sidsOf([...first.items, ...second.items].map(({ json }) => json));
	const usual = sidsOf(baseline.outputs[0]!);
	return isDeepStrictEqual(returned, usual)
		? []
		: [`two polls returned ${returned.join()} instead of ${usual.join()}`];
}

/** What a user cannot read or must not see. */
const UNREADABLE: Array<[RegExp, string]> = [
	[/\bE(?:[A-Z]{4,}|AI_[A-Z]+)\b|\bERR_[A-Z_]+|DEPTH_ZERO|SELF_SIGNED/, 'an error code of Node'],
	[/<\/?[a-z!][^>]*>/i, 'markup'],
	[
		/Cannot (?:read|destructure)|is not (?:a function|iterable)|\[object |\bundefined\b|\bNaN\b|Unexpected token|JSON at position/,
		'a JavaScript error',
	],
	[/Authorization|Basic [A-Za-z0-9+/=]{8}|X-Amz-Signature|AWS4-HMAC/, 'a header or signature'],
];
/** Agora's host is in the credential and never named; of the storage only the endpoint is. */
const URL_OF: Record<Service, RegExp> = {
	agora: /127\.0\.0\.1|faults\.test|https?:\/\/\S+:\d+/,
	bucket: /https?:\/\/[^\s"/]+\/\S/,
};
const SHORTEST_ADVICE = 15;

function checkText({ message, description }: ErrorText, service: Service): string[] {
	const text = `${message} | ${description}`;
	const failures = [...UNREADABLE, [URL_OF[service], 'a URL'] as const]
		.filter(([pattern]) => pattern.test(text))
		.map(([, what]) => `${what} in: ${text}`);
	if (message.trim() === '') failures.push('an error without a message');
	if (description.trim().length < SHORTEST_ADVICE) failures.push(`no advice in: ${text}`);
	return failures;
}
