import type { Execute, ResourceDescription } from '../shared/operation';
import * as generate from './generate';

export const description = (): ResourceDescription => ({
	name: 'Token',
	value: 'token',
	operations: [generate.description],
	aliases: ['rtc token'],
	defaultOperation: generate.description.value,
});

export const operations: Record<string, Execute> = {
	generate: generate.execute,
};
