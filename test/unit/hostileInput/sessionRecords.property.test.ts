import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
	findIndexed,
	readSessionRecord,
	recentSessions,
} from '../../../nodes/Agora/recordings/sessionRecord';
import type { Bucket } from '../../../nodes/Agora/storage/types';
import { describeReader, hostileJson, OTHER_SID, SID, type Reader } from './hostileInput';

const FIELDS = ['sid', 'resourceId', 'cname', 'uid', 'mode', 'appId', 'startedAt'] as const;
const OPTIONAL = ['endedAt', 'uploadingStatus', 'resourceExpiredHour', 'storage'];

const validRecords = fc.record({
	sid: fc.constantFrom(SID, SID, SID, SID, OTHER_SID),
	resourceId: fc.constantFrom('resource', '', '../..', '\n'),
	cname: fc.constantFrom('class-7b', 'x/../y', '<b>'),
	uid: fc.constantFrom('527841', '0'),
	mode: fc.constantFrom('mix', 'raw', '../web'),
	appId: fc.constantFrom('0123456789abcdef0123456789abcdef', '..'),
	startedAt: fc.constantFrom('2026-11-23T10:15:30.000Z', 'yesterday', ''),
	avFileType: fc.constantFrom(['hls', 'mp4'], [], ['hls'], undefined),
	endedAt: fc.constantFrom('2026-11-23T11:15:30.000Z', 'yesterday', 5, undefined),
	uploadingStatus: fc.constantFrom('uploaded', 7, undefined),
	resourceExpiredHour: fc.constantFrom(72, '72', undefined),
	storage: fc.constantFrom(
		{ fileNamePrefix: ['class'], extensionParams: { sse: 'kms', secretKey: 'x' } },
		{ fileNamePrefix: [1], extensionParams: [] },
		null,
		'x',
		undefined,
	),
	folder: fc.constantFrom('class/', 'class/20261123/', 'class/a/', '', '../', 'other/', 'class'),
});
const texts = hostileJson(validRecords, [
	...['{', '}', '[', ']', ':', ',', 'null', 'true', '1e999'],
	'"__proto__":{"polluted":1},',
	'"constructor":{"prototype":{"polluted":1}},',
	'"avFileType":{"length":9},',
	'"avFileType":["hls",1,null,{}],',
	`"sid":["${SID}"],`,
	'"folder":"../../",',
	...[...FIELDS, ...OPTIONAL].flatMap((field) => [`"${field}":`, `"${field}":1,`]),
]);

function checkRecord(record: Record<string, unknown>): void {
	for (const field of FIELDS) assert.equal(typeof record[field], 'string');
	const { avFileType, endedAt, uploadingStatus, resourceExpiredHour, storage } = record;
	assert(Array.isArray(avFileType) && avFileType.every((format) => typeof format === 'string'));
	assert(endedAt === undefined || !Number.isNaN(Date.parse(endedAt as string)));
	assert(['undefined', 'string'].includes(typeof uploadingStatus));
	assert(['undefined', 'number'].includes(typeof resourceExpiredHour));
	const { fileNamePrefix = [], extensionParams = {} } = (storage ?? {}) as Record<string, object>;
	for (const text of [...(fileNamePrefix as unknown[]), ...Object.values(extensionParams)])
		assert.equal(typeof text, 'string');
	assert(Object.keys(extensionParams).every((name) => name === 'sse' || name === 'tag'));
	const unknown = Object.keys(record).filter(
		(field) => ![...FIELDS, 'avFileType', ...OPTIONAL].includes(field),
	);
	assert.equal(unknown.join(), '');
	assert.equal(Object.getPrototypeOf(record), Object.prototype);
}

const sidIn = (text: string) => (JSON.parse(text) as { sid?: unknown }).sid;

const long: Reader<string>['long'] = {
	'nested arrays': (n) => `{"sid":"${SID}","avFileType":${'['.repeat(n / 2)}${']'.repeat(n / 2)}}`,
	'nested objects': (n) => `{"sid":"${SID}","x":${'{"a":'.repeat(n / 5)}1`,
	formats: (n) => `{"sid":"${SID}","avFileType":[${'1,'.repeat(n / 2)}1]}`,
	'a channel': (n) => `{"sid":"${SID}","cname":"${'a'.repeat(n)}"}`,
};

describeReader('Session records', {
	input: texts,
	read(text) {
		const record = readSessionRecord(text, SID);
		if (record === null) return false;
		checkRecord({ ...record });
		assert.equal(record.sid, SID);
		assert.equal(sidIn(text), SID);
		assert.deepEqual(readSessionRecord(JSON.stringify(record), SID), record);
		return true;
	},
	long,
});

const PREFIX = 'class/';

/** A bucket whose index has one entry for any session and channel. */
function indexWith(text: string): Bucket {
	const age = 9_999_999_999_999 - Date.now();
	const key = `${PREFIX}_sessions/by-channel/x/${age}_${SID}.json`;
	const bucket: Pick<Bucket, 'prefix' | 'getText' | 'list'> = {
		prefix: PREFIX,
		getText: async () => text,
		list: async () => ({
			objects: [{ key, size: 1, lastModified: 1 }],
			prefixes: [],
			nextToken: null,
			serverTime: 1,
		}),
	};
	return bucket as Bucket;
}

describeReader('Entries of the session index', {
	input: texts,
	async read(text) {
		const entry = await findIndexed(indexWith(text), SID);
		if (entry === null) return false;
		const { folder, sid, record } = entry;
		assert(sid === SID && record?.sid === SID && sidIn(text) === SID);
		checkRecord({ ...record });
		// Start may have been given another folder than the credential's, which is only ever listed.
		assert(typeof folder === 'string' && /^(?:[^]*\/)?$/.test(folder));
		const { value } = await recentSessions(indexWith(text), record.cname, 4).next();
		assert.deepEqual(value, entry);
		return true;
	},
	long,
});
