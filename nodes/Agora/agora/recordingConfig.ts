import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../http/fault';
import { isObject, isText, oneOf, wholeNumber, type ValueCheck } from './valueCheck';

const uids: ValueCheck = (value) =>
	Array.isArray(value) && value.length >= 1 && value.length <= 32 && value.every(isText);

/** What each setting may be. Source: Agora, cloud recording, `start`: `recordingConfig`. */
export const RECORDING_SETTINGS = new Map<string, [check: ValueCheck, rule: string]>(
	Object.entries({
		channelType: [wholeNumber(0, 1), '0 (communication) or 1 (live broadcast)'],
		decryptionMode: [wholeNumber(0, 8), 'a whole number from 0 to 8'],
		secret: [isText, 'text'],
		salt: [isText, 'text'],
		maxIdleTime: [wholeNumber(5, 2_592_000), 'seconds, 5 to 2592000'],
		streamTypes: [wholeNumber(0, 2), '0 (audio), 1 (video) or 2 (both)'],
		videoStreamType: [wholeNumber(0, 1), '0 (high) or 1 (low)'],
		subscribeAudioUids: [uids, 'a list of 1 to 32 UIDs as text'],
		subscribeVideoUids: [uids, 'a list of 1 to 32 UIDs as text'],
		unSubscribeAudioUids: [uids, 'a list of 1 to 32 UIDs as text'],
		unSubscribeVideoUids: [uids, 'a list of 1 to 32 UIDs as text'],
		subscribeUidGroup: [wholeNumber(0, 5), 'a whole number from 0 to 5'],
		streamMode: [oneOf('default', 'standard', 'original'), 'default, standard or original'],
		audioProfile: [wholeNumber(0, 2), 'a whole number from 0 to 2'],
		privateParams: [isText, 'text'],
		transcodingConfig: [isObject, 'an object'],
	}),
);

/**
 * Checks recording settings and gives them Agora's spelling: `max_idle_time` becomes `maxIdleTime`.
 *
 * @returns Agora's `recordingConfig` for a start
 * @throws Fault naming the first setting that Agora does not have, or whose value it would refuse
 */
export function readRecordingConfig(settings: IDataObject): IDataObject {
	return Object.fromEntries(
		Object.entries(settings).map(([key, value]) => {
			const name = agoraSpelling(key);
			const [check, rule] = RECORDING_SETTINGS.get(name) ?? [];
			if (check === undefined) {
				throw new Fault(`Agora has no recording setting ‘${key}’`, {
					description: `It has ${[...RECORDING_SETTINGS.keys()].join(', ')}.`,
				});
			}
			if (!check(value)) {
				throw new Fault(`The recording setting ‘${key}’ cannot have this value`, {
					description: `It must be ${rule}.`,
				});
			}
			return [name, value];
		}),
	);
}

function agoraSpelling(key: string): string {
	return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
