import type { IDataObject } from 'n8n-workflow';
import type { Failure } from 'n8n-workflow';
import type { Poll } from '../../integration/engine.ts';
import { startRelay, type Passing, type Relay, type Trouble } from '../relay.ts';
import { TRIGGER, type Column } from './columns.ts';
import { buildGate, type Gate } from './gate.ts';
import { agoraBy, storageBy, type Subject, type World } from './world.ts';

export interface GivenItem {
	json: IDataObject;
	/** Index of the input item it is paired with. */
	from: number;
}

export interface GivenError {
	message: string;
	description: string;
	/** Index of the input item; null where a poll, which has none, failed. */
	item: number | null;
	/** What n8n's scheduler is told; undefined where an item carries the error. */
	failure?: Failure | null;
}

/** What came of one run. */
export interface Seen {
	items: GivenItem[];
	errors: GivenError[];
	/** Everything that n8n would keep of it. */
	stored: string;
}

export interface Line {
	relay: Relay;
	gate: Gate | null;
	/** Runs the operation, or polls, for these items. */
	run(subjects: Subject[], continueOnFail: boolean): Promise<Seen>;
	close(): Promise<void>;
}

/**
 * Puts relays of its own between the node and both services.
 *
 * @param name of the credentials made for it
 * @param decide what goes wrong with a request to the service of the column
 * @param withGate whether that service is reached through a gate
 */
export async function layLine(
	world: World,
	column: Column,
	name: string,
	decide: (passing: Passing) => Trouble | null,
	withGate: boolean,
): Promise<Line> {
	const { set } = world;
	const { service, only, prefix } = column;
	const origins = { agora: set.sandbox.agora, bucket: set.sandbox.s3 };
	const relay = await startRelay(origins[service], decide);
	const other =
		only === undefined
			? await startRelay(service === 'agora' ? origins.bucket : origins.agora, () => null)
			: null;
	const gate = withGate ? await buildGate(Number(new URL(relay.origin).port)) : null;
	const front = gate?.origin ?? relay.origin;
	const [toAgora, toBucket] = service === 'agora' ? [front, other?.origin] : [other?.origin, front];
	const credentials: Record<string, string> = {};
	if (toAgora !== undefined) {
		set.credentials.agoraApi![name] = agoraBy(set, toAgora);
		credentials.agoraApi = name;
	}
	if (toBucket !== undefined) {
		set.credentials.agoraStorageApi![name] = storageBy(set, toBucket, prefix);
		credentials.agoraStorageApi = name;
	}
	let trigger: Poll | null = null;
	return {
		relay,
		gate,
		async run(subjects, continueOnFail) {
			if (column.operation === TRIGGER) {
				trigger ??= set.engine.trigger(column.parameters, { credentials });
				return await poll(trigger);
			}
			const items = subjects.map(({ json }) => json);
			const options = { credentials, items, continueOnFail };
			const result = await set.engine.run(column.parameters, options);
			return seenIn(result);
		},
		async close() {
			delete set.credentials.agoraApi![name];
			delete set.credentials.agoraStorageApi![name];
			await Promise.all([relay.close(), other?.close(), gate?.remove()]);
		},
	};
}

async function poll({ poll, state }: Poll): Promise<Seen> {
	try {
		const items = (await poll()) ?? [];
		const stored = JSON.stringify([items, state]);
		return { items: items.map((json) => ({ json, from: 0 })), errors: [], stored };
	} catch (error) {
		const { message, description = '', failure = null } = error as ThrownError;
		const text = { message, description: description ?? '' };
		const stored = JSON.stringify([error, text, state]);
		return { items: [], errors: [{ ...text, item: null, failure }], stored };
	}
}

type ThrownError = Error & { description?: string | null; failure?: Failure };

function seenIn({
	items,
	error,
	stored,
}: Awaited<ReturnType<World['set']['engine']['run']>>): Seen {
	const given = items.map(({ json, pairedItem }) => ({
		json,
		from: (pairedItem as { item: number }).item,
	}));
	const errors: GivenError[] = given
		.filter(({ json }) => json.error !== undefined)
		.map(({ json, from }) => ({
			message: String(json.error),
			description: String(json.message ?? ''),
			item: from,
		}));
	if (error !== undefined) {
		const { message, description, context, failure = null } = error as typeof error & ThrownError;
		const item = (context?.itemIndex as number | undefined) ?? null;
		errors.push({ message, description: description ?? '', item, failure });
	}
	return { items: given.filter(({ json }) => json.error === undefined), errors, stored };
}
