import type { RandomFailureOptions } from './randomFailures.ts';

/** How Agora behaves, independently of what a request contains. */
export interface AgoraOptions {
	/**
	 * How many concurrent sessions an App ID may have. Beyond that, acquire responds with 400 and code 406.
	 * Null for no limit.
	 */
	sessionLimit: number | null;
	/** Null for none. */
	randomFailures: RandomFailureOptions | null;
	/**
	 * Which edition of the Console REST API to imitate. In Agora's Chinese OpenAPI, a single project is
	 * returned in an array, and projects have neither `sign_key` nor `recording_server`.
	 */
	consoleEdition: 'global' | 'china';
}

export const AGORA_OPTIONS: AgoraOptions = {
	sessionLimit: null,
	randomFailures: null,
	consoleEdition: 'global',
};
