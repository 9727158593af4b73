import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/fault';
import { withoutUnset } from './start/withoutUnset';

const uids = (name: string, displayName: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	default: '',
	placeholder: 'e.g. 1001, 1002',
	description,
});

/** Whose audio and video is recorded. */
export const subscriptionFields: INodeProperties[] = [
	uids(
		'subscribeAudioUids',
		'Record Audio Of',
		'UIDs, up to 32, separated by commas, or #allstream# for everybody. With this alone no video is recorded: fill in Record Video Of, too.',
	),
	uids(
		'unSubscribeAudioUids',
		'Record Audio of All But',
		'UIDs, up to 32, separated by commas. Not together with Record Audio Of.',
	),
	uids(
		'subscribeVideoUids',
		'Record Video Of',
		'UIDs, up to 32, separated by commas, or #allstream# for everybody. With this alone no audio is recorded: fill in Record Audio Of, too.',
	),
	uids(
		'unSubscribeVideoUids',
		'Record Video of All But',
		'UIDs, up to 32, separated by commas. Not together with Record Video Of.',
	),
];

/** Values of `subscriptionFields`: text, or what an expression gives. */
export type SubscriptionSettings = Partial<
	Record<
		'subscribeAudioUids' | 'unSubscribeAudioUids' | 'subscribeVideoUids' | 'unSubscribeVideoUids',
		unknown
	>
>;

/**
 * Says in Agora's words whose audio and video is recorded.
 *
 * @returns Agora's four lists, without those that are empty. Agora's documentation spells the excluding
 *   ones in two ways; `unSubscribe…` is that of its own client library.
 *
 * Source: Agora, cloud recording, `start`, and set up subscription lists.
 */
export function subscriptionLists(settings: SubscriptionSettings): IDataObject {
	return withoutUnset({
		subscribeAudioUids: readUids(settings.subscribeAudioUids),
		unSubscribeAudioUids: readUids(settings.unSubscribeAudioUids),
		subscribeVideoUids: readUids(settings.subscribeVideoUids),
		unSubscribeVideoUids: readUids(settings.unSubscribeVideoUids),
	});
}

/** @param value UIDs with commas or spaces between them, a number, or a list */
function readUids(value: unknown): string[] | undefined {
	const texts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(/[\s,;]+/);
	const uids = texts.map((text) => text.trim()).filter((text) => text !== '');
	return uids.length > 0 ? uids : undefined;
}

/**
 * @param lists Agora's four lists, as far as they are there
 * @param medium whose lists are checked
 * @throws Fault when there is a list of those to record beside one of those not to
 */
export function checkSubscriptions(
	lists: Record<string, unknown>,
	medium: 'Audio' | 'Video',
): void {
	const [only, allBut] = [lists[`subscribe${medium}Uids`], lists[`unSubscribe${medium}Uids`]];
	if (only === undefined || allBut === undefined) return;
	throw new Fault(`Both ‘Record ${medium} Of’ and ‘Record ${medium} of All But’ are filled in`, {
		description: 'Agora takes one of the two. Empty the other one.',
	});
}
