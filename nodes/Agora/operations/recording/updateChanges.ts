import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/fault';
import { loadStorageCredential } from '../../storage/credential';
import { storageConfig } from '../../storage/storageConfig';
import { readTime } from './time';

export type Change = 'pause' | 'resume' | 'pushAddress' | 'storageToken' | 'subscriptions';

/** What the output says was changed. */
export const CHANGES: Record<Change, string> = {
	pause: 'paused',
	resume: 'resumed',
	pushAddress: 'push_address',
	storageToken: 'storage_token',
	subscriptions: 'subscriptions',
};

const showFor = (...changes: Change[]): Pick<INodeProperties, 'displayOptions'> => ({
	displayOptions: { show: { change: changes } },
});

const uidList = (name: string, displayName: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	default: '',
	placeholder: 'e.g. 1001, 1002',
	...showFor('subscriptions'),
	description,
});

export const changeFields: INodeProperties[] = [
	{
		displayName: 'Change',
		name: 'change',
		type: 'options',
		options: [
			{ name: 'Pause', value: 'pause', description: 'Hold a web page recording' },
			{
				name: 'Push Address',
				value: 'pushAddress',
				description: 'Where a web page recording is broadcast to, too',
			},
			{ name: 'Resume', value: 'resume', description: 'Go on with a web page recording' },
			{
				name: 'Storage Token',
				value: 'storageToken',
				description: 'New temporary keys for the bucket, before the old ones expire',
			},
			{
				name: 'Subscriptions',
				value: 'subscriptions',
				description: 'Whose audio and video is recorded',
			},
		],
		default: 'subscriptions',
		description: 'What to change. Agora wants one change at a time.',
	},
	{
		displayName: 'Only web page recordings can pause',
		name: 'pauseNotice',
		type: 'notice',
		default: '',
		...showFor('pause', 'resume'),
	},
	{
		displayName: 'Push Address',
		name: 'rtmpUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. rtmp://live.example.com/app/stream',
		...showFor('pushAddress'),
		description: 'An RTMP or RTMPS address. Leave empty to end the broadcast.',
	},
	uidList(
		'subscribeAudioUids',
		'Record Audio Of',
		'UIDs, separated by commas, or #allstream# for everybody. Leave empty to change nothing.',
	),
	uidList(
		'unSubscribeAudioUids',
		'Record Audio of All But',
		'UIDs, separated by commas. Not together with Record Audio Of.',
	),
	uidList(
		'subscribeVideoUids',
		'Record Video Of',
		'UIDs, separated by commas, or #allstream# for everybody. Leave empty to change nothing.',
	),
	uidList(
		'unSubscribeVideoUids',
		'Record Video of All But',
		'UIDs, separated by commas. Not together with Record Video Of.',
	),
	{
		displayName: 'Access Key',
		name: 'accessKey',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		required: true,
		...showFor('storageToken'),
		description: 'The temporary access key, from the storage’s token service',
	},
	{
		displayName: 'Secret Key',
		name: 'secretKey',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		required: true,
		...showFor('storageToken'),
		description: 'The temporary secret key',
	},
	{
		displayName: 'Session Token',
		name: 'stsToken',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		required: true,
		...showFor('storageToken'),
		description: 'The token that goes with the two keys',
	},
	{
		displayName: 'Expires At',
		name: 'stsExpiration',
		type: 'dateTime',
		default: '',
		required: true,
		...showFor('storageToken'),
		description: 'When the temporary keys end, at least four hours from now',
	},
];

/**
 * Reads the fields of one change into Agora's words.
 *
 * @param mode the recording's mode; web pages and channels know different changes
 * @returns `clientRequest` of Agora's `update`
 * @throws Fault when the mode knows no such change, or a field cannot be right
 *
 * Source: Agora, cloud recording, `update`.
 */
export async function readChange(
	context: IExecuteFunctions,
	itemIndex: number,
	change: Change,
	mode: string,
): Promise<IDataObject> {
	const text = (name: string) => String(context.getNodeParameter(name, itemIndex, '')).trim();
	checkMode(change, mode);
	switch (change) {
		case 'pause':
		case 'resume':
			return { webRecordingConfig: { onhold: change === 'pause' } };
		case 'pushAddress':
			return { rtmpPublishConfig: { outputs: pushOutputs(text('rtmpUrl')) } };
		case 'subscriptions':
			return { streamSubscribe: subscriptions(text) };
		case 'storageToken':
			return { storageConfig: await temporaryStorage(context, itemIndex, text) };
	}
}

function checkMode(change: Change, mode: string): void {
	const forWeb = change === 'pause' || change === 'resume' || change === 'pushAddress';
	if (change === 'storageToken' || forWeb === (mode === 'web')) return;
	throw new Fault(
		forWeb
			? 'Only web page recordings can pause or be broadcast'
			: 'A web page recording has no subscriptions',
		{ description: 'Choose another change, or another recording.' },
	);
}

function pushOutputs(url: string): IDataObject[] {
	if (url === '') return [];
	if (/^rtmps?:\/\/[^/]/i.test(url)) return [{ rtmpUrl: url }];
	throw new Fault('The field ‘Push Address’ is not an RTMP address', {
		description: 'Write it like rtmp://live.example.com/app/stream.',
	});
}

function subscriptions(text: (name: string) => string): IDataObject {
	const lists: IDataObject = {};
	for (const medium of ['Audio', 'Video']) {
		const only = readUids(text(`subscribe${medium}Uids`), `Record ${medium} Of`);
		const allBut = readUids(text(`unSubscribe${medium}Uids`), `Record ${medium} of All But`);
		if (only.length > 0 && allBut.length > 0) {
			throw new Fault(
				`Both ‘Record ${medium} Of’ and ‘Record ${medium} of All But’ are filled in`,
				{
					description: 'Agora takes one of the two. Empty the other one.',
				},
			);
		}
		if (only.length > 0) {
			lists[`${medium.toLowerCase()}UidList`] = { [`subscribe${medium}Uids`]: only };
		} else if (allBut.length > 0) {
			lists[`${medium.toLowerCase()}UidList`] = { [`unSubscribe${medium}Uids`]: allBut };
		}
	}
	if (Object.keys(lists).length > 0) return lists;
	throw new Fault('No subscription was named', {
		description: 'Fill in whose audio or video is to be recorded; #allstream# means everybody.',
	});
}

/** Agora: at most 32, as text. */
function readUids(text: string, field: string): string[] {
	const uids = text.split(/[\s,;]+/).filter((uid) => uid !== '');
	const right = uids.every((uid) => /^\d{1,10}$/.test(uid) || uid === '#allstream#');
	if (right && uids.length <= 32) return uids;
	throw new Fault(`The field ‘${field}’ does not hold UIDs`, {
		description: 'Give at most 32 whole numbers, separated by commas.',
	});
}

const FOUR_HOURS_MS = 4 * 3600 * 1000;

async function temporaryStorage(
	context: IExecuteFunctions,
	itemIndex: number,
	text: (name: string) => string,
): Promise<IDataObject> {
	const value = context.getNodeParameter('stsExpiration', itemIndex);
	const expires = readTime(value, context.getTimezone(), 'Expires At');
	if (expires === undefined || expires < Date.now() + FOUR_HOURS_MS) {
		throw new Fault('The temporary keys end too soon', {
			description: 'Agora wants ‘Expires At’ at least four hours from now.',
		});
	}
	const [accessKey, secretKey, stsToken] = [text('accessKey'), text('secretKey'), text('stsToken')];
	const stsExpiration = Math.floor(expires / 1000);
	const config = storageConfig(await loadStorageCredential(context));
	return { ...config, accessKey, secretKey, stsToken, stsExpiration };
}
