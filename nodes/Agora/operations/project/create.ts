import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { createProject } from '../../agora/console';
import { readRecordingConfig } from '../../agora/recordingConfig';
import { Fault } from '../../http/fault';
import { readJsonObject } from '../jsonObject';
import {
	projectOptions,
	readCertificateSwitch,
	readProjectOutput,
	simplify,
} from './projectFields';
import { projectItem } from './projectItem';

export const description = (): INodeProperties[] => [
	{
		displayName: 'Name',
		name: 'name',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. my-video-app',
		description: 'A name that no other project of the account has, 1 to 255 characters',
	},
	{
		displayName: 'Enable App Certificate',
		name: 'enableAppCertificate',
		type: 'boolean',
		default: false,
		description:
			'Whether clients need a token to join channels of this project. Agora recommends it for everything but first tests.',
	},
	simplify,
	projectOptions({
		displayName: 'Recording Defaults',
		name: 'recordingConfig',
		type: 'json',
		default: '{\n  "maxIdleTime": 30,\n  "streamTypes": 2\n}',
		description:
			'Recording settings to hand on with the new project, such as max_idle_time or stream_types. They are checked and come out as recordingConfig, ready for the Client Request of Recording: Start. Agora itself keeps no recording settings with a project.',
	}),
];

/**
 * Creates a project.
 *
 * @returns the project, with `recordingConfig` in Agora's spelling where recording defaults were given
 * @throws Fault before anything is sent when the name or the defaults cannot be right
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const name = (context.getNodeParameter('name', itemIndex) as string).trim();
	if (name.length < 1 || name.length > 255) {
		throw new Fault('The field ‘Name’ needs 1 to 255 characters', {
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
