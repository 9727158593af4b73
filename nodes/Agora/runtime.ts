/**
 * The code that nodes need to run. n8n loads their descriptions when it starts, and this when the first node runs.
 */
export { router } from './router';
export { runPoll } from './trigger/poll';
export { receive, testNotificationsCredential } from './events/receive';
export { authorizedRequest } from './agora/account';
export { searchBans } from './listSearch/searchBans';
export { searchChannels } from './listSearch/searchChannels';
export { searchProjects } from './listSearch/searchProjects';
export { searchRecordings, searchRunningRecordings } from './listSearch/searchRecordings';
export { testStorageCredential } from './storage/bucket';
export { signedRequest } from './storage/credential';
