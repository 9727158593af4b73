import type { ChannelPlan } from './agora/channels.ts';
import type { AgoraOptions } from './agora/options.ts';
import { gatewayAnswer, type Answer } from './agora/answer.ts';
import type { Control, Service } from './control.ts';
import type { Fault } from './faults.ts';
import type { ForeignRecording } from './recordElsewhere.ts';
import type { RecorderOptions } from './recorder/options.ts';

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
		case 'GET refusals':
			return { status: 200, body: { refusals: control.refusals() } };
		case 'GET unknown-keys':
			return { status: 200, body: { unknownKeys: control.unknownKeys() } };
		case 'GET sessions':
			return { status: 200, body: { sessions: control.sessions() } };
		case 'PUT channels': {
			const plan = JSON.parse(text) as Partial<ChannelPlan>;
			const { uids, seconds = null } = plan;
			if (!Array.isArray(uids)) return gatewayAnswer(400, 'uids must be an array');
			control.setChannel(name, { ...plan, uids: uids.map(String), seconds });
			return DONE;
		}
		case 'PUT agora':
			control.setAgora(JSON.parse(text) as Partial<AgoraOptions>);
			return DONE;
		case 'PUT recorder':
			control.setRecorder(JSON.parse(text) as Partial<RecorderOptions>);
			return DONE;
		case 'POST recordings':
			return { status: 200, body: control.recordElsewhere(JSON.parse(text) as ForeignRecording) };
		case 'POST sessions stop':
			await control.stop(name);
			return DONE;
		case 'POST sessions files': {
			const { ending, text: content } = JSON.parse(text) as { ending: string; text?: string };
			return { status: 200, body: { key: await control.putBeside(name, ending, content) } };
		}
		case 'POST sessions crash':
			await control.crash(name);
			return DONE;
		case 'POST sessions failover':
			control.failOver(name);
			return DONE;
		case 'POST reset':
			await control.reset();
			return DONE;
		default:
			return gatewayAnswer(404, 'no such control');
	}
}
