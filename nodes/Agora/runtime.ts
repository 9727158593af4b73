/**
 * What only a node at work needs. n8n loads every node when it starts; this it loads when the first one runs.
 */
export { runItems } from './router';
export { runPoll } from './trigger/poll';
export { authorizedRequest } from './agora/account';
export { searchProjects } from './listSearch/searchProjects';
export { searchRecordings } from './listSearch/searchRecordings';
export { testStorageCredential } from './storage/bucket';
export { signedRequest } from './storage/credential';
