import { mp4, transportStream } from '../../sandbox/recorder/clip.ts';
import { newSid, recording, screenshot, type MadeRecording } from './recordings.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** More entries than fit on one page of a listing. */
const MANY = 1005;

/** Yesterday at 08:00 UTC, so that all recordings of the days before have ended. */
export const YESTERDAY = Math.floor(Date.now() / DAY) * DAY - DAY + 8 * HOUR;
const hours = (count: number) => YESTERDAY + count * HOUR;

/** Three recordings in one folder, oldest first. */
const flat = (folder: string) =>
	['physics', 'biology', 'history'].map((channel, index) =>
		recording({ folder, channel, startedAt: hours(index) }),
	);

const inFolders = (folder: string) =>
	['', 'math/', 'math/algebra/', 'history/'].map((below, index) =>
		recording({ folder: `${folder}${below}`, channel: 'class-7b', startedAt: hours(index) }),
	);

/** One recording on each of the last five days, in Agora's day folders. */
const byDay = (folder: string) =>
	[5, 4, 3, 2, 1].map((daysAgo) => {
		const startedAt = YESTERDAY - (daysAgo - 1) * DAY;
		const day = new Date(startedAt).toISOString().slice(0, 10).replaceAll('-', '');
		return recording({ folder: `${folder}${day}/`, channel: 'class-7b', startedAt });
	});

const UNDERSCORED = [
	'match_recordings/x/',
	'test_1203/room-1/',
	'a_b/c_d/',
	'x/y_z/',
	'_private/',
	'trailing_/',
];
const underscored = (folder: string) =>
	['', ...UNDERSCORED].map((below, index) =>
		recording({ folder: `${folder}${below}`, channel: 'class-7b', startedAt: hours(index) }),
	);

const SPECIAL_FOLDERS = [
	'two words/',
	'späße/',
	'a+b/',
	'100% sure/',
	'%41/',
	'🎬 Filme/',
	"it's (1)!/",
	'a&b=c;d/',
	'#1 ~@$,/',
	'日本/',
	// After the emoji in UTF-16, before it in UTF-8, which is the order of S3's listings.
	'Ａ/',
];
const specialCharacters = (folder: string) => [
	...SPECIAL_FOLDERS.map((below, index) =>
		recording({ folder: `${folder}${below}`, channel: 'class-7b', startedAt: hours(index) }),
	),
	recording({ folder, channel: 'ride_17822', uid: '1000', startedAt: hours(-1) }),
	recording({ folder, channel: 'room 7 x', startedAt: hours(-2) }),
	recording({ folder, channel: 'loud', sid: newSid().toUpperCase(), startedAt: hours(-3) }),
];

const manyFiles = (folder: string) => [
	recording({
		folder,
		channel: 'long',
		startedAt: hours(-6),
		slices: Array<string>(MANY).fill('x'),
	}),
	recording({ folder, channel: 'short', startedAt: hours(0) }),
];

const manySessions = (folder: string) => [
	...Array.from({ length: MANY }, (_, index) =>
		screenshot(folder, 'class-7b', YESTERDAY - DAY + index * 60_000),
	),
	...flat(folder),
];

export const MP4 = mp4(2);
export const SLICES = [0, 1, 2].map((piece) => transportStream([piece]));
const slicesOnly = (folder: string) => [
	recording({ folder, channel: 'class-7b', startedAt: hours(0), slices: SLICES }),
];
const withMp4 = (folder: string) => [
	recording({ folder, channel: 'class-7b', startedAt: hours(0), slices: SLICES, mp4: MP4 }),
];

const room = (folder: string) =>
	[0, 1].map((hour) => recording({ folder, channel: 'room-7b', startedAt: hours(hour) }));

/** Names of composite recordings may have lost the underscore; those of individual ones keep it. */
const underscoredChannels = (folder: string) => [
	recording({ folder, channel: 'room-7b', startedAt: hours(0) }),
	recording({ folder, channel: 'ride_17822', uid: '1000', startedAt: hours(1) }),
];

/** The recordings below each folder, by the folder's name. */
export const ARCHIVES = {
	flat,
	folders: inFolders,
	days: byDay,
	underscored,
	special: specialCharacters,
	unrecognized: flat,
	manyfiles: manyFiles,
	manysessions: manySessions,
	channels: room,
	underscores: underscoredChannels,
	slices: slicesOnly,
	mp4: withMp4,
	watched: flat,
	watchedbelow: (folder: string) => flat(`${folder}match_recordings/x/`),
} satisfies Record<string, (folder: string) => MadeRecording[]>;

export type ArchiveName = keyof typeof ARCHIVES;
