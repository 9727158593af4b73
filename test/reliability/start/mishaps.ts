import type { Mishap, RealAnswer, Trouble } from '../relay.ts';
import { ASKED, OF_AGORA, type Asked } from './asked.ts';

type When = Trouble['when'];

/** A way in which a request goes wrong. */
interface Kind {
	on: readonly Asked[];
	when: readonly When[];
	mishap(asked: Asked): Mishap;
}

const BOTH: readonly When[] = ['before', 'after'];
/** A clear refusal in the service's own words is believed: who refuses has done nothing. */
const BEFORE: readonly When[] = ['before'];
/** The spoilt answer is made from the real one. */
const AFTER: readonly When[] = ['after'];

const PAGE = '<html><body><h1>Something is wrong with this proxy</h1></body></html>';
const JSON_TYPE = { 'content-type': 'application/json' };

/** Every way, by how it is told to people. */
export const KINDS = {
	silence: { on: ASKED, when: BOTH, mishap: () => 'silence' },
	'connection broken before an answer': { on: ASKED, when: BOTH, mishap: () => 'reset' },
	'connection broken in the middle of the answer': {
		on: OF_AGORA,
		when: AFTER,
		mishap: () => 'half',
	},
	'400': { on: ASKED, when: BEFORE, mishap: refusal(400, 2, 'InvalidRequest') },
	'401': { on: ASKED, when: BEFORE, mishap: refusal(401, undefined, 'AccessDenied') },
	'404': { on: ASKED, when: BEFORE, mishap: refusal(404, 404, 'NoSuchBucket') },
	'429': { on: ASKED, when: BEFORE, mishap: refusal(429, undefined, 'SlowDown') },
	'429 with Retry-After': {
		on: ASKED,
		when: BEFORE,
		mishap: refusal(429, undefined, 'SlowDown', { 'retry-after': '1' }),
	},
	'400 as a page': { on: OF_AGORA, when: BOTH, mishap: proxyPage(400) },
	'404 as a page': { on: OF_AGORA, when: BOTH, mishap: proxyPage(404) },
	'408 as a page': { on: OF_AGORA, when: BOTH, mishap: proxyPage(408) },
	'500': { on: ASKED, when: BOTH, mishap: refusal(500, 500, 'InternalError') },
	'502 as a page': { on: ASKED, when: BOTH, mishap: proxyPage(502) },
	'503': { on: ASKED, when: BOTH, mishap: refusal(503, undefined, 'ServiceUnavailable') },
	'504': { on: ASKED, when: BOTH, mishap: refusal(504, undefined, 'GatewayTimeout') },
	'201 with code 7': { on: OF_AGORA, when: BOTH, mishap: ofAgora(201, { code: 7 }) },
	'206 with code 65': { on: OF_AGORA, when: BOTH, mishap: ofAgora(206, { code: 65 }) },
	'200 without what it promises': { on: OF_AGORA, when: BOTH, mishap: ofAgora(200, {}) },
	'200 with an ID that is a number': {
		on: ['acquire', 'start'],
		when: AFTER,
		mishap: () => ofWrongType(7),
	},
	'200 with an object for an ID or status': {
		on: OF_AGORA,
		when: AFTER,
		mishap: () => ofWrongType({}),
	},
	'200 with null for an ID or status': {
		on: OF_AGORA,
		when: AFTER,
		mishap: () => ofWrongType(null),
	},
	'200 with JSON cut off': { on: OF_AGORA, when: AFTER, mishap: () => cutOff },
	'200 with nothing in it': {
		on: OF_AGORA,
		when: BOTH,
		mishap: () => ({ status: 200, headers: JSON_TYPE, body: '' }),
	},
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

/** What goes wrong with one request. */
export interface PlannedMishap {
	kind: KindName;
	when: When;
}

/** All that can go wrong with a request, but for silence, which takes half a minute. */
export function quickMishaps(asked: Asked): PlannedMishap[] {
	return (Object.entries(KINDS) as Array<[KindName, Kind]>)
		.filter(([name, { on }]) => name !== 'silence' && on.includes(asked))
		.flatMap(([kind, { when }]) => when.map((each) => ({ kind, when: each })));
}

/** A planned mishap as the relay wants it. */
export function troubleOf(asked: Asked, { kind, when }: PlannedMishap): Trouble {
	return { mishap: KINDS[kind].mishap(asked), when };
}

function isOfAgora(asked: Asked): boolean {
	return OF_AGORA.includes(asked);
}

/**
 * Agora's service gives a code and a reason, its gateway a message only; the bucket speaks XML.
 *
 * @param code none for the gateway's answer
 * @param s3Code the bucket's word for it
 */
function refusal(
	status: number,
	code: number | undefined,
	s3Code: string,
	headers: Record<string, string> = {},
) {
	return (asked: Asked): Mishap => {
		if (!isOfAgora(asked)) {
			const body = `<?xml version="1.0"?><Error><Code>${s3Code}</Code><Message>made up</Message></Error>`;
			return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
		}
		const words = code === undefined ? { message: 'made up' } : { code, reason: 'made up' };
		return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(words) };
	};
}

function proxyPage(status: number) {
	return (): Mishap => ({ status, headers: { 'content-type': 'text/html' }, body: PAGE });
}

function ofAgora(status: number, body: object) {
	return (): Mishap => ({ status, headers: JSON_TYPE, body: JSON.stringify(body) });
}

/** What the node looks for in an answer; of a query it is the status in it. */
const LOOKED_FOR = ['resourceId', 'sid', 'serverResponse'];

function ofWrongType(value: unknown): (answer: RealAnswer) => RealAnswer {
	return changed((text) => {
		const json = JSON.parse(text) as Record<string, unknown>;
		// The answer to a start has a resource ID, too, that to a query both: its own is the last.
		const name = LOOKED_FOR.findLast((each) => each in json);
		if (name === 'serverResponse') return JSON.stringify({ ...json, [name]: { status: value } });
		return JSON.stringify(name === undefined ? json : { ...json, [name]: value });
	});
}

const cutOff = changed((text) => text.slice(0, Math.ceil(text.length / 2)));

/** Leaves answers alone that are no success. */
function changed(change: (text: string) => string): (answer: RealAnswer) => RealAnswer {
	return (answer) => {
		if (answer.status !== 200) return answer;
		const body = Buffer.from(change(answer.body.toString('utf8')));
		const headers = { ...answer.headers, 'content-length': String(body.length) };
		return { ...answer, headers, body };
	};
}
