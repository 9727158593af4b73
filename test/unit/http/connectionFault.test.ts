import { inspect } from 'util';
import type { INode } from 'n8n-workflow';
import { connectionFault, Fault, toNodeError } from '../../../nodes/Agora/http/errors';
import type { Service } from '../../../nodes/Agora/http/request';
import { connectionError } from './fakeContext';

const serviceOf = (name: string, advice: string): Service => ({
	name,
	advice,
	request: async () => undefined,
});
const AGORA = serviceOf('Agora', 'Check the API Host');
const STORAGE = serviceOf('The storage', 'Check Endpoint in the credential');

describe('connectionFault', () => {
	it.each([
		['ECONNREFUSED', 'refused', true],
		['ENOTFOUND', 'host name', true],
		['EAI_AGAIN', 'host name', true],
		['ECONNRESET', 'interrupted', false],
		['ECONNABORTED', 'timed out', false],
		['ETIMEDOUT', 'timed out', false],
		['CERT_HAS_EXPIRED', 'certificate', true],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate', true],
		['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate', true],
		['EPROTO', 'plain HTTP', true],
		['ERR_SSL_WRONG_VERSION_NUMBER', 'plain HTTP', true],
		['ERR_INVALID_URL', 'URL is not valid', true],
		['EHOSTUNREACH', 'route', true],
		['HPE_INVALID_CONSTANT', 'expect HTTPS', false],
		['ESOMETHINGNEW', 'could not be reached', false],
	])('explains %s and reports whether the request was sent', (code, text, notSent) => {
		for (const service of [AGORA, STORAGE]) {
			const { fault, isNetwork } = connectionFault(connectionError(code), service);
			expect(isNetwork).toBe(true);
			expect(fault.message).toMatch(new RegExp(`^${service.name} .*${text}`));
			expect(fault.details).toMatchObject({ cause: 'temporarily-unavailable', notSent });
			expect(fault.details.description).toContain(service.advice);
			// n8n replaces a message that contains a code it knows.
			expect(toNodeError({} as INode, fault).message).toBe(fault.message);
		}
	});

	it('keeps the error message of a credential that cannot sign', () => {
		const error = new Error('n8n wrapped it', { cause: new Error('The endpoint is not right') });
		const { fault, isNetwork } = connectionFault(error, STORAGE);
		expect(isNetwork).toBe(false);
		expect(fault).toMatchObject({
			message: 'The endpoint is not right',
			details: { cause: 'configuration-invalid', notSent: true },
		});
	});

	it('returns a Fault unchanged and does not retry', () => {
		const fault = new Fault('No storage is configured');
		expect(connectionFault(fault, STORAGE)).toEqual({ fault, isNetwork: false });
	});

	it('does not contain anything of the request', () => {
		const inner = Object.assign(new Error('socket hang up'), {
			code: 'ECONNRESET',
			config: { headers: { Authorization: 'Basic FAKE-SECRET' } },
			request: { path: '/?X-Amz-Signature=FAKE-SECRET' },
		});
		const { fault } = connectionFault(new Error('outer', { cause: inner }), AGORA);
		expect(inspect(fault, { depth: null, showHidden: true })).not.toContain('FAKE-SECRET');
	});
});
