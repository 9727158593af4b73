import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { readAppId, type Account } from '../agora/account';
import { Fault } from '../http/errors';

/**
 * @returns the App ID of the node's option, or of the credential
 * @throws Fault when neither is set, or the option is an expression: a list has no input item to evaluate it with, and
 *   must not be that of another project
 */
export function appIdOf(context: ILoadOptionsFunctions, account: Account): string {
	const options = context.getCurrentNodeParameter('options') as { appId?: string } | undefined;
	const option = String(options?.appId ?? '').trim();
	if (option.startsWith('=')) {
		throw new Fault('The list is not available while App ID is an expression', {
			description: 'Enter the value itself instead of choosing it from the list.',
			cause: 'configuration-invalid',
		});
	}
	return readAppId(option, account);
}
