import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { EVERYONE, isRecordedUid, listOf, type AgoraValue } from '../../agora/formats';
import { Fault } from '../../http/errors';
import { readList } from '../shared/parameters';

const uidList = (agora: string, label: string): AgoraValue => ({
	agora,
	label,
	check: listOf(1, 32, isRecordedUid),
	must: `1 to 32 UIDs as strings, or ${EVERYONE}`,
});

/**
 * Agora's four lists. Its documentation has two spellings of the excluding ones; `unSubscribe…` is the one of its client
 * library.
 *
 * Source: Agora, cloud recording, `start`, and set up subscription lists.
 */
export const SUBSCRIPTION_SETTINGS: AgoraValue[] = [
	uidList('subscribeAudioUids', 'Record Audio From (UIDs)'),
	uidList('unSubscribeAudioUids', 'Exclude Audio From (UIDs)'),
	uidList('subscribeVideoUids', 'Record Video From (UIDs)'),
	uidList('unSubscribeVideoUids', 'Exclude Video From (UIDs)'),
];

const DESCRIPTIONS: Record<string, string> = {
	subscribeAudioUids: `Users whose audio to record: up to 32 UIDs, separated by commas, or ${EVERYONE} for everyone. Without video users, no video is recorded.`,
	unSubscribeAudioUids:
		'Users whose audio not to record: up to 32 UIDs, separated by commas. Cannot be combined with Record Audio From.',
	subscribeVideoUids: `Users whose video to record: up to 32 UIDs, separated by commas, or ${EVERYONE} for everyone. Without audio users, no audio is recorded.`,
	unSubscribeVideoUids:
		'Users whose video not to record: up to 32 UIDs, separated by commas. Cannot be combined with Record Video From.',
};

/** Fields for the users whose audio and video is recorded. */
export const subscriptionFields = (): INodeProperties[] =>
	SUBSCRIPTION_SETTINGS.map(({ agora, label }) => ({
		displayName: label,
		name: agora,
		type: 'string',
		default: '',
		placeholder: 'e.g. 1001, 1002',
		description: DESCRIPTIONS[agora],
	}));

/**
 * @param values of `subscriptionFields`: strings, or whatever an expression returns
 * @returns Agora's four lists, without those that are empty
 */
export function subscriptionLists(values: Record<string, unknown>): IDataObject {
	const lists = SUBSCRIPTION_SETTINGS.map(({ agora }) => [agora, readList(values[agora])] as const);
	return Object.fromEntries(lists.filter(([, list]) => list !== undefined));
}

/**
 * @param lists Agora's four lists; each may be absent
 * @throws Fault when a list of users to record is combined with one of users to exclude
 */
export function checkSubscriptions(lists: Record<string, unknown>): void {
	for (const medium of ['Audio', 'Video']) {
		const [only, except] = [lists[`subscribe${medium}Uids`], lists[`unSubscribe${medium}Uids`]];
		if (only === undefined || except === undefined) continue;
		throw new Fault(
			`"Record ${medium} From (UIDs)" and "Exclude ${medium} From (UIDs)" are both filled in`,
			{ description: 'Agora accepts one of the two. Clear the other one.' },
		);
	}
}
