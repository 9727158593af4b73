import { azureFault } from '../../../../nodes/Agora/storage/azure/errors';

const fault = (status: number, code: string, more = '') =>
	azureFault(
		{
			status,
			headers: {},
			body: `\uFEFF<?xml version="1.0"?><Error><Code>${code}</Code><Message>fake-signature</Message>${more}</Error>`,
		},
		'my-recordings',
	);

describe('azureFault', () => {
	it.each([
		[403, 'AuthenticationFailed', 'does not accept the signature', 'Secret Key'],
		[403, 'AuthorizationFailure', 'refuses the request', 'Networking'],
		[403, 'AuthorizationPermissionMismatch', 'does not allow this', 'Read and List'],
		[403, 'KeyBasedAuthenticationNotPermitted', 'takes no account key', 'Configuration'],
		[404, 'ContainerNotFound', 'does not exist', 'container'],
		[409, 'BlobArchived', 'in its archive', 'tier'],
		[
			400,
			'InvalidQueryParameterValue',
			'the error InvalidQueryParameterValue (HTTP 400)',
			'Bucket',
		],
		[503, 'ServerBusy', 'too many requests', 'in a minute'],
		[500, 'OperationTimedOut', 'not available at the moment', 'few minutes'],
		[502, 'Unheard', 'not available at the moment', 'few minutes'],
		[400, 'constructor', 'the error constructor', 'Endpoint'],
	])('%d %s becomes words a person can act on', (status, code, says, todo) => {
		const { message, details } = fault(status, code);
		expect(message).toContain('The container “my-recordings”');
		expect(message).toContain(says);
		expect(details.description).toContain(todo);
		expect(details.httpCode).toBe(String(status));
		expect(JSON.stringify({ message, details })).not.toContain('fake-signature');
	});

	it('tells a wrong clock from a wrong key', () => {
		const detail =
			"<AuthenticationErrorDetail>Request date header too old: 'Mon, 23 Nov 2020 10:00:00 GMT'</AuthenticationErrorDetail>";
		const { message, details } = fault(403, 'AuthenticationFailed', detail);
		expect(message).toContain('because of its time');
		expect(details.description).toContain('clock');
	});
});
