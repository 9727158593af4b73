import { Fault } from '../http/fault';
import { giveWay, takeTurn } from '../http/rateLimit';
import {
	cancelSignal,
	send,
	type Answer,
	type Context,
	type Request,
	type Service,
} from '../http/send';
import type { Account } from './account';
import { agoraFault, isSuccess, isUnfinished, readJson } from './errors';
import { secretsIn, withoutSecrets } from './saidBack';

export interface AgoraCall {
	/** What the call does, for error messages: "start the recording". */
	name: string;
	method: 'GET' | 'POST';
	/** Path and query, already encoded. */
	path: string;
	body?: object;
	/** What Agora counts its rate by: the App ID, or for the console API the account. */
	limitedBy: string;
	/** See `Request.repeatable`. */
	repeatable?: boolean;
}

/**
 * Asks Agora's REST API, within its rate limit.
 *
 * @returns the JSON object of a successful answer
 * @throws Fault in words for a person, for every answer that is not a success
 */
export async function agoraRequest(
	context: Context,
	account: Account,
	call: AgoraCall,
): Promise<Record<string, unknown>> {
	const answer = await agoraAnswer(context, account, call);
	if (isSuccess(answer)) return readJson(answer);
	throw agoraFault(answer, call.name);
}

/**
 * The same, for callers to whom an unsuccessful answer means something: they get it as it is, but without words
 * that repeat a secret.
 *
 * @throws Fault when no answer came
 */
export async function agoraAnswer(
	context: Context,
	account: Account,
	{ method, path, body, limitedBy, repeatable }: AgoraCall,
): Promise<Answer> {
	const signal = cancelSignal(context);
	const key = `${account.host} ${limitedBy}`;
	const request: Request = {
		method,
		url: `${account.host}${path}`,
		headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
		body,
		repeatable,
		turn: async () => await takeTurn(key, signal),
		tooFast: () => giveWay(key),
		unfinished: isUnfinished,
	};
	const answer = await send(agoraService(context), request);
	return isSuccess(answer)
		? answer
		: withoutSecrets(answer, [...account.secrets, ...secretsIn(body)]);
}

function agoraService(context: Context): Service {
	return {
		name: 'Agora',
		advice: 'Check the API Host in the Agora API credential',
		request: async (options) =>
			await context.helpers.httpRequestWithAuthentication.call(context, 'agoraApi', options),
		signal: cancelSignal(context),
	};
}

/** The fault for a successful answer that lacks what its documentation promises. */
export function incompleteAnswer(name: string, missing: string): Fault {
	return new Fault(`Agora’s answer has no ${missing} (could not ${name})`, {
		description:
			'Run the node again. If it stays so, something else than Agora answers (check the API Host in the Agora API credential), or Agora has changed its API.',
	});
}
