import type { Passing } from '../relay.ts';

/** What a Start asks of Agora and of the bucket. */
export const ASKED = ['acquire', 'start', 'query', 'record', 'index'] as const;
export type Asked = (typeof ASKED)[number];

export const OF_AGORA: readonly Asked[] = ['acquire', 'start', 'query'];

/** @returns what a request is, null for one that no Start sends: the recorder's own, say */
export function askedOf({ method, path }: Pick<Passing, 'method' | 'path'>): Asked | null {
	if (method === 'POST' && path.endsWith('/acquire')) return 'acquire';
	if (method === 'POST' && path.endsWith('/start')) return 'start';
	if (method === 'GET' && path.endsWith('/query')) return 'query';
	if (method === 'PUT' && path.endsWith('.session.json')) return 'record';
	if (method === 'PUT' && path.includes('/_sessions/')) return 'index';
	return null;
}

/** @returns the resource ID in the path of a start, null in any other */
export function resourceIdOf({ path }: Pick<Passing, 'path'>): string | null {
	const [, resourceId] = /\/resourceid\/([^/]+)\/mode\/[^/]+\/start$/.exec(path) ?? [];
	return resourceId === undefined ? null : decodeURIComponent(resourceId);
}
