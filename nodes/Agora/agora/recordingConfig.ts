import type { IDataObject } from 'n8n-workflow';
import { Fault } from '../http/fault';

type Check = (value: unknown) => boolean;

const wholeNumber =
	(from: number, to: number): Check =>
	(value) =>
		Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
const oneOf =
	(...choices: unknown[]): Check =>
	(value) =>
		choices.includes(value);
const text: Check = (value) => typeof value === 'string';
const object: Check = (value) =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const uids: Check = (value) =>
	Array.isArray(value) && value.length >= 1 && value.length <= 32 && value.every(text);

/** Source: Agora, cloud recording, `start`: `recordingConfig`. */
const FIELDS = new Map<string, [check: Check, rule: string]>(
	Object.entries({
		channelType: [wholeNumber(0, 1), '0 (communication) or 1 (live broadcast)'],
		decryptionMode: [wholeNumber(0, 8), 'a whole number from 0 to 8'],
		secret: [text, 'text'],
		salt: [text, 'text'],
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
		privateParams: [text, 'text'],
		transcodingConfig: [object, 'an object'],
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
			const [check, rule] = FIELDS.get(name) ?? [];
			if (check === undefined) {
				throw new Fault(`Agora has no recording setting ‘${key}’`, {
					description: `It has ${[...FIELDS.keys()].join(', ')}.`,
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
