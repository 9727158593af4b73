import { channelInNames, isSameChannel } from './fileName';
import type { LoadedSession } from './loadSession';

/** Which channels to return recordings of: all that match every condition that is set. */
export interface ChannelFilter {
	/** The exact name. */
	cname?: string;
	/** The beginning of the name. */
	cnamePrefix?: string;
}

/** @returns whether a channel can match, as far as its name in the files shows */
export function mayMatchChannel(
	inNames: string,
	{ cname, cnamePrefix = '' }: ChannelFilter,
): boolean {
	return (
		(cname === undefined || isSameChannel(inNames, cname)) &&
		channelInNames(inNames).startsWith(channelInNames(cnamePrefix))
	);
}

/** @returns whether the channel of a session matches. Only its session record has the exact name. */
export function matchesChannel(
	{ record, session }: Pick<LoadedSession, 'record' | 'session'>,
	filter: ChannelFilter,
): boolean {
	if (record === null) return mayMatchChannel(session.channel, filter);
	const { cname = record.cname, cnamePrefix = '' } = filter;
	return record.cname === cname && record.cname.startsWith(cnamePrefix);
}

/** @returns whether two channel names differ in case only, as far as their names in the files show */
export function differsInCase(inNames: string, cname: string): boolean {
	return (
		!isSameChannel(inNames, cname) && isSameChannel(inNames.toLowerCase(), cname.toLowerCase())
	);
}
