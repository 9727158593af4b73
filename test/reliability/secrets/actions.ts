import type { IDataObject } from 'n8n-workflow';

/** Something that a person lets the nodes do. */
export interface Action {
	name: string;
	what: What;
	/** A secret that it exists to give. */
	gives?: Gift;
}

/** How a secret that may be seen stands in the output. */
export interface Gift {
	name: string;
	form: RegExp;
}

type What =
	| { run: IDataObject }
	/** The trigger, by its test button. */
	| { test: IDataObject }
	| { poll: IDataObject }
	| { list: 'searchProjects' | 'searchRecordings' };

const actions = (...all: Array<[name: string, what: What, gives?: Gift]>): Action[] =>
	all.map(([name, what, gives]) => ({ name, what, gives }));

/** The recording that is asked for where there is a bucket but no story. */
export const SID = 'c0ffee'.padEnd(32, '0');
export const CHANNEL = 'class';
const byId = { recordingId: { __rl: true, mode: 'id', value: SID } };
const byChannel = (value: string) => ({ recordingId: { __rl: true, mode: 'channel', value } });
const project = (value: string) => ({ projectId: { __rl: true, mode: 'name', value } });
const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

/** Where a session is, for those who have no bucket to look it up. */
const session = { resourceId: 'the-resource', cname: CHANNEL, uid: '42', mode: 'mix' };
const webSession = { ...session, mode: 'web' };

const run = (resource: string, operation: string, parameters: IDataObject = {}): What => ({
	run: { resource, operation, ...parameters },
});

const temporaryKeys = {
	change: 'storageToken',
	accessKey: 'TEMPORARYKEY',
	secretKey: '={{ $vars.temporarySecretKey }}',
	stsToken: '={{ $vars.temporaryToken }}',
	stsExpiration: hours(24),
};
const pushAddress = 'rtmp://live.example.com/app/{{ $vars.streamKey }}';
const encrypted = {
	decryptionMode: 7,
	decryptionSecret: '={{ $vars.decryptionSecret }}',
	decryptionSalt: '={{ $vars.decryptionSalt }}',
};
const ownStorage = `={{ JSON.stringify({ storageConfig: { vendor: 1, region: 0, bucket: 'other', accessKey: 'OTHERKEY', secretKey: $vars.otherSecretKey } }) }}`;
const webPage = {
	mode: 'web',
	cname: 'a page',
	url: 'https://example.com/live',
	options: { rtmpUrl: `=${pushAddress}` },
};

/** What can be asked of Agora, sessions without a bucket among it. */
export const ASKING_AGORA = actions(
	['Project · Get Many', run('project', 'getAll')],
	['Project · Get', run('project', 'get', project('Live classes'))],
	['Project · Create', run('project', 'create', { name: 'One more', enableAppCertificate: true })],
	[
		'Project · Get Usage',
		run('project', 'getUsage', {
			projectId: { __rl: true, mode: 'id', value: 'abc' },
			fromDate: '2026-11-01',
			toDate: '2026-11-02',
		}),
	],
	[
		'Project · Update Status',
		run('project', 'updateStatus', {
			projectId: { __rl: true, mode: 'id', value: 'abc' },
			status: 'disabled',
		}),
	],
	[
		'Project · Set App Certificate',
		run('project', 'setAppCertificate', {
			projectId: { __rl: true, mode: 'id', value: 'abc' },
			enableAppCertificate: true,
		}),
	],
	[
		'Project · Reset App Certificate',
		run('project', 'resetAppCertificate', {
			projectId: { __rl: true, mode: 'id', value: 'abc' },
		}),
	],
	['User · Get Current', run('user', 'getCurrent')],
	['list of projects', { list: 'searchProjects' }],
	['Recording · Get', run('recording', 'get', { ...byId, options: session })],
	['Recording · Stop', run('recording', 'stop', { ...byId, options: session })],
	[
		'Recording · Update',
		run('recording', 'update', {
			...byId,
			options: session,
			change: 'subscriptions',
			subscribeAudioUids: '1001',
		}),
	],
	[
		'Recording · Update, push address',
		run('recording', 'update', {
			...byId,
			options: webSession,
			change: 'pushAddress',
			rtmpUrl: `=${pushAddress}`,
		}),
	],
	[
		'Recording · Update Layout',
		run('recording', 'updateLayout', { ...byId, options: session, mixedVideoLayout: 1 }),
	],
	[
		'Recording · Start, keys in the Client Request',
		run('recording', 'start', { cname: CHANNEL, clientRequest: ownStorage }),
	],
);

const START: Action = {
	name: 'Recording · Start',
	what: run('recording', 'start', { cname: CHANNEL, options: encrypted }),
};

/** Without it the bucket is not tested first, and Agora is sent its keys. */
const unsaved = { saveSessionRecord: false };

/** What is asked of Agora and takes the keys of the bucket along. */
export const TAKING_KEYS_ALONG = actions(
	['Recording · Start, a bucket that is tested first', START.what],
	[
		START.name,
		run('recording', 'start', { cname: CHANNEL, options: { ...encrypted, ...unsaved } }),
	],
	[
		'Recording · Start, no recorder reserved',
		run('recording', 'start', { cname: 'not-to-be-reserved', options: unsaved }),
	],
	[
		'Recording · Start, a token that was given',
		run('recording', 'start', {
			cname: CHANNEL,
			options: { token: '={{ $vars.recorderToken }}', ...unsaved },
		}),
	],
	[
		'Recording · Start, a web page',
		run('recording', 'start', { ...webPage, options: { ...webPage.options, ...unsaved } }),
	],
);

/** It is started, and the bucket does not take the session record. */
export const NOT_RECORDED: Action = { ...START, name: 'Recording · Start, no session record' };

/** The same, where the bucket itself must answer that it does not know the session. */
export const NEW_KEYS: Action = {
	name: 'Recording · Update, storage token',
	what: run('recording', 'update', { ...byId, options: session, ...temporaryKeys }),
};

/** What is asked of the bucket. */
export const ASKING_STORAGE = actions(
	['Recording · Get Many', run('recording', 'getAll', { returnAll: true })],
	['Recording · Get', run('recording', 'get', byId)],
	['Recording · Get, by channel', run('recording', 'get', byChannel(CHANNEL))],
	['Recording · Download', run('recording', 'download', byId)],
	['trigger', { poll: {} }],
	['trigger, tested by hand', { test: {} }],
	['list of recordings', { list: 'searchRecordings' }],
);

const certificate = { options: { includeAppCertificate: true } };
const GIVES_CERTIFICATE = {
	name: 'Include App Certificate',
	form: /"(?:app_certificate|sign_key)":"[0-9a-f]{32}"/g,
};
const GIVES_TOKEN = { name: 'Token · Generate', form: /"token":"007[^"]*"/g };

/** The storage demands it there, and it opens nothing without the secret key. */
export const LINKS_CARRY_SESSION_TOKEN: Gift = {
	name: 'Session Token in download links',
	form: /X-Amz-Security-Token=[^&"\\]*/g,
};

/** What succeeds against the sandbox, in this order; one building on another. */
export const STORY = actions(
	['Project · Get Many', run('project', 'getAll', { simplify: false })],
	['Project · Get Many, certificates', run('project', 'getAll', certificate), GIVES_CERTIFICATE],
	['Project · Create', run('project', 'create', { name: 'New one', enableAppCertificate: true })],
	['Project · Get', run('project', 'get', project('New one'))],
	[
		'Project · Get, certificate as Agora names it',
		run('project', 'get', { ...project('New one'), ...certificate, simplify: false }),
		GIVES_CERTIFICATE,
	],
	[
		'Project · Get Usage',
		run('project', 'getUsage', {
			...project('New one'),
			fromDate: '2026-11-01',
			toDate: '2026-11-02',
		}),
	],
	[
		'Project · Set App Certificate',
		run('project', 'setAppCertificate', { ...project('New one'), enableAppCertificate: true }),
	],
	['Project · Reset App Certificate', run('project', 'resetAppCertificate', project('New one'))],
	[
		'Project · Reset App Certificate, certificate',
		run('project', 'resetAppCertificate', { ...project('New one'), ...certificate }),
		GIVES_CERTIFICATE,
	],
	[
		'Project · Update Status',
		run('project', 'updateStatus', { ...project('New one'), status: 'disabled' }),
	],
	['User · Get Current', run('user', 'getCurrent')],
	['Token · Generate', run('token', 'generate', { cname: CHANNEL, uid: '1' }), GIVES_TOKEN],
	['list of projects', { list: 'searchProjects' }],
	[
		'Recording · Start',
		run('recording', 'start', {
			cname: CHANNEL,
			fileFormats: 'hlsMp4',
			options: { ...encrypted, maxIdleTime: 3600 },
		}),
	],
	[
		'Recording · Start, a token that was given',
		run('recording', 'start', {
			cname: 'refused',
			options: { token: '={{ $vars.recorderToken }}' },
		}),
	],
	[
		'Recording · Start, keys in the Client Request',
		run('recording', 'start', { cname: 'elsewhere', clientRequest: ownStorage }),
	],
	['Recording · Start, a web page', run('recording', 'start', webPage)],
	[
		'Recording · Update, push address',
		run('recording', 'update', {
			...byChannel('a page'),
			change: 'pushAddress',
			rtmpUrl: `=${pushAddress}`,
		}),
	],
	[
		'Recording · Update, subscriptions',
		run('recording', 'update', {
			...byChannel(CHANNEL),
			change: 'subscriptions',
			subscribeAudioUids: '1001',
		}),
	],
	[
		'Recording · Update Layout',
		run('recording', 'updateLayout', { ...byChannel(CHANNEL), mixedVideoLayout: 1 }),
	],
	['Recording · Get', run('recording', 'get', byChannel(CHANNEL))],
);

/** What follows once something is recorded. */
export const STORY_END = actions(
	['Recording · Stop', run('recording', 'stop', byChannel(CHANNEL))],
	[
		'Recording · Get Many',
		run('recording', 'getAll', { returnAll: true, options: { includeSegments: true } }),
	],
	['Recording · Download', run('recording', 'download', { ...byChannel(CHANNEL) })],
	['trigger', { poll: { options: { includeExisting: true } } }],
	['trigger, tested by hand', { test: {} }],
	['list of recordings', { list: 'searchRecordings' }],
);
