import type { INodeProperties } from 'n8n-workflow';

/** Agora's word for a way of recording: composite, individual, individual as it was before `raw`, web page. */
export type Mode = 'mix' | 'raw' | 'individual' | 'web';

/** Modes that record a channel. */
export const CHANNEL: Mode[] = ['mix', 'raw', 'individual'];
/** Modes that record each user alone. */
export const EACH_USER: Mode[] = ['raw', 'individual'];

/** Makes an option appear in these modes only, and, where `besides` says so, with certain other options. */
export function onlyFor(
	modes: Mode[],
	besides: Record<string, Array<string | number>> = {},
): Pick<INodeProperties, 'displayOptions'> {
	return { displayOptions: { show: { '/mode': modes, ...besides } } };
}
