import { Readable } from 'node:stream';
import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	NodeExecutionHint,
} from 'n8n-workflow';
import type { Bucket } from '../../../../../nodes/Agora/storage/types';
import type { FakeResponse } from '../../../http/fakeContext';

export const APP_ID = 'a'.repeat(32);
export const NOT_FOUND: FakeResponse = {
	status: 404,
	body: { code: 404, reason: 'failed to find worker' },
};
export const CONFLICT: FakeResponse = { status: 400, body: { code: 53, reason: 'task conflict' } };

/** @returns a sid with this number */
export const sid = (number: number) => String(number).padStart(32, '0');

/** @returns the response to a query of a session with this status */
export const status = (value: number): FakeResponse => ({
	body: { serverResponse: { status: value } },
});

/** Agora's API. By default, every start succeeds, and a session is running after its start. */
export interface FakeAgora {
	/** Responses to the next starts, before successful ones. */
	starts: FakeResponse[];
	/** Responses to queries by sid. */
	queries: Record<string, FakeResponse>;
	/** All requests, such as `acquire`, in order. */
	calls: Array<{ action: string; url: string; body: IDataObject }>;
}

interface StartContextSettings {
	/** Parameters of each item. */
	items: IDataObject[];
	/** The bucket of the storage credential; none connected if undefined. */
	bucket?: Bucket;
	agoraApi?: IDataObject;
	agoraStorageApi?: IDataObject;
}

/**
 * A context for `execute` of Start. A test file must replace `openBucket`, so that it returns the context's bucket:
 * `jest.mock('…/storage/bucket', () => ({ openBucket: async ({ bucket }) => bucket }))`
 */
export function startContext(settings: StartContextSettings) {
	const { items, bucket, agoraApi = {}, agoraStorageApi = {} } = settings;
	const agora: FakeAgora = { starts: [], queries: {}, calls: [] };
	const warnings: string[] = [];
	const hints: NodeExecutionHint[] = [];
	const cancel = new AbortController();
	let resources = 0;
	let sessions = 0;

	const respond = (url: string): FakeResponse => {
		if (url.endsWith('/acquire')) return { body: { resourceId: `resource-${++resources}` } };
		if (url.endsWith('/start')) {
			return agora.starts.shift() ?? { body: { sid: sid(++sessions), resourceId: 'r' } };
		}
		const [, queried] = /\/sid\/(\w+)\/.*\/query$/.exec(url) ?? [];
		return agora.queries[queried ?? ''] ?? status(5);
	};
	const request = async (_: string, { url, body }: IHttpRequestOptions) => {
		const action = url.slice(url.lastIndexOf('/') + 1);
		agora.calls.push({ action, url, body: body as IDataObject });
		const response = respond(url);
		if (response instanceof Error) throw response;
		const text = JSON.stringify(response.body ?? {});
		return {
			statusCode: response.status ?? 200,
			headers: response.headers ?? {},
			body: Readable.from([Buffer.from(text)]),
		};
	};

	const inputData = items.map((json) => ({ json }));
	const context = {
		bucket,
		getNode: () => ({
			credentials: { agoraApi: {}, ...(bucket !== undefined && { agoraStorageApi: {} }) },
		}),
		getCredentials: async (type: string) =>
			type === 'agoraApi'
				? { customerId: 'c', customerSecret: 's', host: 'global', appId: APP_ID, ...agoraApi }
				: {
						...{ vendor: 'amazonS3', amazonS3Region: 'eu-central-1', bucket: 'recordings' },
						...{ accessKey: 'KEY', secretKey: 'SECRET' },
						...agoraStorageApi,
					},
		getTimezone: () => 'utc',
		getInputData: () => inputData,
		getNodeParameter: (name: string, item: number, fallback: unknown) =>
			items[item]![name] ?? fallback,
		getExecutionCancelSignal: () => cancel.signal,
		addExecutionHints: (...added: NodeExecutionHint[]) => hints.push(...added),
		logger: { warn: (message: string) => warnings.push(message) },
		helpers: { httpRequestWithAuthentication: request },
	} as unknown as IExecuteFunctions;
	return { context, agora, warnings, hints, cancel };
}

/** Waits for the work while the test's clock advances just as long as needed; needs fake timers. */
export async function settle<Result>(work: Promise<Result>): Promise<Result> {
	let isDone = false;
	const end = () => {
		isDone = true;
	};
	work.then(end, end);
	while (!isDone) await jest.advanceTimersByTimeAsync(100);
	return await work;
}
