/** The two services that are asked. */
export type Service = 'agora' | 'bucket';

/** What a request asks for, as far as it decides what a fault of it must come to. */
export type Kind =
	/** Agora's console API. */
	| 'projects'
	| 'usage'
	| 'change project'
	| 'create project'
	| 'reset certificate'
	/** Agora's cloud recording. */
	| 'acquire'
	| 'start'
	| 'query'
	/** The query with which Start waits for the recording. */
	| 'wait'
	| 'change recording'
	| 'stop'
	/** The bucket. */
	| 'listing'
	/** A listing that folds names at a delimiter. */
	| 'folded listing'
	| 'playlist'
	| 'session record'
	/** A note of Start where a session is. */
	| 'session index'
	| 'file'
	/** What Start writes of a session. */
	| 'write';

const CONSOLE: Kind[] = [
	'projects',
	'usage',
	'change project',
	'create project',
	'reset certificate',
];

export function isOfConsole(kind: Kind): boolean {
	return CONSOLE.includes(kind);
}
