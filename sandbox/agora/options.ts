import type { ChanceOptions } from './chance.ts';

/** How Agora behaves; nothing in a request decides it. */
export interface AgoraOptions {
	/**
	 * How many sessions an App ID may have at a time; from then on acquire answers 400 with code 406. Null
	 * for any number.
	 */
	sessionLimit: number | null;
	/** What goes wrong by chance; null for nothing. */
	chance: ChanceOptions | null;
	/**
	 * Agora's Chinese OpenAPI has other answers of the Console REST API: a single project is in an array, and
	 * none has `sign_key` and `recording_server`.
	 */
	consoleEdition: 'global' | 'china';
}

export const AGORA_OPTIONS: AgoraOptions = {
	sessionLimit: null,
	chance: null,
	consoleEdition: 'global',
};
