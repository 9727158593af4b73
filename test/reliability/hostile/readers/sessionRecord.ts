import fc from 'fast-check';
import { loadSource } from '../../source.ts';
import { hold, orRefusedLater, same, type Reader } from '../reader.ts';
import { hostileText } from '../text.ts';
import { OTHER_SID, SID } from './sid.ts';

const PREFIX = 'class/';

const records = fc
	.record({
		sid: fc.constantFrom(SID, SID, SID, SID, OTHER_SID),
		resourceId: fc.constantFrom('resource', '', '../..', '\n'),
		cname: fc.constantFrom('class-7b', 'x/../y', '<b>'),
		uid: fc.constantFrom('527841', '0'),
		mode: fc.constantFrom('mix', 'raw', '../web'),
		appId: fc.constantFrom('0123456789abcdef0123456789abcdef', '..'),
		startedAt: fc.constantFrom('2026-11-23T10:15:30.000Z', 'yesterday', ''),
		avFileType: fc.constantFrom(['hls', 'mp4'], [], ['hls'], undefined),
		folder: fc.constantFrom('class/', 'class/20261123/', 'class/a/', '', '../', 'other/', 'class'),
	})
	.map((record) => JSON.stringify(record, null, '\t'));

const FIELDS = ['sid', 'resourceId', 'cname', 'uid', 'mode', 'appId', 'startedAt', 'folder'];
const PIECES = [
	'{',
	'}',
	'[',
	']',
	':',
	',',
	'null',
	'true',
	'1e999',
	'"__proto__":{"polluted":1},',
	'"constructor":{"prototype":{"polluted":1}},',
	'"avFileType":{"length":9},',
	'"avFileType":["hls",1,null,{}],',
	`"sid":["${SID}"],`,
	...FIELDS.map((field) => `"${field}":`),
	...FIELDS.map((field) => `"${field}":1,`),
	`"folder":"../../",`,
];

const texts = hostileText(records, PIECES);
const TEXTS = ['sid', 'resourceId', 'cname', 'uid', 'mode', 'appId', 'startedAt'] as const;

function lookAt(record: Record<string, unknown>): void {
	hold(
		TEXTS.every((field) => typeof record[field] === 'string'),
		'a field is no text',
	);
	const formats = record.avFileType;
	hold(
		Array.isArray(formats) && formats.every((format) => typeof format === 'string'),
		'its formats are none',
	);
	hold(Object.keys(record).length === TEXTS.length + 1, 'it has other fields');
	hold(Object.getPrototypeOf(record) === Object.prototype, 'its prototype is another');
}

const sidIn = (text: string) => (JSON.parse(text) as { sid?: unknown }).sid;

const long: Reader<string>['long'] = {
	'lists in lists': (n) => `{"sid":"${SID}","avFileType":${'['.repeat(n / 2)}${']'.repeat(n / 2)}}`,
	'objects in objects': (n) => `{"sid":"${SID}","x":${'{"a":'.repeat(n / 5)}1`,
	'many formats': (n) => `{"sid":"${SID}","avFileType":[${'1,'.repeat(n / 2)}1]}`,
	'a long name': (n) => `{"sid":"${SID}","cname":"${'a'.repeat(n)}"}`,
};

export async function sessionRecordReader(): Promise<Reader<string>> {
	const { readSessionRecord } = await loadSource<
		typeof import('../../../../nodes/Agora/recordings/sessionRecord')
	>('recordings/sessionRecord');
	return {
		name: 'Session records',
		input: texts,
		lengthOf: (text) => text.length,
		read(text) {
			const record = readSessionRecord(text, SID);
			if (record === null) return 'refused';
			lookAt(record as unknown as Record<string, unknown>);
			hold(record.sid === SID && sidIn(text) === SID, 'it is another’s');
			hold(
				same(readSessionRecord(JSON.stringify(record), SID), record),
				'it cannot be printed back',
			);
			return 'parsed';
		},
		long,
	};
}

export async function sessionIndexReader(): Promise<Reader<string>> {
	type Index = typeof import('../../../../nodes/Agora/recordings/sessionRecord');
	const { findIndexed, recentSessions } = await loadSource<Index>('recordings/sessionRecord');
	type Bucket = Parameters<Index['findIndexed']>[0];
	const bucketOf = (text: string) => {
		const object = {
			key: `${PREFIX}_sessions/by-channel/x/${9_999_999_999_999 - Date.now()}_${SID}.json`,
			size: 1,
			lastModified: 1,
		};
		const bucket: Pick<Bucket, 'prefix' | 'getText' | 'list'> = {
			prefix: PREFIX,
			getText: async () => text,
			list: async () => ({ objects: [object], prefixes: [], nextToken: null, serverTime: 1 }),
		};
		return bucket as Bucket;
	};
	return {
		name: 'Entries of the session index',
		input: texts,
		lengthOf: (text) => text.length,
		async read(text) {
			const bucket = bucketOf(text);
			const entry = await orRefusedLater(async () => await findIndexed(bucket, SID));
			if (entry === null) return 'refused';
			const { folder, sid, record } = entry;
			hold(sid === SID && record?.sid === SID && sidIn(text) === SID, 'it is another’s');
			lookAt(record as unknown as Record<string, unknown>);
			hold(typeof folder === 'string' && /^(?:[^]*\/)?$/.test(folder), 'its folder is none');
			// Start may have been told another folder than the credential's: any will do, as it is only ever listed.
			const { value: ofChannel } = await recentSessions(bucket, record.cname, 4).next();
			hold(same(ofChannel, entry), 'its channel leads elsewhere');
			return 'parsed';
		},
		long,
	};
}
