import fc from 'fast-check';
import { loadSource } from '../../source.ts';
import { hold, orRefused, same, type Reader } from '../reader.ts';
import { hostileText } from '../text.ts';

const requests = fc
	.record({
		recordingConfig: fc.record({
			maxIdleTime: fc.constantFrom(30, 'x', null, undefined),
			transcodingConfig: fc.constantFrom({ width: 640, layoutConfig: [{ uid: '1' }] }, {}, 5),
			subscribeVideoUids: fc.constantFrom(['1', '2'], [], ''),
		}),
		recordingFileConfig: fc.constantFrom({ avFileType: ['hls', 'mp4'] }, undefined),
		extensionServiceConfig: fc.constantFrom(
			{ extensionServices: [{ serviceParam: {} }] },
			undefined,
		),
	})
	.map((request) => JSON.stringify(request));

const PIECES = [
	'{',
	'}',
	'[',
	'1e999',
	'null',
	'"__proto__":{"polluted":1},',
	'"constructor":{"prototype":{"polluted":1}},',
	'"prototype":{"polluted":1},',
	'"recordingConfig":{"__proto__":{"polluted":1}},',
	'"recordingConfig":{"constructor":{"prototype":{"polluted":1}}},',
	'"recordingConfig":[{"__proto__":{"polluted":1}}],',
	'"recordingConfig":"x",',
	'"toString":1,',
	'"hasOwnProperty":{"call":1},',
	'"length":9,',
];

/** Text of the field, or what an expression gave. */
interface Given {
	value: unknown;
	length: number;
}

function ring(): unknown {
	const first: Record<string, unknown> = { a: {} };
	first.b = { c: [first] };
	return first;
}

function deep(levels: number): unknown {
	let value: unknown = {};
	for (let i = 0; i < levels; i++) value = { a: value };
	return value;
}

/** Each level names the next one twice: small to hold, endless to write down. */
function doubled(levels: number): unknown {
	let value: unknown = {};
	for (let i = 0; i < levels; i++) value = { a: value, b: value };
	return value;
}

const throwing = {
	get recordingConfig(): never {
		throw new TypeError('a getter threw');
	},
};
const changing = {
	get recordingConfig() {
		return Math.random() < 0.5 ? { a: 1 } : null;
	},
};
const STRANGE: unknown[] = [
	ring(),
	deep(50),
	deep(10_000),
	doubled(14),
	throwing,
	changing,
	{ a: 1n },
	{ a: Symbol('a'), b: () => 1, c: undefined },
	{ at: new Date(0), by: new Map([[1, 2]]) },
	{
		toJSON() {
			throw new Error('no');
		},
	},
	{ toJSON: () => 'text' },
	Object.create(null),
	Object.create({ inherited: { deep: 1 } }),
	new Proxy(
		{},
		{
			ownKeys: () => {
				throw new Error('trapped');
			},
		},
	),
	Object.defineProperty({}, '__proto__', { value: { polluted: 1 }, enumerable: true }),
	Array(100_000).fill(0),
	{ list: Array(20_000).fill({ __proto__: null }) },
	null,
	undefined,
	7,
	'   ',
];

const OURS = {
	recordingConfig: { channelType: 0, transcodingConfig: { width: 360, height: 640 } },
	recordingFileConfig: { avFileType: ['hls'] },
};

/** The field Client Request, laid over what the other fields say. */
export async function clientRequestReader(): Promise<Reader<Given>> {
	type Parameters = typeof import('../../../../nodes/Agora/resources/shared/parameters');
	type Request = typeof import('../../../../nodes/Agora/resources/recording/start/clientRequest');
	const { readJsonObject } = await loadSource<Parameters>('resources/shared/parameters');
	const { deepMerge, readClientRequest } = await loadSource<Request>(
		'resources/recording/start/clientRequest',
	);
	const ours = JSON.stringify(OURS);
	const texts = hostileText(requests, PIECES).map((value) => ({ value, length: value.length }));
	const parsed = texts.map(({ value, length }) => ({ value: parse(value), length }));
	const strange = fc.constantFrom(...STRANGE).map((value) => ({ value, length: 1 }));
	return {
		name: 'Client Request, merged',
		input: fc.oneof(
			{ weight: 60, arbitrary: texts },
			{ weight: 39, arbitrary: parsed },
			// Some of them are large.
			{ weight: 1, arbitrary: strange },
		),
		lengthOf: ({ length }) => length,
		read({ value }) {
			const read = orRefused(() => readClientRequest(value, true));
			if (read === null) return 'refused';
			orRefused(() => readClientRequest(value, false));
			const merged = deepMerge(OURS, read.settings);
			hold(JSON.stringify(OURS) === ours, 'it changes what it lies over');
			hold(Object.getPrototypeOf(merged) === Object.prototype, 'its prototype is another');
			const text = JSON.stringify(merged);
			hold(({} as Record<string, unknown>).polluted === undefined, 'it changes all objects');
			const config = merged.recordingConfig as Record<string, unknown> | undefined;
			hold(config?.polluted === undefined, 'it inherits what was given');
			hold(
				same(deepMerge(merged, readJsonObject(text, 'x')), JSON.parse(text)),
				'it cannot be printed back',
			);
			return 'parsed';
		},
		long: {
			'objects in objects, as text': (n) => {
				const value = `${'{"a":'.repeat(n / 6)}1${'}'.repeat(n / 6)}`;
				return { value, length: value.length };
			},
			'lists in lists, as text': (n) => {
				const value = `{"a":${'['.repeat(n / 2)}${']'.repeat(n / 2)}}`;
				return { value, length: value.length };
			},
			'objects in objects': (n) => ({ value: deep(n / 6), length: n }),
			'a long list': (n) => ({ value: { a: Array(n / 2).fill(1) }, length: n }),
			'many fields': (n) => {
				const fields = Array.from({ length: n / 10 }, (_, i) => [`f${i}`, i]);
				return { value: Object.fromEntries(fields), length: n };
			},
		},
	};
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
