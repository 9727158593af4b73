import type { Failure, IDataObject } from 'n8n-workflow';
import type { Engine, Poll, RunResult } from '../../integration/engine.ts';
import { newNotice, signNotice } from '../../../sandbox/agora/notifications.ts';
import { NOTIFICATIONS_SECRET } from '../../../sandbox/n8n/credentials.ts';
import { startRelay, type InjectedFault, type Relay, type RelayedRequest } from '../relay.ts';
import { EVENT, TRIGGER, type Column } from './columns.ts';
import { agoraWith, storageWith, type Setup } from './setup.ts';
import type { ConnectionFailure } from './faults.ts';
import { startTlsFront, type TlsFront } from './tlsFront.ts';

/** An error as a user reads it. */
export interface ErrorText {
	message: string;
	description: string;
}

export interface RunOutcome {
	/** With the index of the input item that each is paired with. */
	items: Array<{ json: IDataObject; item: number }>;
	/**
	 * `item` is null for a failed poll. `failure`, which n8n's scheduler reads, is undefined where the error is in an
	 * output item.
	 */
	errors: Array<ErrorText & { item: number | null; failure?: Failure | null }>;
}

/** A node's connection to both services, with relays and credentials that no other run uses. */
export interface Route {
	/** To the column's service. */
	relay: Relay;
	tls: TlsFront | null;
	/** Runs the operation with these items, or polls. */
	run(items: IDataObject[], continueOnFail: boolean): Promise<RunOutcome>;
	close(): Promise<void>;
}

/**
 * @param name of the credentials
 * @param decide returns the fault of each request to the column's service
 * @param nextFailure makes the route use TLS, and is called for each connection to that service
 */
export async function openRoute(
	{ sandboxed }: Setup,
	column: Column,
	name: string,
	decide: (request: RelayedRequest) => InjectedFault | null,
	nextFailure: (() => ConnectionFailure | null) | null,
): Promise<Route> {
	const { sandbox, engine, credentials } = sandboxed;
	const { service, hasOtherService, needs, operation } = column;
	const relay = await startRelay(service === 'agora' ? sandbox.agora : sandbox.s3, decide);
	const port = Number(new URL(relay.origin).port);
	const tls = nextFailure === null ? null : await startTlsFront(port, nextFailure);
	const origin = tls?.origin ?? relay.origin;
	// The node limits its rate by API host, so runs must not share one.
	const other =
		service === 'bucket' && hasOtherService ? await startRelay(sandbox.agora, () => null) : null;
	const ids: Record<string, string> = {};
	if (operation === EVENT) ids.agoraNotificationsApi = 'default';
	if (service === 'agora' || hasOtherService) {
		credentials.agoraApi![name] = agoraWith(sandboxed, other?.origin ?? origin);
		ids.agoraApi = name;
	}
	if (service === 'bucket' || hasOtherService) {
		const isRunning = needs === 'running' || needs.startsWith('new');
		const bucket = service === 'bucket' ? origin : sandbox.s3;
		const prefix = isRunning ? 'live' : 'class';
		credentials.agoraStorageApi![name] = storageWith(sandboxed, bucket, prefix);
		ids.agoraStorageApi = name;
	}
	let trigger: Poll | undefined;
	return {
		relay,
		tls,
		async run(input, continueOnFail) {
			if (operation === TRIGGER) {
				trigger ??= engine.trigger(column.parameters, { credentials: ids });
				return await poll(trigger);
			}
			if (operation === EVENT) return await receive(engine, column, ids, input);
			const options = { credentials: ids, items: input, continueOnFail };
			return outcomeOf(await engine.run(column.parameters, options));
		},
		async close() {
			delete credentials.agoraApi![name];
			delete credentials.agoraStorageApi![name];
			await Promise.all([relay.close(), tls?.close(), other?.close()]);
		},
	};
}

/** Receives an event of each recording. Where a recording is missing, its note has the text of the error. */
async function receive(
	engine: Engine,
	{ parameters }: Column,
	credentials: Record<string, string>,
	recordings: IDataObject[],
): Promise<RunOutcome> {
	const outcome: RunOutcome = { items: [], errors: [] };
	for (const [item, { sid }] of recordings.entries()) {
		const { status, items } = await engine.receive(parameters, uploaded(String(sid)), {
			credentials,
		});
		const { recording, recording_note: note } = items[0] ?? {};
		if (status !== 200) outcome.errors.push({ message: `${status}`, description: '', item: null });
		if (note !== undefined)
			outcome.errors.push({ message: String(note), description: String(note), item });
		else outcome.items.push({ json: recording as IDataObject, item });
	}
	return outcome;
}

/** Agora's notification that the files of a recording are uploaded. */
function uploaded(sid: string) {
	const payload = { sid, serviceType: 0, details: { msgName: 'uploaded', status: 0 } };
	return signNotice(newNotice('recording', 31, payload, sid), Date.now(), NOTIFICATIONS_SECRET);
}

type ThrownError = Error & { description?: string | null; failure?: Failure };

async function poll({ poll }: Poll): Promise<RunOutcome> {
	try {
		const items = (await poll()) ?? [];
		return { items: items.map((json) => ({ json, item: 0 })), errors: [] };
	} catch (error) {
		const { message, description, failure = null } = error as ThrownError;
		return {
			items: [],
			errors: [{ message, description: description ?? '', item: null, failure }],
		};
	}
}

function outcomeOf({ items: output, error }: RunResult): RunOutcome {
	const all = output.map(({ json, pairedItem }) => ({
		json,
		item: (pairedItem as { item: number }).item,
	}));
	const errors: RunOutcome['errors'] = all
		.filter(({ json }) => json.error !== undefined)
		.map(({ json, item }) => ({
			message: String(json.error),
			description: String(json.message ?? ''),
			item,
		}));
	if (error !== undefined) {
		const { message, description, context, failure = null } = error as typeof error & ThrownError;
		const item = (context?.itemIndex as number | undefined) ?? null;
		errors.push({ message, description: description ?? '', item, failure });
	}
	return { items: all.filter(({ json }) => json.error === undefined), errors };
}
