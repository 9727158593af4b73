import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IHttpRequestOptions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { Fault, fullText } from '../http/errors';
import type { Service } from '../http/request';
import { signedRequest } from './authenticate';
import { createBucket, serviceName } from './bucket';
import { readStorageCredential } from './credential';
import { checkPrefix } from './storageConfig';

/** A person waits for it. */
const ATTEMPTS = 1;

/**
 * Tests an Agora Recording Storage credential: lists the folder that all operations use, and checks what Start
 * requires (n8n: `testedBy` of a credential, as a declarative test cannot read the storage's error).
 *
 * @returns the result; its message is the one that the nodes would show
 */
export async function testStorageCredential(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const credential = readStorageCredential(data);
		const { helpers } = this;
		const service: Service = {
			...serviceName(credential),
			request: async (options) =>
				await helpers.request(legacyOptions(signedRequest(data, options))),
		};
		const bucket = createBucket(credential, service, ATTEMPTS);
		await bucket.list({ prefix: bucket.prefix, maxKeys: 1 });
		checkPrefix(credential.folders);
		return { status: 'OK', message: 'Connection successful!' };
	} catch (error) {
		return { status: 'Error', message: wordsOf(error as Error) };
	}
}

/** The only HTTP client of a credential's test is n8n's older one, with options of its own. */
function legacyOptions({ url, ...options }: IHttpRequestOptions): object {
	return {
		...options,
		uri: url,
		useStream: true,
		resolveWithFullResponse: true,
		simple: false,
	};
}

function wordsOf(error: Error): string {
	const description = error instanceof Fault ? error.details.description : undefined;
	return fullText(error.message, description);
}
