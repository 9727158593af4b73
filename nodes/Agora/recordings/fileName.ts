/** What the name of a recorded object contains. */
export interface RecordedName {
	/** Path before the name, '' or with a trailing slash. */
	folder: string;
	sid: string;
	/** The channel as in the name: Agora replaces special characters with `-`, in some modes all but `_`. */
	channel: string;
	/** `other`: a file that another tool put next to the recording, such as subtitles. */
	kind: 'playlist' | 'video' | 'audio' | 'image' | 'segment' | 'sessionRecord' | 'other';
	/** The user whose track it is; null where all users are mixed into one. */
	uid: string | null;
	/** The number in `bak<n>_`: 0 for the first recorder that took over after a failure; -1 for the original one. */
	takeover: number;
	/** Start of the segment or screenshot, Unix milliseconds; null where the name contains no time. */
	startedAt: number | null;
	/** The name without `bak<n>_`, sid and numbers: playlists of one track share it. */
	track: string;
}

const KINDS = new Map<string, RecordedName['kind']>(
	Object.entries({
		m3u8: 'playlist',
		mpd: 'playlist',
		mp4: 'video',
		mp3: 'audio',
		m4a: 'audio',
		aac: 'audio',
		jpg: 'image',
		jpeg: 'image',
		png: 'image',
		ts: 'segment',
		webm: 'segment',
		m4s: 'segment',
		'session.json': 'sessionRecord',
	} as const),
);

/** `[bak<n>_]<sid>_<rest>.<extension>`; a sid is 32 hexadecimal digits. */
const NAME = /^(?:bak(\d{1,9})_)?([0-9a-f]{32})_(.+?)\.(session\.json|[0-9a-z]{1,20})$/i;
/** Folders that HTTP clients resolve, and lone surrogates, which a URL cannot contain. */
const NOT_REQUESTABLE = /(?:^|\/)\.\.?\/|\p{Cs}/u;
/** In individual recording, the user's UID is between these marks. */
const USER_START = '__uid_s_';
const USER_END = '__uid_e_';
/** Segment time or file index at the end. A re-uploaded playlist has two numbers, other playlists have none. */
const NUMBER = /_\d+$/;
const REUPLOAD_NUMBERS = /_\d+_\d+$/;
const UTC_STAMP = /(?<!\d)(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})(?!\d)/;
const UNIX_MS_STAMP = /(?<!\d)\d{13}(?!\d)/;

/**
 * Reads the name of a file of a recording, or of its session record.
 *
 * @param key the whole key, including folders
 * @returns null for a name that is not a session's, or a key that cannot be requested
 *
 * Source: Agora, cloud recording, file names (composite, individual v1 and raw, web page, screenshots,
 * failover, re-upload).
 */
export function readName(key: string): RecordedName | null {
	const slash = key.lastIndexOf('/') + 1;
	const match = NAME.exec(key.slice(slash));
	if (match === null || NOT_REQUESTABLE.test(key)) return null;
	const [, takeover, sid, rest, extension] = match as unknown as string[];
	const kind = KINDS.get(extension!.toLowerCase()) ?? 'other';
	const user = readUser(rest!);
	const track = withoutNumbers(rest!, kind);
	return {
		folder: key.slice(0, slash),
		sid: sid!,
		channel: user?.channel ?? track,
		kind,
		uid: user?.uid ?? null,
		takeover: takeover === undefined ? -1 : Number(takeover),
		startedAt:
			kind === 'segment' || kind === 'image'
				? readStamp(user?.detail ?? rest!.slice(track.length))
				: null,
		track,
	};
}

function readUser(rest: string): { channel: string; uid: string; detail: string } | null {
	const start = rest.indexOf(USER_START);
	const end = start < 0 ? -1 : rest.indexOf(USER_END, start + USER_START.length);
	if (end < 0) return null;
	return {
		channel: rest.slice(0, start),
		uid: rest.slice(start + USER_START.length, end),
		detail: rest.slice(end + USER_END.length),
	};
}

function withoutNumbers(text: string, kind: RecordedName['kind']): string {
	if (kind === 'sessionRecord') return text;
	return text.replace(kind === 'playlist' ? REUPLOAD_NUMBERS : NUMBER, '');
}

function readStamp(text: string): number | null {
	const utc = UTC_STAMP.exec(text);
	if (utc !== null) {
		const [year, month, ...rest] = utc.slice(1).map(Number) as [number, number, ...number[]];
		return Date.UTC(year, month - 1, ...rest);
	}
	const unix = UNIX_MS_STAMP.exec(text);
	return unix === null ? null : Number(unix[0]);
}

const REPLACED = /[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g;

/**
 * @returns the channel name as in Agora's file names (Agora, cloud recording, file names: special characters become
 *   `-`)
 */
export function channelInNames(cname: string): string {
	return cname.replace(REPLACED, '-');
}

/**
 * Whether two names can be the same channel. Individual recordings seem to keep underscores in file names and composite
 * ones do not, so both sides are compared with all special characters replaced.
 */
export function isSameChannel(a: string, b: string): boolean {
	return a === b || channelInNames(a) === channelInNames(b);
}

/** Characters that file systems refuse, and that reverse the direction of the text after them. */
const REFUSED = /[<>:"/\\|?*\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu;
/** Device names on Windows, with any extension (Microsoft: Naming Files, Paths, and Namespaces). */
const DEVICE = /^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[\d¹²³])(?=[. ]|$)/i;
/** Leaves space for date, number and extension: file systems allow 255 bytes. */
const MAX_BYTES = 200;

/**
 * Makes a file name that is valid on every file system. The label of a web page recording can contain anything, and
 * files in the bucket may have been written by other programs.
 *
 * @param name shortened where it is too long
 * @param ending at most 55 bytes of letters, digits and dots
 * @returns the name, never empty
 */
export function safeFileName(name: string, ending: string): string {
	const plain = shortened(name.replace(REFUSED, '-').replace(/^[. ]+/, ''));
	const full = `${plain}${ending}`;
	return full === '' || full.startsWith('.') || DEVICE.test(full) ? `_${full}` : full;
}

function shortened(text: string): string {
	const bytes = Buffer.from(text);
	if (bytes.length <= MAX_BYTES) return text;
	// Part of a character is decoded to one replacement character.
	return bytes
		.subarray(0, MAX_BYTES)
		.toString('utf8')
		.replace(/\uFFFD$/, '');
}
