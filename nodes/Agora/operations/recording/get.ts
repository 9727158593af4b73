import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { query } from '../../agora/cloudRecording';
import { Fault } from '../../http/fault';
import { findSession } from '../../recordings/catalogue';
import { toRecording, type ReadSession } from '../../recordings/recording';
import { openBucket } from '../../storage/bucket';
import { showFor } from '../showFor';
import { includeSegments, linkLifetime, readPresentation } from './presentation';

export const description: INodeProperties[] = showFor('recording', 'get', [
	{
		displayName: 'Recording',
		name: 'recordingId',
		type: 'resourceLocator',
		default: { mode: 'id', value: '' },
		required: true,
		description: 'The recording to get',
		modes: [
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 38f8e3cfdc474cd56fc1ceba380d7e1a',
				hint: 'The session ID (sid) that Start gave out',
			},
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose a recording …',
				typeOptions: { searchListMethod: 'searchRecordings', searchable: true },
			},
		],
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [includeSegments, linkLifetime],
	},
]);

/**
 * Gets one recording: what the bucket holds of it, and whether Agora says that it still runs.
 *
 * @throws Fault when the ID cannot be one, or nothing in the bucket belongs to it
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const sid = readSid(
		context.getNodeParameter('recordingId', itemIndex, '', { extractValue: true }),
	);
	const presentation = readPresentation(context, itemIndex);
	const bucket = await openBucket(context);
	const found = await findSession(bucket, sid, presentation.includeSegments);
	if (found === null) {
		throw new Fault(`The bucket ${bucket.name} has no recording ${sid}`, {
			description: `It was looked for under ‘${bucket.prefix}’. Files of a new recording take up to a minute to appear; check the File Name Prefix in the Agora Recording Storage credential, too.`,
			httpCode: '404',
		});
	}
	const running = await isRunning(context, found);
	const read: ReadSession = running ? { ...found, status: 'recording' } : found;
	return toRecording(bucket, read, presentation.linkSeconds) as unknown as IDataObject;
}

function readSid(value: unknown): string {
	const sid = String(value ?? '').trim();
	if (/^[0-9a-f]{32}$/i.test(sid)) return sid;
	throw new Fault(
		sid === '' ? 'The field ‘Recording’ is empty' : `‘${sid}’ is not the ID of a recording`,
		{
			description:
				'The ID (sid) has 32 hexadecimal digits. Start gives it out, and so does Get Many.',
		},
	);
}

/** Only the session record knows how to ask Agora; a finished recording needs no question. */
async function isRunning(
	context: IExecuteFunctions,
	{ record, status }: ReadSession,
): Promise<boolean> {
	if (record === null || status === 'completed') return false;
	return (await query(context, await readAccount(context), record)) !== null;
}
