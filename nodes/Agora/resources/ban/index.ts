import type { Execute, ResourceDescription } from '../shared/operation';
import * as create from './create';
import * as deleteBan from './delete';
import * as getMany from './getMany';
import * as update from './update';

export const description = (): ResourceDescription => ({
	name: 'Ban',
	value: 'ban',
	operations: [create.description, deleteBan.description, getMany.description, update.description],
	aliases: ['ban user', 'kick user', 'block user', 'mute user', 'moderation', 'kicking rule'],
	defaultOperation: create.description.value,
});

export const operations: Record<string, Execute> = {
	create: create.execute,
	delete: deleteBan.execute,
	getAll: getMany.execute,
	update: update.execute,
};
