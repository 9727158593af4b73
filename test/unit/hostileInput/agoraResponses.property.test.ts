import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { agoraFault, isRetryable, isSuccess, readJson } from '../../../nodes/Agora/agora/errors';
import {
	reportedFiles,
	reportedUploadingStatus,
} from '../../../nodes/Agora/recordings/serverResponse';
import {
	recordingWithoutFiles,
	withReportedFiles,
} from '../../../nodes/Agora/recordings/recording';
import { describeReader, hostileJson, SID } from './hostileInput';

const FOLDER = 'class/';
const file = `${SID}_a.mp4`;

const serverResponse = fc.oneof(
	fc.record({
		fileListMode: fc.constant('json'),
		fileList: fc.array(
			fc.record({
				fileName: fc.constantFrom(
					`${SID}_a_0.mp4`,
					`class/${SID}_a.m3u8`,
					`../${file}`,
					`x/${file}`,
				),
				uid: fc.constantFrom('0', '527841', 5, null, undefined),
			}),
			{ maxLength: 3 },
		),
		uploadingStatus: fc.constantFrom('uploaded', 'backuped', 7),
	}),
	fc.record({ fileList: fc.constantFrom(`${SID}_a.m3u8`, '') }),
	fc.record({
		extensionServiceState: fc.constantFrom(
			[{ payload: { fileList: [{ filename: file }], uploadingStatus: 'uploaded' } }],
			[{ playload: { fileList: [] } }, null, 1],
		),
	}),
);
const validBodies = fc.oneof(
	fc.record({ resourceId: fc.constant('r'), sid: fc.constant(SID), serverResponse }),
	fc.record({
		code: fc.constantFrom(2, 7, 53, 65, 404, 435, 1013, 9999, '2', null),
		reason: fc.constantFrom('Invalid AppId', 'x', 5, null, undefined),
	}),
	fc.record({ message: fc.constantFrom('Unauthorized', 'app_id is invalid', 1) }),
);
const TOKENS = [
	...['<html>', 'null', '[null]', '"code":"__proto__",', '"code":1e999,', '"uid":[[]],'],
	...['"uid":{"toString":1,"valueOf":1},', '"uid":true,', '"fileName":{"toString":1},'],
	...['"fileList":{"length":1},', '"fileList":[[{"fileName":"x"}]],', '"fileList":[null,1,"x"],'],
	...['"extensionServiceState":[{"payload":"x"},[]],', '"extensionServiceState":{"0":1},'],
	...['"serverResponse":"x",', '"serverResponse":[1],', '"serverResponse":null,'],
	...['"reason":{"toString":1},', '"__proto__":{"polluted":1},'],
];

const session = { appId: 'a', resourceId: 'r', sid: SID, mode: 'mix', cname: 'a', uid: '1' };
const recording = recordingWithoutFiles(session, 'recording', null);

describeReader("Agora's responses", {
	input: fc.record({
		status: fc.constantFrom<number[]>(200, 200, 201, 206, 400, 401, 404, 429, 500, 302),
		body: hostileJson(validBodies, TOKENS),
	}),
	read({ status, body }) {
		const response = { status, headers: { 'retry-after': body.slice(0, 9) }, body };
		const json = readJson(response);
		assert(typeof json === 'object' && json !== null);
		assert.equal(typeof isSuccess(response), 'boolean');
		assert(['boolean', 'undefined'].includes(typeof isRetryable(response)));
		const { message, details } = agoraFault(response, 'start the recording');
		assert(message.endsWith('(could not start the recording)'));
		assert.equal(details.httpCode, String(status));
		assert(['undefined', 'string'].includes(typeof details.description));
		const inner = (json.serverResponse ?? {}) as IDataObject;
		const uploading = reportedUploadingStatus(inner);
		assert(uploading === null || typeof uploading === 'string');
		const files = reportedFiles(inner);
		for (const { name, uid } of files) {
			assert(typeof name === 'string' && name !== '');
			assert(uid === null || (typeof uid === 'string' && uid !== ''));
		}
		for (const { key } of withReportedFiles(recording, files, FOLDER, null, 900).file_list) {
			assert(key.startsWith(FOLDER));
			assert(!key.split('/').some((part) => part === '..' || part === '.'));
		}
		return Object.keys(json).length > 0;
	},
	long: {
		'nested arrays': (n) => ({ status: 200, body: '['.repeat(n / 2) + ']'.repeat(n / 2) }),
		files: (n) => ({
			status: 200,
			body: `{"serverResponse":{"fileList":[${`{"fileName":"${file}"},`.repeat(n / 54)}1]}}`,
		}),
		'a reason': (n) => ({ status: 400, body: `{"reason":"${'app_id '.repeat(n / 7)}"}` }),
		'a page of HTML': (n) => ({ status: 502, body: '<p>'.repeat(n / 3) }),
	},
});
