import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { createProject } from '../../agora/console';
import { isObject } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { SETTINGS } from '../recording/start/settings';
import { readJsonObject } from '../shared/parameters';
import {
	EXAMPLE_PROJECT,
	projectItem,
	projectOptions,
	readCertificateSwitch,
	readProjectOutput,
} from './projectItem';
import { simplify } from '../shared/fields';
import type { Example, OperationDescription } from '../shared/operation';

export const description: OperationDescription = {
	name: 'Create',
	value: 'create',
	action: 'Create project',
	description: 'Add a project to the Agora account, with or without an App Certificate',
	fields: () => [
		{
			displayName: 'Name',
			name: 'name',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. my-video-app',
			description: 'A name that is unique in the account, 1 to 255 characters',
		},
		{
			displayName: 'Enable App Certificate',
			name: 'enableAppCertificate',
			type: 'boolean',
			default: false,
			description:
				'Whether clients need a token to join channels of this project. Agora recommends it for everything except first tests.',
		},
		simplify,
		projectOptions({
			displayName: 'Recording Defaults',
			name: 'recordingConfig',
			type: 'json',
			default: '{\n  "maxIdleTime": 30,\n  "streamTypes": 2\n}',
			description:
				"Recording settings to pass on with the new project, such as max_idle_time or stream_types. They are checked and returned as recordingConfig, for the Client Request of Recording > Start. Agora doesn't store recording settings in a project.",
		}),
	],
};

/**
 * Creates a project.
 *
 * @returns the project, with `recordingConfig` in Agora's spelling if there are recording defaults
 * @throws Fault before anything is sent when the name or the defaults are invalid
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const name = (context.getNodeParameter('name', itemIndex) as string).trim();
	if (name.length < 1 || name.length > 255) {
		throw new Fault('"Name" must have 1 to 255 characters', {
			description: `It has ${name.length}.`,
		});
	}
	const defaults = context.getNodeParameter('options.recordingConfig', itemIndex, null);
	const recordingConfig =
		defaults === null
			? undefined
			: readRecordingConfig(readJsonObject(defaults, 'Recording Defaults'));
	const certificate = readCertificateSwitch(context, itemIndex);
	const project = await createProject(context, await readAccount(context), {
		name,
		enable_sign_key: certificate,
	});
	const item = projectItem(project, readProjectOutput(context, itemIndex));
	return recordingConfig === undefined ? item : { ...item, recordingConfig };
}

const PREFIX = 'recordingConfig.';
/** Agora's recording settings that are values of their own. */
const RECORDING_SETTINGS = SETTINGS.filter(
	({ agora }) => agora.startsWith(PREFIX) && !agora.startsWith(`${PREFIX}transcodingConfig.`),
).map((setting) => ({ ...setting, agora: setting.agora.slice(PREFIX.length) }));

/**
 * Checks recording settings and converts their names to Agora's spelling: `max_idle_time` becomes `maxIdleTime`.
 *
 * @returns Agora's `recordingConfig` for a start
 * @throws Fault naming the first setting that Agora doesn't have, or whose value it would reject
 */
export function readRecordingConfig(settings: IDataObject): IDataObject {
	return Object.fromEntries(
		Object.entries(settings).map(([key, value]) => {
			const name = agoraSpelling(key);
			if (name === 'transcodingConfig' && isObject(value)) return [name, value];
			const setting = RECORDING_SETTINGS.find(({ agora }) => agora === name);
			if (setting === undefined) {
				const names = [...RECORDING_SETTINGS.map(({ agora }) => agora), 'transcodingConfig'];
				throw new Fault(`Agora has no recording setting "${key}"`, {
					description: `It has ${names.join(', ')}.`,
				});
			}
			if (!setting.check(value)) {
				throw new Fault(`The recording setting "${key}" has an invalid value`, {
					description: `It must be ${setting.must}.`,
				});
			}
			return [name, value];
		}),
	);
}

function agoraSpelling(key: string): string {
	return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export const example = (): Example => ({
	parameters: { name: 'Evening classes', enableAppCertificate: true },
	result: { ...EXAMPLE_PROJECT, name: 'Evening classes' },
});
