import { inspect } from 'util';
import type { INode } from 'n8n-workflow';
import { connectionFault } from '../../../nodes/Agora/http/connectionFault';
import { toNodeError } from '../../../nodes/Agora/http/nodeError';
import { connectionError } from './fakeContext';

describe('connectionFault', () => {
	it.each([
		['ECONNREFUSED', 'refused', true],
		['ENOTFOUND', 'host name', true],
		['EAI_AGAIN', 'host name', true],
		['ECONNRESET', 'broke off', false],
		['ECONNABORTED', 'in time', false],
		['ETIMEDOUT', 'in time', false],
		['CERT_HAS_EXPIRED', 'certificate', true],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate', true],
		['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate', true],
		['ESOMETHINGNEW', 'could not be reached', false],
	])('says what %s means, and whether the service was reached', (code, says, neverReached) => {
		for (const [credential, service, advice] of [
			['agoraApi', 'Agora', 'API Host'],
			['agoraStorageApi', 'The storage', 'endpoint'],
		] as const) {
			const { fault, onTheWay } = connectionFault(connectionError(code), credential);
			expect(onTheWay).toBe(true);
			expect(fault.message).toMatch(new RegExp(`^${service} .*${says}`));
			expect(fault.details).toMatchObject({ cause: 'temporarily-unavailable', neverReached });
			expect(fault.details.description).toContain(advice);
			// n8n puts words of its own in the place of a message that holds a code it knows.
			expect(toNodeError({} as INode, fault).message).toBe(fault.message);
		}
	});

	it('keeps the words of a credential that does not sign', () => {
		const error = new Error('n8n wrapped it', { cause: new Error('The endpoint is not right') });
		const { fault, onTheWay } = connectionFault(error, 'agoraStorageApi');
		expect(onTheWay).toBe(false);
		expect(fault).toMatchObject({
			message: 'The endpoint is not right',
			details: { cause: 'configuration-invalid', neverReached: true },
		});
	});

	it('lets nothing of the request out', () => {
		const inner = Object.assign(new Error('socket hang up'), {
			code: 'ECONNRESET',
			config: { headers: { Authorization: 'Basic FAKE-SECRET' } },
			request: { path: '/?X-Amz-Signature=FAKE-SECRET' },
		});
		const { fault } = connectionFault(new Error('outer', { cause: inner }), 'agoraApi');
		expect(inspect(fault, { depth: null, showHidden: true })).not.toContain('FAKE-SECRET');
	});
});
