import { Engine, type CredentialStore } from '../../integration/engine.ts';
import type { Trial } from '../part.ts';
import { tryHosts, type HostTrial } from './hosts.ts';
import { tryKeys, type KeyTrial } from './keys.ts';
import type { Spelling } from './looseBucket.ts';

export interface SpelledKeys extends KeyTrial {
	spelling: Spelling;
}

const SPELLINGS: Spelling[] = ['encoded', 'as XML'];

/** What takes the nodes themselves: keys, playlists, and hosts that send requests on. */
export async function tryInEngine(
	trial: Trial,
): Promise<{ keys: SpelledKeys[]; hosts: HostTrial }> {
	const store: CredentialStore = { agoraApi: {}, agoraStorageApi: {} };
	const engine = await Engine.start(store);
	const keys: SpelledKeys[] = [];
	for (const spelling of SPELLINGS) {
		const tried = await tryKeys(engine, store.agoraStorageApi!, trial, spelling);
		keys.push({ spelling, ...tried });
		trial.say(`keys, ${spelling}: ${tried.rows.length} tried with ${tried.requests} requests`);
	}
	const hosts = await tryHosts(engine, store, trial);
	trial.say(`hosts: ${hosts.rows.length} ways tried`);
	trial.witness.see('log', await engine.log());
	return { keys, hosts };
}
