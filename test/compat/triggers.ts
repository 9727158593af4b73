import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { request } from 'undici';
import { newNotice, signNotice } from '../../sandbox/agora/notifications.ts';
import { NOTIFICATIONS_SECRET } from '../../sandbox/n8n/credentials.ts';
import { notificationsUrl } from '../../sandbox/n8n/notifications.ts';
import type { RestApi } from '../../sandbox/n8n/restApi.ts';
import { until } from '../until.ts';
import { callWebhook } from './operations.ts';
import type { Run } from './run.ts';
import { CANCELED, EVENT_TRIGGER, messageText, TRIGGER } from './workflows.ts';

/** n8n polls at any second of a minute. */
const TWO_POLLS_SECONDS = 130;
/** Agora's first query follows five seconds after the start; the wait for it must end long before. */
const STOP_LIMIT_MS = 2000;

/** The polling trigger emits the recording that the operations have made. */
export async function tryTrigger(run: Run): Promise<void> {
	const { sid } = run.sandbox.control.sessions().at(-1)!;
	await run.checks.try('Agora Trigger emits an existing recording', async () => {
		await untilMessage(run, messageText(TRIGGER, sid), TWO_POLLS_SECONDS);
	});
}

/** A notification starts a workflow if its signature is right. */
export async function tryEventTrigger(run: Run): Promise<void> {
	const { checks, url } = run;
	const send = async (sid: string, secret: string) => {
		const details = { msgName: 'event', status: 0 };
		const payload = { cname: 'class-7b', uid: '527841', sid, sequence: 1, sendts: 1, details };
		const notice = newNotice('recording', 40, { ...payload, serviceType: 1 }, sid);
		const response = await request(notificationsUrl(url, EVENT_TRIGGER), {
			method: 'POST',
			reset: true,
			...signNotice(notice, Date.now(), secret),
		});
		return { status: response.statusCode, text: await response.body.text() };
	};
	const [signed, forged] = ['a'.repeat(32), 'b'.repeat(32)] as const;
	await checks.try('Agora Event Trigger: a signed notification', async () => {
		const { status, text } = await until('the webhook is there', 30, async () => {
			const response = await send(signed, NOTIFICATIONS_SECRET);
			return response.status === 404 ? null : response;
		});
		if (status !== 200) throw new Error(`the response is ${status}: ${text}`);
		await untilMessage(run, messageText(EVENT_TRIGGER, signed), 20);
	});
	await checks.try('Agora Event Trigger: a wrong signature', async () => {
		const { status, text } = await send(forged, 'another-secret');
		if (status !== 401) throw new Error(`the response is ${status}: ${text}`);
		// An execution would begin right after the response.
		await wait(2000);
		if ((await messages(run)).includes(messageText(EVENT_TRIGGER, forged)))
			throw new Error('it starts the workflow');
	});
}

async function untilMessage(run: Run, text: string, seconds: number): Promise<void> {
	await until(`the message "${text}"`, seconds, async () =>
		(await messages(run)).includes(text) ? true : null,
	);
}

async function messages({ sandbox }: Run): Promise<string[]> {
	const { body } = await request(`${sandbox.inbox}/messages`);
	return ((await body.json()) as Array<{ text: string }>).map(({ text }) => text);
}

/**
 * The node waits until Agora records, and writes a line into n8n's log when its execution is stopped.
 *
 * @param workflowId of the workflow CANCELED
 */
export async function stopExecution(
	run: Run,
	api: RestApi,
	workflowId: string,
	logFile: string,
): Promise<void> {
	await run.checks.try('Stopping an execution ends its wait', async () => {
		await callWebhook(run, CANCELED);
		await until('the recording is started', 20, async () => {
			const sessions = run.sandbox.control.sessions();
			return sessions.some(({ cname }) => cname === CANCELED) ? true : null;
		});
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await api.get<{ results: Array<{ id: string }> }>(
			`/executions?filter=${filter}`,
		);
		const stopped = Date.now();
		await api.post(`/executions/${results[0]!.id}/stop`, {});
		while (!readFileSync(logFile, 'utf8').includes('Cancelled; these recordings may be running')) {
			if (Date.now() - stopped > STOP_LIMIT_MS)
				throw new Error(`the node is still waiting after ${STOP_LIMIT_MS} ms`);
			await wait(20);
		}
		return `${Date.now() - stopped} ms`;
	});
}
