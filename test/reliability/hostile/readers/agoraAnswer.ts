import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { loadSource } from '../../source.ts';
import { hold, type Reader } from '../reader.ts';
import { hostileText } from '../text.ts';
import { SID } from './sid.ts';

const FOLDER = 'class/';

const answers = fc
	.oneof(
		fc.record({
			resourceId: fc.constant('r'),
			sid: fc.constant(SID),
			serverResponse: fc.oneof(
				fc.record({
					fileListMode: fc.constant('json'),
					fileList: fc.array(
						fc.record({
							fileName: fc.constantFrom(`${SID}_a_0.mp4`, `class/${SID}_a.m3u8`, `../${SID}_a.mp4`),
							uid: fc.constantFrom('0', '527841', 5, null, undefined),
						}),
						{ maxLength: 3 },
					),
					uploadingStatus: fc.constantFrom('uploaded', 'backuped', 7),
				}),
				fc.record({ fileList: fc.constantFrom(`${SID}_a.m3u8`, '') }),
				fc.record({
					extensionServiceState: fc.constantFrom(
						[
							{
								payload: { fileList: [{ filename: `${SID}_a.mp4` }], uploadingStatus: 'uploaded' },
							},
						],
						[{ playload: { fileList: [] } }, null, 1],
					),
				}),
			),
		}),
		fc.record({
			code: fc.constantFrom(2, 7, 53, 65, 404, 435, 1013, 9999, '2', null),
			reason: fc.constantFrom('Invalid AppId', 'x', 5, null, undefined),
		}),
		fc.record({ message: fc.constantFrom('Unauthorized', 'app_id is invalid', 1) }),
	)
	.map((answer) => JSON.stringify(answer));

const PIECES = [
	'<html>',
	'null',
	'[null]',
	'"code":"__proto__",',
	'"code":1e999,',
	'"uid":{"toString":1,"valueOf":1},',
	'"uid":[[]],',
	'"uid":true,',
	'"fileName":{"toString":1},',
	'"fileList":{"length":1},',
	'"fileList":[[{"fileName":"x"}]],',
	'"fileList":[null,1,"x"],',
	'"extensionServiceState":[{"payload":"x"},[]],',
	'"extensionServiceState":{"0":1},',
	'"serverResponse":"x",',
	'"serverResponse":[1],',
	'"serverResponse":null,',
	'"reason":{"toString":1},',
	'"__proto__":{"polluted":1},',
];

interface Given {
	status: number;
	body: string;
}

export async function agoraAnswerReader(): Promise<Reader<Given>> {
	const { readJson, agoraFault, isRetryable, isSuccess } =
		await loadSource<typeof import('../../../../nodes/Agora/agora/errors')>('agora/errors');
	const { reportedFiles, reportedUploadingStatus } = await loadSource<
		typeof import('../../../../nodes/Agora/recordings/serverResponse')
	>('recordings/serverResponse');
	const { withReportedFiles, recordingWithoutFiles } =
		await loadSource<typeof import('../../../../nodes/Agora/recordings/recording')>(
			'recordings/recording',
		);
	const session = { appId: 'a', resourceId: 'r', sid: SID, mode: 'mix', cname: 'a', uid: '1' };
	const recording = recordingWithoutFiles(session, 'recording');
	return {
		name: 'Agora’s answers',
		input: fc.record({
			status: fc.constantFrom(200, 200, 201, 206, 400, 401, 404, 429, 500, 302),
			body: hostileText(answers, PIECES),
		}),
		lengthOf: ({ body }) => body.length,
		read({ status, body }) {
			const answer = { status, headers: { 'retry-after': body.slice(0, 9) }, body };
			const json = readJson(answer);
			hold(typeof json === 'object' && json !== null, 'it is no object');
			hold(
				typeof isSuccess(answer) === 'boolean' &&
					['boolean', 'undefined'].includes(typeof isRetryable(answer)),
				'it is neither success nor failure',
			);
			const { message, details } = agoraFault(answer, 'try this');
			hold(message.endsWith('(could not try this)'), 'its fault has no words');
			hold(details.httpCode === String(status), 'its fault has no status');
			hold(
				details.description === undefined || typeof details.description === 'string',
				'its advice is no text',
			);
			const response = (json.serverResponse ?? {}) as IDataObject;
			const uploading = reportedUploadingStatus(response);
			hold(uploading === null || typeof uploading === 'string', 'its status is no text');
			const files = reportedFiles(response);
			for (const { name, uid } of files) {
				hold(typeof name === 'string' && name !== '', 'a file has no name');
				hold(uid === null || (typeof uid === 'string' && uid !== ''), 'a user is no text');
			}
			for (const { key } of withReportedFiles(recording, files, FOLDER, null, 900).file_list) {
				hold(key.startsWith(FOLDER), 'a key is outside its folder');
				hold(
					!key.split('/').some((part) => part === '..' || part === '.'),
					'a key leads out of its folder',
				);
			}
			return Object.keys(json).length > 0 ? 'parsed' : 'refused';
		},
		long: {
			'lists in lists': (n) => ({ status: 200, body: '['.repeat(n / 2) + ']'.repeat(n / 2) }),
			'many files': (n) => ({
				status: 200,
				body: `{"serverResponse":{"fileList":[${`{"fileName":"${SID}_a.mp4"},`.repeat(n / 54)}1]}}`,
			}),
			'a long reason': (n) => ({ status: 400, body: `{"reason":"${'app_id '.repeat(n / 7)}"}` }),
			'a page of HTML': (n) => ({ status: 502, body: '<p>'.repeat(n / 3) }),
		},
	};
}
