import {
	loadSessionRecord,
	readSessionRecord,
	saveSessionRecord,
} from '../../../nodes/Agora/recordings/sessionRecord';
import { memoryBucket } from '../memoryBucket';
import { sessionRecordOf, sidOf } from '../recordedSession';

const SID = sidOf(1);
const RECORD = sessionRecordOf(SID, { cname: 'class_7b é', avFileType: ['hls', 'mp4'] });

describe('the session record', () => {
	it('lies beside the recording’s files and comes back as it was', async () => {
		const bucket = memoryBucket();
		await saveSessionRecord(bucket, 'school/20261123/', RECORD);
		const key = `school/20261123/${SID}_class-7b é.session.json`;
		expect(bucket.requests.writes).toEqual([key]);
		expect(await loadSessionRecord(bucket, key, SID)).toEqual(RECORD);
	});

	it('is null where there is none', async () => {
		expect(await loadSessionRecord(memoryBucket(), 'gone.session.json', SID)).toBeNull();
	});

	const without = (field: string) => JSON.stringify({ ...RECORD, [field]: undefined });
	it.each([
		['nothing', ''],
		['cut short', JSON.stringify(RECORD).slice(0, -1)],
		['null', 'null'],
		['a number', '7'],
		['a list', '[]'],
		['another session’s', JSON.stringify(sessionRecordOf(sidOf(2)))],
		['without sid', without('sid')],
		['without resourceId', without('resourceId')],
		['without cname', without('cname')],
		['without startedAt', without('startedAt')],
		['with a uid that is a number', JSON.stringify({ ...RECORD, uid: 7 })],
	])('is null where the text is %s', (_, text) => {
		expect(readSessionRecord(text, SID)).toBeNull();
	});

	it.each([
		['nothing', undefined, []],
		['text', 'mp4', []],
		['a list with other things in it', ['hls', 7, null, {}], ['hls']],
	])('takes from file formats only text, when they are %s', (_, avFileType, expected) => {
		const text = JSON.stringify({ ...RECORD, avFileType });
		expect(readSessionRecord(text, SID)?.avFileType).toEqual(expected);
	});

	it('takes over none of the fields that others added', () => {
		const text = JSON.stringify(RECORD).replace('{', '{"__proto__":{"x":1},"secretKey":"fake",');
		expect(readSessionRecord(text, SID)).toEqual(RECORD);
		expect(Object.keys(readSessionRecord(text, SID)!).sort()).toEqual(Object.keys(RECORD).sort());
	});
});
