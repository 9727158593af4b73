import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/fault';
import { loadStorageCredential } from '../../storage/credential';
import { keysEndAt, storagePlace } from '../../storage/storageConfig';
import {
	checkSubscriptions,
	subscriptionFields,
	subscriptionLists,
	type SubscriptionSettings,
} from './subscriptions';
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
	...subscriptionFields.map((field) => ({ ...field, ...showFor('subscriptions') })),
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
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, '');
	const text = (name: string) => String(parameter(name)).trim();
	checkMode(change, mode);
	switch (change) {
		case 'pause':
		case 'resume':
			return { webRecordingConfig: { onhold: change === 'pause' } };
		case 'pushAddress':
			return { rtmpPublishConfig: { outputs: pushOutputs(text('rtmpUrl')) } };
		case 'subscriptions':
			return { streamSubscribe: subscriptions(parameter) };
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

/** Agora wants the lists of each medium in an object of their own, and no empty one. */
function subscriptions(value: (name: keyof SubscriptionSettings) => unknown): IDataObject {
	const lists = subscriptionLists({
		subscribeAudioUids: value('subscribeAudioUids'),
		unSubscribeAudioUids: value('unSubscribeAudioUids'),
		subscribeVideoUids: value('subscribeVideoUids'),
		unSubscribeVideoUids: value('unSubscribeVideoUids'),
	});
	checkSubscriptions(lists, 'Audio');
	checkSubscriptions(lists, 'Video');
	const ofMedium = (medium: string) =>
		Object.entries(lists).filter(([name]) => name.includes(medium));
	const [audio, video] = [ofMedium('Audio'), ofMedium('Video')];
	checkUids([...audio, ...video]);
	return {
		...(audio.length > 0 && { audioUidList: Object.fromEntries(audio) }),
		...(video.length > 0 && { videoUidList: Object.fromEntries(video) }),
	};
}

function checkUids(lists: Array<[string, unknown]>): void {
	if (lists.length === 0) {
		throw new Fault('No subscription was named', {
			description: 'Fill in whose audio or video is to be recorded; #allstream# means everybody.',
		});
	}
	for (const [name, uids] of lists) {
		const field = subscriptionFields.find((each) => each.name === name)!.displayName;
		const right = (uids as string[]).every(
			(uid) => /^\d{1,10}$/.test(uid) || uid === '#allstream#',
		);
		if (right && (uids as string[]).length <= 32) continue;
		throw new Fault(`The field ‘${field}’ does not hold UIDs`, {
			description: 'Give at most 32 whole numbers, separated by commas.',
		});
	}
}

async function temporaryStorage(
	context: IExecuteFunctions,
	itemIndex: number,
	text: (name: string) => string,
): Promise<IDataObject> {
	const value = context.getNodeParameter('stsExpiration', itemIndex);
	const expires = readTime(value, context.getTimezone(), 'Expires At') ?? 0;
	const stsExpiration = keysEndAt(expires, 'Expires At');
	const [accessKey, secretKey, stsToken] = [text('accessKey'), text('secretKey'), text('stsToken')];
	const place = storagePlace(await loadStorageCredential(context));
	return { ...place, accessKey, secretKey, stsToken, stsExpiration };
}
