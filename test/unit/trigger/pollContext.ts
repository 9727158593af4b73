import { Readable } from 'node:stream';
import type { IDataObject, IHttpRequestOptions, IPollFunctions } from 'n8n-workflow';
import type { MemoryBucket } from '../memoryBucket';
import { fakeCredential } from '../storage/fakeCredential';

interface PollSettings {
	/** Parameters of the node, by name. */
	parameters?: IDataObject;
	/** Of the storage credential. */
	credential?: IDataObject;
	mode?: 'manual' | 'trigger';
	activation?: 'init' | 'activate' | 'leadershipChange';
	/** What n8n has stored for the node. */
	memory?: IDataObject;
	budgetMs?: number;
	workflowId?: string;
	nodeId?: string;
	/** A storage that refuses every request with this status. */
	refusesWith?: number;
}

/** The trigger's context in n8n, on a bucket in memory that is reached as S3. */
export function pollContext(bucket: MemoryBucket, settings: PollSettings = {}) {
	const { parameters, credential, mode = 'trigger', activation = 'activate' } = settings;
	const { memory = {}, budgetMs, refusesWith } = settings;
	const { workflowId = 'workflow', nodeId = 'trigger' } = settings;
	const warnings: string[] = [];
	const counts = { requests: 0 };
	const values: IDataObject = { event: 'recordingCompleted', ...parameters };
	const helper = async (_type: string, { url }: IHttpRequestOptions) => {
		counts.requests++;
		const { statusCode, body } = refusesWith
			? { statusCode: refusesWith, body: '' }
			: await respond(bucket, String(url));
		const headers = { date: new Date(bucket.now).toUTCString() };
		return { statusCode, headers, body: Readable.from([Buffer.from(body)]) };
	};
	const context = {
		getNode: () => ({
			id: nodeId,
			name: 'Agora Trigger',
			credentials: { agoraStorageApi: { id: '1', name: 'storage' } },
		}),
		getWorkflow: () => ({ id: workflowId }),
		getMode: () => mode,
		getActivationMode: () => activation,
		getTimezone: () => 'Europe/Berlin',
		getCredentials: async () => fakeCredential({ fileNamePrefix: '', ...credential }),
		getNodeParameter: (name: string, fallback?: unknown) => values[name] ?? fallback,
		getWorkflowStaticData: (type: string) => (type === 'node' ? memory : {}),
		getPollBudgetMs: budgetMs === undefined ? undefined : () => budgetMs,
		logger: { warn: (message: string) => warnings.push(message) },
		helpers: { httpRequestWithAuthentication: helper },
	};
	return { context: context as unknown as IPollFunctions, memory, warnings, counts };
}

/** Amazon S3: ListObjectsV2, GetObject. */
async function respond(bucket: MemoryBucket, url: string) {
	const { pathname, searchParams } = new URL(url, 'https://bucket.example');
	if (!searchParams.has('list-type')) {
		const body = await bucket.getText(decodeURIComponent(pathname.slice(1)));
		return body === null
			? { statusCode: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
			: { statusCode: 200, body };
	}
	const page = await bucket.list({
		prefix: searchParams.get('prefix') ?? '',
		delimiter: searchParams.get('delimiter') ?? undefined,
		startAfter: searchParams.get('start-after') ?? undefined,
		token: searchParams.get('continuation-token') ?? undefined,
		maxKeys: Number(searchParams.get('max-keys') ?? 1000),
	});
	const objects = page.objects.map(
		({ key, size, lastModified }) =>
			`<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>${new Date(lastModified).toISOString()}</LastModified></Contents>`,
	);
	const prefixes = page.prefixes.map((prefix) => `<Prefix>${prefix}</Prefix>`);
	const folded = prefixes.map((prefix) => `<CommonPrefixes>${prefix}</CommonPrefixes>`);
	const next = page.nextToken && `<NextContinuationToken>${page.nextToken}</NextContinuationToken>`;
	const body = `<ListBucketResult><IsTruncated>${next !== null}</IsTruncated>${next ?? ''}${objects.join('')}${folded.join('')}</ListBucketResult>`;
	return { statusCode: 200, body };
}
