import type { Execute, ResourceDescription } from '../shared/operation';
import * as getMany from './getMany';
import * as getUsers from './getUsers';
import * as getUserStatus from './getUserStatus';

export const description = (): ResourceDescription => ({
	name: 'Channel',
	value: 'channel',
	operations: [getMany.description, getUserStatus.description, getUsers.description],
	aliases: ['online channels', 'online users', 'who is online', 'user list'],
	defaultOperation: getMany.description.value,
});

export const operations: Record<string, Execute> = {
	getAll: getMany.execute,
	getUserStatus: getUserStatus.execute,
	getUsers: getUsers.execute,
};
