import type { Execute, ResourceDescription } from '../shared/operation';
import * as getMany from './getMany';

export const description = (): ResourceDescription => ({
	name: 'Channel',
	value: 'channel',
	operations: [getMany.description],
	aliases: ['online channels'],
	defaultOperation: getMany.description.value,
});

export const operations: Record<string, Execute> = {
	getAll: getMany.execute,
};
