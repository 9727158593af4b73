import { agoraFault, isSuccess, isRetryable, readJson } from '../../../nodes/Agora/agora/errors';
import type { HttpResponse } from '../../../nodes/Agora/http/request';

function response(
	status: number,
	body: unknown = '',
	headers: Record<string, string> = {},
): HttpResponse {
	return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

describe('readJson', () => {
	it.each(['', '<html>502 Bad Gateway</html>', 'null', '7', '"text"', '{"cut'])(
		'returns an empty object for %s',
		(body) => expect(readJson(response(200, body))).toEqual({}),
	);
});

describe('isSuccess and isRetryable', () => {
	it.each<[number, unknown, 'success' | 'unfinished' | 'failure' | 'final']>([
		[200, { sid: 'x' }, 'success'],
		[200, '', 'success'],
		[201, { projects: [] }, 'success'],
		[201, { code: 7 }, 'failure'],
		[206, { code: 65 }, 'unfinished'],
		[206, { code: 435, reason: 'no recorded data' }, 'failure'],
		[206, '', 'failure'],
		[200, { code: 65 }, 'success'],
		[301, '', 'failure'],
		[404, { code: 404 }, 'failure'],
		[500, { code: 65 }, 'failure'],
		[500, { code: 2, reason: 'body check failed' }, 'final'],
		[400, { code: 2 }, 'final'],
		[200, { code: 2 }, 'final'],
		[429, { code: 2 }, 'failure'],
	])('%d %j: %s', (status, body, verdict) => {
		expect(isSuccess(response(status, body))).toBe(verdict === 'success');
		const retryable = { unfinished: true, final: false }[verdict as string];
		expect(isRetryable(response(status, body))).toBe(retryable);
	});
});

describe('agoraFault', () => {
	const cases: Array<[number, unknown, RegExp, string?]> = [
		[400, { message: 'appid is invalid' }, /App ID.*Cloud Recording/, 'configuration-invalid'],
		[400, { code: 400, reason: 'invalid_appid' }, /App ID/, 'configuration-invalid'],
		[400, { code: 401, reason: 'invalid_channel_name' }, /channel name/],
		[400, { code: 405, reason: 'no_active_status' }, /suspended/, 'quota-exhausted'],
		[400, { code: 406, reason: 'vendor_over_load' }, /Too many/, 'quota-exhausted'],
		[400, { code: 2, reason: 'api body validate failed!' }, /rejected the request as invalid/],
		[500, { code: 2, reason: 'body check failed' }, /rejected the request as invalid/],
		[400, { code: 49, reason: 'invalid operation' }, /already stopping/],
		[400, { code: 53, reason: 'task conflict' }, /already being recorded/],
		[401, { message: 'Unauthorized' }, /Customer ID/, 'credential-invalid'],
		[401, { code: 404 }, /Customer ID/, 'credential-invalid'],
		[401, '<html></html>', /Customer ID/, 'credential-invalid'],
		[403, { message: 'forbidden' }, /not allow/, 'credential-invalid'],
		[404, { message: 'no Route matched with those values' }, /could not find/],
		[404, { error_msg: 'project not exist' }, /could not find/],
		[404, { code: 404, reason: 'failed to find worker' }, /not running/],
		[415, { message: 'Unsupported Media Type' }, /status 415/],
		[302, '', /redirect/, 'configuration-invalid'],
		[409, {}, /status 409/],
		[429, { message: 'API rate limit exceeded' }, /too many requests/, 'rate-limited'],
		[429, { code: 2 }, /too many requests/, 'rate-limited'],
		[201, { code: 7 }, /already started/],
		[206, { code: 435, reason: 'no recorded data' }, /Nothing was recorded/],
		[206, { code: 65 }, /could not finish/, 'temporarily-unavailable'],
		[
			500,
			{ code: 501, reason: 'no_worker_manager_available' },
			/finish/,
			'temporarily-unavailable',
		],
		[500, { code: 15, sid: '' }, /finish/, 'temporarily-unavailable'],
		[500, { code: 62 }, /finish/, 'temporarily-unavailable'],
		[504, { code: 62, reason: 'request timeout' }, /finish/, 'temporarily-unavailable'],
		[502, '<html></html>', /finish/, 'temporarily-unavailable'],
	];
	it.each(cases.map(([status, body, message, cause]) => [status, body, message, cause] as const))(
		'%d %j',
		(status, body, message, cause) => {
			const fault = agoraFault(response(status, body), 'start the recording');
			expect(fault.message).toMatch(message);
			expect(fault.message).toContain('could not start the recording');
			expect(fault.details.httpCode).toBe(String(status));
			expect(fault.details.cause).toBe(cause);
			expect(fault.details.description).toMatch(/\.$|Agora's reason: /);
		},
	);

	it.each([{ reason: 'too bad' }, { message: 'too bad' }, { error_msg: 'too bad' }])(
		'contains the reason that Agora returns: %j',
		(body) => {
			const { description } = agoraFault(response(400, body), 'do it').details;
			expect(description).toContain("Agora's reason: too bad");
		},
	);

	it.each([409, 400, 500])('mentions no reason if Agora returns none (%i)', (status) => {
		const { description } = agoraFault(response(status, { code: 2 }), 'do it').details;
		expect(description).not.toMatch(/reason/);
	});

	it('contains the waiting time of Retry-After', () => {
		const { details } = agoraFault(response(429, '', { 'retry-after': '3' }), 'do it');
		expect(details.retryAfterMs).toBe(3000);
	});
});
