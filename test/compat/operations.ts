import { createHash } from 'node:crypto';
import type { INodeProperties } from 'n8n-workflow';
import { request } from 'undici';
import type { Operation } from '../../docs/generate/operations.ts';
import type { RestApi } from '../../sandbox/n8n/restApi.ts';
import { readObject } from '../e2e/bucketFiles.ts';
import { shapeOf } from '../shape.ts';
import { until } from '../until.ts';
import type { Run } from './run.ts';
import { CREDENTIAL_IDS, FILE, isOperation, pathOf } from './workflows.ts';

/** The channel of the examples in the reference. */
const CHANNEL = 'class-7b';

type Item = Record<string, unknown>;

/** Every operation with the parameters of its example, every list of the editor, and the content of a downloaded file. */
export async function tryOperations(run: Run, api: RestApi): Promise<void> {
	const { checks, sandbox, operations } = run;
	const tryEach = async (some: Operation[]) => {
		for (const operation of some) {
			await checks.try(`${operation.resource.name}: ${operation.name}`, async () =>
				checkShape(await firstItem(run, operation), operation),
			);
		}
	};
	const get = operationNamed(operations, 'recording', 'get');
	const untilRecording = async (what: string, isSo: (recording: Item) => boolean) =>
		await checks.require(`The recording ${what}`, async () => {
			await until(what, 60, async () => {
				// Its first files may not be there yet.
				const recording = await firstItem(run, get).catch(() => null);
				return recording !== null && isSo(recording) ? true : null;
			});
		});
	const ending = operations.filter(({ value }) => ['stop', 'delete'].includes(value));
	const needing = (needs: Operation['example']['needs']) =>
		operations.filter((each) => each.example.needs === needs && !ending.includes(each));

	sandbox.control.setChannel(CHANNEL, { uids: ['1001'], audience: [], seconds: null });
	await tryEach(needing(undefined));
	await untilRecording('has files', ({ segment_count: segments }) => Number(segments) > 0);
	await tryEach(needing('runningRecording'));
	await tryLists(run, api);
	await tryEach(ending);
	await untilRecording('is completed', ({ status }) => status === 'completed');
	await tryEach(needing('endedRecording'));
	await tryFile(run);
}

/** Calls the webhook of a workflow. n8n registers webhooks after it has responded to their activation. */
export async function callWebhook({ url }: Run, path: string): Promise<Buffer> {
	return await until(`the webhook ${path} is there`, 30, async () => {
		const options = { method: 'POST', reset: true } as const;
		const { statusCode, body } = await request(`${url}/webhook/${path}`, options);
		const bytes = Buffer.from(await body.arrayBuffer());
		if (statusCode === 404) return null;
		if (statusCode === 200) return bytes;
		throw new Error(`the workflow ended with ${statusCode}: ${bytes.toString()}`);
	});
}

/** @throws Error with the message of an operation that failed */
async function firstItem(run: Run, operation: Operation): Promise<Item> {
	const text = (await callWebhook(run, pathOf(operation))).toString();
	const item = ([JSON.parse(text)].flat() as Array<Item | undefined>)[0];
	if (item === undefined) throw new Error('there is no item');
	if (item.error === undefined) return item;
	throw new Error([item.error, item.message].filter(Boolean).map(String).join('. '));
}

/** The lists of the editor, as it requests them for the first operation that has them. */
async function tryLists({ checks, operations }: Run, api: RestApi): Promise<void> {
	const lists = new Map<string, { operation: Operation; field: INodeProperties }>();
	for (const operation of operations) {
		for (const field of operation.fields()) {
			for (const { typeOptions } of field.modes ?? []) {
				const method = typeOptions?.searchListMethod;
				if (method !== undefined && !lists.has(method)) lists.set(method, { operation, field });
			}
		}
	}
	const credentials = Object.fromEntries(
		Object.entries(CREDENTIAL_IDS).map(([type, id]) => [type, { id, name: type }]),
	);
	for (const [methodName, { operation, field }] of lists) {
		const { resource, value, example } = operation;
		const path = '/dynamic-node-parameters/resource-locator-results';
		await checks.try(`List: ${methodName}`, async () => {
			const { results } = await api.post<{ results: unknown[] }>(path, {
				methodName,
				path: `parameters.${field.name}`,
				nodeTypeAndVersion: { name: 'n8n-nodes-agora.agora', version: 1 },
				currentNodeParameters: {
					...{ resource: resource.value, operation: value },
					...example.parameters,
				},
				credentials,
			});
			if (results.length === 0) throw new Error('the list is empty');
		});
	}
}

/** n8n's binary data has the same bytes as the file in the bucket. */
async function tryFile(run: Run): Promise<void> {
	const { checks, sandbox, operations } = run;
	await checks.try('The downloaded file is that of the bucket', async () => {
		const recording = await firstItem(run, operationNamed(operations, 'recording', 'get'));
		const keys = (recording.file_list as Array<{ key: string }>).map(({ key }) => key);
		const mp4 = keys.find((key) => key.endsWith('.mp4'))!;
		const stored = await readObject(sandbox, sandbox.storage.bucket, mp4);
		const downloaded = fileIn(await callWebhook(run, FILE));
		if (digestOf(downloaded) === digestOf(stored)) return;
		throw new Error(`${downloaded.length} bytes instead of ${stored.length}, or other ones`);
	});
}

/** n8n 1.123 responds with a file that it has in memory as JSON. */
function fileIn(response: Buffer): Buffer {
	if (!response.subarray(0, 20).toString().startsWith('{"type":"Buffer"')) return response;
	return Buffer.from((JSON.parse(response.toString()) as { data: number[] }).data);
}

function digestOf(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

/** @throws Error when there is no such operation */
export function operationNamed(
	operations: Operation[],
	resource: string,
	value: string,
): Operation {
	const found = operations.find((each) => isOperation(each, resource, value));
	if (found) return found;
	throw new Error(`There is no operation ${resource}.${value}`);
}

/** @throws Error when an item has other fields than the operation's example, or fields of other types */
export function checkShape(item: unknown, { example }: Operation): void {
	const actual = fieldsOf(item);
	const expected = fieldsOf(example.result);
	const missing = expected.filter((field) => !actual.includes(field));
	const added = actual.filter((field) => !expected.includes(field));
	if (missing.length + added.length === 0) return;
	throw new Error(
		`expected ${missing.join(', ') || 'nothing else'}, received ${added.join(', ') || 'nothing'}`,
	);
}

/** @returns path and type of each field */
function fieldsOf(item: unknown): string[] {
	const fields = (shape: unknown, path: string): string[] =>
		typeof shape === 'string'
			? [`${path} (${shape})`]
			: [
					`${path} (${Array.isArray(shape) ? 'list' : 'object'})`,
					...Object.entries(shape ?? {}).flatMap(([name, each]) => fields(each, `${path}.${name}`)),
				];
	return fields(shapeOf(item), 'item');
}
