import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
	deepMerge,
	readClientRequest,
} from '../../../nodes/Agora/resources/recording/start/clientRequest';
import { readJsonObject } from '../../../nodes/Agora/resources/shared/parameters';
import { describeReader, hostileJson, unlessRejected } from './hostileInput';

const validRequests = fc.record({
	recordingConfig: fc.record({
		maxIdleTime: fc.constantFrom(30, 'x', null, undefined),
		transcodingConfig: fc.constantFrom({ width: 640, layoutConfig: [{ uid: '1' }] }, {}, 5),
		subscribeVideoUids: fc.constantFrom(['1', '2'], [], ''),
	}),
	recordingFileConfig: fc.constantFrom({ avFileType: ['hls', 'mp4'] }, undefined),
	extensionServiceConfig: fc.constantFrom({ extensionServices: [{ serviceParam: {} }] }, undefined),
});
const texts = hostileJson(validRequests, [
	...['{', '}', '[', '1e999', 'null', '"__proto__":{"polluted":1},', '"toString":1,'],
	...['"constructor":{"prototype":{"polluted":1}},', '"prototype":{"polluted":1},'],
	'"recordingConfig":{"__proto__":{"polluted":1}},',
	'"recordingConfig":{"constructor":{"prototype":{"polluted":1}}},',
	'"recordingConfig":[{"__proto__":{"polluted":1}}],',
	...['"recordingConfig":"x",', '"hasOwnProperty":{"call":1},', '"length":9,'],
]);

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function nested(levels: number, wrap: (inner: unknown) => unknown = (a) => ({ a })): unknown {
	let value: unknown = {};
	for (let i = 0; i < levels; i++) value = wrap(value);
	return value;
}

function circular(): unknown {
	const first: Record<string, unknown> = { a: {} };
	first.b = { c: [first] };
	return first;
}

/** What an expression can return. */
const objects: unknown[] = [
	circular(),
	nested(50),
	nested(10_000),
	// Each level refers to the next one twice: 16,384 objects when written as JSON.
	nested(14, (a) => ({ a, b: a })),
	{
		get recordingConfig(): never {
			throw new TypeError('a getter threw');
		},
	},
	{
		get recordingConfig() {
			return Math.random() < 0.5 ? { a: 1 } : null;
		},
	},
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

const FIELDS = {
	recordingConfig: { channelType: 0, transcodingConfig: { width: 360, height: 640 } },
	recordingFileConfig: { avFileType: ['hls'] },
};

describeReader('Values of Client Request (JSON)', {
	input: fc.oneof(
		{ weight: 60, arbitrary: texts },
		{ weight: 39, arbitrary: texts.map(parse) },
		// Some of them are large.
		{ weight: 1, arbitrary: fc.constantFrom(...objects) },
	),
	read(value) {
		const request = unlessRejected(() => readClientRequest(value, true));
		if (request === null) return false;
		unlessRejected(() => readClientRequest(value, false));
		const before = JSON.stringify(FIELDS);
		const merged = deepMerge(FIELDS, request.settings);
		assert.equal(JSON.stringify(FIELDS), before);
		assert.equal(Object.getPrototypeOf(merged), Object.prototype);
		const config = merged.recordingConfig as Record<string, unknown> | undefined;
		assert.equal(config?.polluted, undefined);
		const text = JSON.stringify(merged);
		assert.equal(JSON.stringify(deepMerge(merged, readJsonObject(text, 'x'))), text);
		return true;
	},
	long: {
		'nested objects as text': (n) => `${'{"a":'.repeat(n / 6)}1${'}'.repeat(n / 6)}`,
		'nested arrays as text': (n) => `{"a":${'['.repeat(n / 2)}${']'.repeat(n / 2)}}`,
		'nested objects': (n) => nested(n / 6),
		'an array': (n) => ({ a: Array(n / 10).fill(1) }),
		fields: (n) => Object.fromEntries(Array.from({ length: n / 50 }, (_, i) => [`field${i}`, i])),
	},
});
