import type { ChannelPlan } from './agora/channels.ts';
import { gatewayAnswer, type Answer } from './agora/answer.ts';
import type { Control, Service } from './control.ts';
import type { Fault } from './faults.ts';

const DONE: Answer = { status: 200, body: { ok: true } };

/** The control over HTTP, under /sandbox/; for curl and for tests in another process. */
export async function answerControl(
	control: Control,
	method: string,
	url: URL,
	text: string,
): Promise<Answer> {
	const [, , what, name = '', verb] = url.pathname.split('/').map(decodeURIComponent);
	const on: Service = url.searchParams.get('on') === 's3' ? 's3' : 'agora';
	switch ([method, what, verb].join(' ').trim()) {
		case 'POST faults': {
			const { on: service, ...fault } = JSON.parse(text) as Fault & { on?: Service };
			if (!fault.path || !fault.answer) return gatewayAnswer(400, 'path and answer are required');
			await control.fail(service ?? on, fault);
			return DONE;
		}
		case 'DELETE faults':
			await control.clearFaults();
			return DONE;
		case 'GET requests': {
			const requests = await control.requests(on);
			return { status: 200, body: { requests, counts: await control.requestCounts(on) } };
		}
		case 'DELETE requests':
			await control.clearRequests();
			return DONE;
		case 'GET sessions':
			return { status: 200, body: { sessions: control.sessions() } };
		case 'PUT channels': {
			const { uids, seconds = null } = JSON.parse(text) as Partial<ChannelPlan>;
			if (!Array.isArray(uids)) return gatewayAnswer(400, 'uids must be an array');
			control.setChannel(name, { uids: uids.map(String), seconds });
			return DONE;
		}
		case 'POST sessions crash':
			await control.crash(name);
			return DONE;
		case 'POST sessions failover':
			control.failOver(name);
			return DONE;
		default:
			return gatewayAnswer(404, 'no such control');
	}
}
