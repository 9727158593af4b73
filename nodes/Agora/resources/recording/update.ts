import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readAccount } from '../../agora/account';
import { update, type Session } from '../../agora/cloudRecording';
import { isRtmpUrl } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { loadStorageCredential } from '../../storage/credential';
import { checkTemporaryKeys, stsExpirationAt, storagePlace } from '../../storage/storageConfig';
import { oneOf, readTime } from '../shared/parameters';
import { EXAMPLE_LOCATOR, runningRecordingLocator, sessionDetails } from './locator';
import { notRunning, sendToRunning } from './runningSession';
import type { Target } from './runningSession';
import {
	checkSubscriptions,
	SUBSCRIPTION_SETTINGS,
	subscriptionFields,
	subscriptionLists,
} from './subscriptions';
import type { Example, OperationDescription } from '../shared/operation';
import { EXAMPLE_RESOURCE_ID, EXAMPLE_SESSION } from '../shared/recordingFields';

type Change = 'pause' | 'resume' | 'pushAddress' | 'storageToken' | 'subscriptions';

/** Values of the output field `updated`. */
const UPDATED: Record<Change, string> = {
	pause: 'paused',
	resume: 'resumed',
	pushAddress: 'push_address',
	storageToken: 'storage_token',
	subscriptions: 'subscriptions',
};

const onlyFor = (...changes: Change[]): Pick<INodeProperties, 'displayOptions'> => ({
	displayOptions: { show: { change: changes } },
});

const changeField: INodeProperties = {
	displayName: 'Change',
	name: 'change',
	type: 'options',
	options: [
		{ name: 'Pause', value: 'pause', description: 'Pause a web page recording' },
		{ name: 'Resume', value: 'resume', description: 'Resume a web page recording' },
		{
			name: 'RTMP URL',
			value: 'pushAddress',
			description: 'Where to broadcast a web page recording',
		},
		{
			name: 'Storage Token',
			value: 'storageToken',
			description: 'New temporary credentials for the bucket, before the old ones expire',
		},
		{
			name: 'Subscriptions',
			value: 'subscriptions',
			description: 'Whose audio and video to record',
		},
	],
	default: 'subscriptions',
	description: 'What to change. Agora accepts one change at a time.',
};

const secret = (name: string, displayName: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	typeOptions: { password: true },
	default: '',
	...onlyFor('storageToken'),
	description,
});
const secretFields = [
	secret('accessKey', 'Access Key', "The temporary access key, from the storage's token service"),
	secret('secretKey', 'Secret Key', 'The temporary secret key'),
	secret('stsToken', 'Session Token', 'The token that belongs to the two keys'),
];

export const description: OperationDescription = {
	name: 'Update',
	value: 'update',
	action: 'Update recording',
	description: 'Pause, resume or broadcast a recording, or change whose media it records',
	fields: () => [
		runningRecordingLocator(),
		changeField,
		{
			displayName: 'Only web page recordings can be paused.',
			name: 'pauseNotice',
			type: 'notice',
			default: '',
			...onlyFor('pause', 'resume'),
		},
		{
			displayName: 'RTMP URL',
			name: 'rtmpUrl',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. rtmp://live.example.com/app/stream',
			...onlyFor('pushAddress'),
			description: 'The RTMP or RTMPS URL to broadcast to',
		},
		...subscriptionFields().map((field) => ({ ...field, ...onlyFor('subscriptions') })),
		...secretFields,
		{
			displayName: 'Expires At',
			name: 'stsExpiration',
			type: 'dateTime',
			default: '',
			...onlyFor('storageToken'),
			description: 'When the temporary credentials expire, at least four hours from now',
		},
		sessionDetails(),
	],
};

/**
 * Changes a running recording. Of a channel, the one that is running.
 *
 * @returns which recording, and what was changed
 * @throws Fault when a field is not right, or the recording cannot be found, is of a mode without such a change, or is
 *   not running
 *
 * Source: Agora, cloud recording, `update`.
 */
export async function execute(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const parameter = (name: string) => context.getNodeParameter(name, itemIndex, '');
	const change = oneOf<Change>(parameter('change'), changeField);
	const toRequest = readChange(context, change, parameter);
	const account = await readAccount(context);
	const send = async (target: Target) => {
		checkMode(change, target.session);
		return await update(context, account, target.session, await toRequest(target));
	};
	const fits = (session: Session) => isFor(change, session);
	const { target, result } = await sendToRunning(context, itemIndex, false, send, fits);
	const { sid, cname, resourceId, uid, mode } = target.session;
	if (result === null) throw await notRunning(target);
	return { sid, cname, mode, uid, updated: UPDATED[change], resourceId };
}

/** Which modes have a change: pausing and broadcasting are for web pages, subscriptions for channels. */
function isFor(change: Change, { mode }: Session): boolean {
	if (change === 'storageToken') return true;
	return (change !== 'subscriptions') === (mode === 'web');
}

function checkMode(change: Change, session: Session): void {
	if (isFor(change, session)) return;
	throw new Fault(
		change === 'subscriptions'
			? 'A web page recording has no subscriptions'
			: 'Only web page recordings can be paused or broadcast',
		{ description: 'Choose another change, or another recording.' },
	);
}

/**
 * Reads the fields of a change.
 *
 * @returns makes `clientRequest` of Agora's `update` for a recording
 * @throws Fault when a field is not right
 */
function readChange(
	context: IExecuteFunctions,
	change: Change,
	parameter: (name: string) => unknown,
): (target: Target) => IDataObject | Promise<IDataObject> {
	switch (change) {
		case 'pause':
		case 'resume':
			return () => ({ webRecordingConfig: { onhold: change === 'pause' } });
		case 'pushAddress': {
			const rtmpUrl = readRtmpUrl(parameter('rtmpUrl'));
			return () => ({ rtmpPublishConfig: { outputs: [{ rtmpUrl }] } });
		}
		case 'subscriptions': {
			const streamSubscribe = readSubscriptions(parameter);
			return () => ({ streamSubscribe });
		}
		case 'storageToken': {
			const keys = readTemporaryKeys(context, parameter);
			return async (target) => ({
				storageConfig: { ...(await placeOf(context, target)), ...keys },
			});
		}
	}
}

function readRtmpUrl(value: unknown): string {
	const url = String(value ?? '').trim();
	if (url === '') {
		throw new Fault('"RTMP URL" is empty', {
			description: 'Enter the URL to broadcast to. To end a broadcast, stop the recording.',
		});
	}
	if (isRtmpUrl(url)) return url;
	throw new Fault('"RTMP URL" is not a public RTMP URL', {
		description: 'Write it like rtmp://live.example.com/app/stream.',
	});
}

/** Agora requires a separate object for each medium, and none that is empty. */
function readSubscriptions(parameter: (name: string) => unknown): IDataObject {
	const names = SUBSCRIPTION_SETTINGS.map(({ agora }) => agora);
	const lists = subscriptionLists(Object.fromEntries(names.map((name) => [name, parameter(name)])));
	checkSubscriptions(lists);
	if (Object.keys(lists).length === 0) {
		throw new Fault('No subscriptions are set', {
			description: 'Enter the users whose audio or video to record; #allstream# means everyone.',
		});
	}
	for (const { agora, label, check, must } of SUBSCRIPTION_SETTINGS) {
		if (lists[agora] === undefined || check(lists[agora])) continue;
		throw new Fault(`"${label}" does not contain UIDs`, {
			description: `It must be ${must}, separated by commas.`,
		});
	}
	const ofMedium = (medium: string) =>
		Object.fromEntries(Object.entries(lists).filter(([name]) => name.includes(medium)));
	const [audio, video] = [ofMedium('Audio'), ofMedium('Video')];
	return {
		...(Object.keys(audio).length > 0 && { audioUidList: audio }),
		...(Object.keys(video).length > 0 && { videoUidList: video }),
	};
}

function readTemporaryKeys(
	context: IExecuteFunctions,
	parameter: (name: string) => unknown,
): IDataObject {
	const keys = secretFields.map(({ name, displayName }) => {
		const value = String(parameter(name) ?? '').trim();
		if (value === '') {
			throw new Fault(`"${displayName}" is empty`, {
				description: 'Enter the temporary credentials: both keys, the token and its expiry.',
			});
		}
		return [name, value];
	});
	const expires = readTime(parameter('stsExpiration'), context.getTimezone(), 'Expires At');
	return {
		...Object.fromEntries(keys),
		stsExpiration: stsExpirationAt(expires ?? 0, 'Expires At'),
	};
}

/**
 * Where Agora stores the recording: the bucket of the credential, the folder and the settings of the start. Agora
 * replaces the whole `storageConfig`, so what is left out is lost.
 */
async function placeOf(context: IExecuteFunctions, { known }: Target): Promise<IDataObject> {
	const credential = await loadStorageCredential(context);
	checkTemporaryKeys(credential);
	const { fileNamePrefix: byDefault, extensionParams, ...place } = storagePlace(credential);
	const ofStart = known?.record?.storage;
	const folders =
		ofStart?.fileNamePrefix ??
		(known === null ? byDefault : known.folder.split('/').filter(Boolean)) ??
		[];
	const extension = { ...ofStart?.extensionParams, ...extensionParams };
	return {
		...place,
		...(folders.length > 0 && { fileNamePrefix: folders }),
		...(Object.keys(extension).length > 0 && { extensionParams: extension }),
	};
}

export const example = (): Example => ({
	needs: 'runningRecording',
	parameters: {
		recordingId: EXAMPLE_LOCATOR,
		change: 'subscriptions',
		subscribeAudioUids: '1001, 1002',
	},
	result: { ...EXAMPLE_SESSION, updated: 'subscriptions', resourceId: EXAMPLE_RESOURCE_ID },
});
