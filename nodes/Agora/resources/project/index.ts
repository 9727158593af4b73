import type { Execute, ResourceDescription } from '../shared/operation';
import * as create from './create';
import * as get from './get';
import * as getMany from './getMany';
import * as getUsage from './getUsage';
import * as resetAppCertificate from './resetAppCertificate';
import * as setAppCertificate from './setAppCertificate';
import * as updateStatus from './updateStatus';

export const description = (): ResourceDescription => ({
	name: 'Project',
	value: 'project',
	operations: [
		create.description,
		get.description,
		getMany.description,
		getUsage.description,
		resetAppCertificate.description,
		setAppCertificate.description,
		updateStatus.description,
	],
	aliases: [],
	defaultOperation: getMany.description.value,
});

export const operations: Record<string, Execute> = {
	create: create.execute,
	get: get.execute,
	getAll: getMany.execute,
	getUsage: getUsage.execute,
	resetAppCertificate: resetAppCertificate.execute,
	setAppCertificate: setAppCertificate.execute,
	updateStatus: updateStatus.execute,
};
