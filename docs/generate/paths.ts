import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';

const built = (file: string) => join(repository, 'dist', file);

export const REFERENCE = join(repository, 'docs/reference.md');
export const README = join(repository, 'README.md');
export const RECORDINGS = join(repository, 'docs/recordings.md');
export const EVENTS = join(repository, 'docs/events.md');
export const CODEX = join(repository, 'nodes/Agora/Agora.node.json');

/** The files that n8n loads of the package, and the class in each. */
export const NODES = [
	{ name: 'Agora', file: built('nodes/Agora/Agora.node.js') },
	{ name: 'AgoraTrigger', file: built('nodes/Agora/AgoraTrigger.node.js') },
	{ name: 'AgoraEventTrigger', file: built('nodes/Agora/AgoraEventTrigger.node.js') },
];
export const CREDENTIALS = [
	{ name: 'AgoraApi', file: built('credentials/AgoraApi.credentials.js') },
	{ name: 'AgoraStorageApi', file: built('credentials/AgoraStorageApi.credentials.js') },
	{
		name: 'AgoraNotificationsApi',
		file: built('credentials/AgoraNotificationsApi.credentials.js'),
	},
];
