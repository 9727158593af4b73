import type {
	IDataObject,
	INodeCredentialTestResult,
	ICredentialsDecrypted,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { Fault, fullText } from '../http/errors';
import { findSession, placeIn } from '../recordings/find';
import { toRecording } from '../recordings/recording';
import { presentationOf, readChannelFilter } from '../resources/shared/recordingFields';
import { readBoolean } from '../resources/shared/parameters';
import { openBucket } from '../storage/bucket';
import { ALL_EVENTS, EVENTS, type Product } from './eventTypes';
import {
	channelOf,
	identitiesOf,
	isAbout,
	isCheck,
	readNotification,
	sidOf,
	toItem,
	type Notification,
} from './notification';
import { noteEvent } from './seen';
import { isSigned } from './signature';

/**
 * Receives a notification. Agora sends it again unless it gets 200 within ten seconds, so the response never waits for
 * the bucket.
 *
 * @returns an item for an event that is new and wanted; otherwise only the response
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const { headers, rawBody } = await readRequest(context);
	const { secret } = await context.getCredentials<{ secret?: string }>('agoraNotificationsApi');
	if (!isSigned(rawBody, headers, secret?.trim() ?? '')) {
		return respond(context, 401, { error: 'The signature is missing or wrong' });
	}
	const notification = readNotification(rawBody);
	if (typeof notification === 'string') return respond(context, 400, { error: notification });
	const product = context.getNodeParameter('product') as Product;
	const addRecording = readBoolean(
		context.getNodeParameter('addRecording', false),
		'Add Recording',
	);
	const isEmitted = isWanted(context, product, notification) && isNew(context, notification);
	// If n8n responded, it would not store the static data of a request that starts an execution (n8n 2.41).
	const responded = respond(context, 200, { received: true });
	if (!isEmitted) return responded;
	const { raw, ...item } = toItem(product, notification);
	const sid = sidOf(notification);
	const recording = sid !== null && addRecording ? await recordingOf(context, sid) : {};
	return { ...responded, workflowData: [[{ json: { ...item, ...recording, raw } }]] };
}

async function readRequest(context: IWebhookFunctions) {
	const request = context.getRequestObject() as ReturnType<
		IWebhookFunctions['getRequestObject']
	> & {
		rawBody?: Buffer;
		/** n8n reads most bodies before, but not those of file uploads. */
		readRawBody?(): Promise<void>;
	};
	await request.readRawBody?.();
	return { headers: request.headers, rawBody: request.rawBody ?? Buffer.alloc(0) };
}

function respond(
	context: IWebhookFunctions,
	status: number,
	body: IDataObject,
): IWebhookResponseData {
	context.getResponseObject().status(status).json(body);
	return { noWebhookResponse: true };
}

function isWanted(
	context: IWebhookFunctions,
	product: Product,
	notification: Notification,
): boolean {
	if (!isAbout(product, notification) || isCheck(notification)) return false;
	const chosen = context.getNodeParameter('events', []) as string[];
	const type = EVENTS[product].find(({ number }) => number === notification.eventType);
	if (!chosen.includes(ALL_EVENTS) && !(type && chosen.includes(type.value))) return false;
	const filters = context.getNodeParameter('filters', {}) as IDataObject;
	const channel = channelOf(notification.payload);
	const { cname = channel, cnamePrefix = '' } = readChannelFilter(filters);
	return channel === cname && (channel ?? '').startsWith(cnamePrefix);
}

/** A test in the editor shows every notice. */
function isNew(context: IWebhookFunctions, notification: Notification): boolean {
	if (context.getMode() === 'manual') return true;
	const { id } = context.getNode();
	const identities = identitiesOf(notification).map((identity) => `${id} ${identity}`);
	// n8n stores the data of all nodes of a workflow at once, so a trigger would store older data of the others.
	const stored = context.getWorkflowStaticData('global');
	const workflow = String(context.getWorkflow().id);
	return noteEvent(workflow, stored, identities);
}

/**
 * @returns the item of the recording; where there is none, why. The event is not lost if the bucket cannot be read: Agora
 *   does not send it again.
 */
async function recordingOf(context: IWebhookFunctions, sid: string): Promise<IDataObject> {
	try {
		const presentation = presentationOf(context.getNodeParameter('options', {}) as IDataObject);
		const bucket = await openBucket(context);
		const found = await findSession(bucket, sid, presentation.includeSegments);
		if (found !== null) {
			return { recording: toRecording(bucket, found, presentation) as unknown as IDataObject };
		}
		return {
			recording: null,
			recording_note: `No files of this recording were found ${placeIn(bucket)}.`,
		};
	} catch (error) {
		const description = error instanceof Fault ? error.details.description : undefined;
		const note = fullText((error as Error).message, description);
		return { recording: null, recording_note: note };
	}
}

/**
 * Tests the form of the secret. Only a notification shows whether it is right.
 *
 * @param credential decrypted
 */
export function testNotificationsCredential({
	data = {},
}: ICredentialsDecrypted): INodeCredentialTestResult {
	const secret = String(data.secret ?? '').trim();
	if (secret === '') return { status: 'Error', message: 'Secret is empty' };
	if (/\s/.test(secret)) {
		return {
			status: 'Error',
			message: 'Secret contains spaces. Copy it from Notifications in the Agora Console again.',
		};
	}
	return {
		status: 'OK',
		message: 'The form of the secret is valid. Press Check in the Agora Console to test it.',
	};
}
