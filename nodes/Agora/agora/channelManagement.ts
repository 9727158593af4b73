import type { Context } from '../http/concurrency';
import { Fault } from '../http/errors';
import type { HttpResponse } from '../http/request';
import type { Account } from './account';
import { agoraFault, isSuccess, readJson, type ErrorText } from './errors';
import { agoraResponse, type AgoraCall } from './request';

/**
 * Sends a request to the channel management API.
 *
 * @returns the JSON object of the response
 * @throws Fault when Agora refuses, in its status or in the body
 */
export async function channelManagementRequest(
	context: Context,
	account: Account,
	call: AgoraCall,
): Promise<Record<string, unknown>> {
	return successBody(await agoraResponse(context, account, call), call.name);
}

/**
 * Reads a response of the channel management API. Its body repeats the outcome, as `success` for queries and as `status`
 * for bans. Agora reserves their other values for future use (channel management REST API), so they count as failures.
 *
 * @param name what was requested, such as "list the bans"
 * @throws Fault when the response is not a success
 */
export function successBody(response: HttpResponse, name: string): Record<string, unknown> {
	if (!isSuccess(response)) throw agoraFault(response, name, UNKNOWN_APP_ID);
	const json = readJson(response);
	const { success = true, status = 'success' } = json;
	if (success === true && status === 'success') return json;
	const given = [json.message, json.reason, json.status].find((text) => typeof text === 'string');
	throw new Fault(`Agora did not accept the request (could not ${name})`, {
		description: `Check the fields of this node. Agora's reason: ${given ?? 'none'}`,
		httpCode: String(response.status),
	});
}

/** Unlike a recording, this needs no product to be enabled for the project. */
const UNKNOWN_APP_ID: ErrorText = {
	message: 'Agora does not know this App ID, or its project is disabled',
	advice: 'Check the App ID in the Agora API credential, or under Options > App ID.',
	cause: 'configuration-invalid',
};

/**
 * Encodes a value as a part of a URL's path.
 *
 * @throws Fault for `.` and `..`, which are valid channel names but can't be in a path, even encoded (WHATWG URL)
 */
export function pathSegment(text: string): string {
	if (text !== '.' && text !== '..') return encodeURIComponent(text);
	throw new Fault(`Agora's API can't query "${text}"`, {
		description: 'A name that only consists of dots has another meaning in a URL. Use another one.',
	});
}
