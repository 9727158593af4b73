import type { Execute, ResourceDescription } from '../shared/operation';
import * as getCurrent from './getCurrent';

export const description = (): ResourceDescription => ({
	name: 'User',
	value: 'user',
	operations: [getCurrent.description],
	aliases: [],
	defaultOperation: getCurrent.description.value,
});

export const operations: Record<string, Execute> = {
	getCurrent: getCurrent.execute,
};
