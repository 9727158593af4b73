/** What the name of an object in the bucket says about it. */
export interface RecordedName {
	/** Path before the name, '' or with a trailing slash. */
	folder: string;
	sid: string;
	/** The channel as the name has it: Agora replaces special characters by `-`, in some modes all but `_`. */
	channel: string;
	/** `other`: a file that another tool put beside the recording, such as subtitles. */
	kind: 'playlist' | 'video' | 'audio' | 'image' | 'segment' | 'sessionRecord' | 'other';
	/** The user whose track it is; null where all users are mixed into one. */
	uid: string | null;
	/** n of `bak<n>_`: the n-th recorder that took over after a failure; -1 for the first recorder. */
	takeover: number;
	/** Start of what it holds, Unix milliseconds, where the name says so (slices, screenshots). */
	startedAt: number | null;
	/** The name without take-over mark and re-upload numbers: playlists of one track share it. */
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

/** `[bak<n>_]<sid>_<rest>.<extension>`; a sid is 32 hexadecimal digits and never holds `_`. */
const NAME = /^(?:bak(\d{1,9})_)?([0-9a-f]{32})_(.+?)\.(session\.json|[0-9a-z]{1,20})$/i;
/** Folders that no HTTP client asks for as they are, and half a character, which no address can hold. */
const CANNOT_BE_ASKED_FOR = /(?:^|\/)\.\.?\/|\p{Cs}/u;
/** Individual recording names the user between these marks. */
const USER_START = '__uid_s_';
const USER_END = '__uid_e_';
/** Slice time or file index at the end; a re-uploaded playlist has two numbers, others none. */
const NUMBER = /_\d+$/;
const REUPLOAD_NUMBERS = /_\d+_\d+$/;
const UTC_STAMP = /(?<!\d)(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})(?!\d)/;
const UNIX_MS_STAMP = /(?<!\d)\d{13}(?!\d)/;

/**
 * Reads the key of an object that Agora (or this package's session record) has put into a bucket.
 *
 * @param key the whole key, folders included
 * @returns what the name says, or null for a name that is not a session's, or cannot be requested
 *
 * Source: Agora, cloud recording, file names (composite, individual v1 and raw, web page, screenshots,
 * failover, re-upload).
 */
export function readName(key: string): RecordedName | null {
	const slash = key.lastIndexOf('/') + 1;
	const match = NAME.exec(key.slice(slash));
	if (match === null || CANNOT_BE_ASKED_FOR.test(key)) return null;
	const [, takeover, sid, rest, extension] = match as unknown as string[];
	const kind = KINDS.get(extension!.toLowerCase()) ?? 'other';
	const user = readUser(rest!);
	const stem = withoutNumbers(rest!, kind);
	return {
		folder: key.slice(0, slash),
		sid: sid!,
		channel: user?.channel ?? stem,
		kind,
		uid: user?.uid ?? null,
		takeover: takeover === undefined ? -1 : Number(takeover),
		startedAt:
			kind === 'segment' || kind === 'image'
				? readStamp(user?.detail ?? rest!.slice(stem.length))
				: null,
		track: stem,
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
 * @returns the channel name as Agora writes it into file names (Agora, cloud recording, file names:
 *   special characters become `-`)
 */
export function channelInNames(cname: string): string {
	return cname.replace(REPLACED, '-');
}

/**
 * Whether two names mean the same channel, as far as file names tell: there is evidence that individual recordings keep
 * underscores, and none for composite ones, so both sides are compared with everything replaced.
 */
export function isSameChannel(a: string, b: string): boolean {
	return a === b || channelInNames(a) === channelInNames(b);
}

/** What file systems refuse, and what turns the letters that follow around when the name is shown. */
const REFUSED = /[<>:"/\\|?*\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu;
/** Devices to Windows, with whatever ending (Microsoft: Naming Files, Paths, and Namespaces). */
const DEVICE = /^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[\d¹²³])(?=[. ]|$)/i;
/** Bytes of a name that leave room for date, number and ending: file systems take 255. */
const MOST_BYTES = 200;

/**
 * Makes a file name that every file system takes. A web page recording may have any label, others have only
 * what Agora leaves in file names; but anybody may have put a file into the bucket.
 *
 * @param stem what the name is to begin with; shortened where it is too long
 * @param ending what it ends with, at most 55 bytes of letters, digits and dots
 * @returns the name, never empty
 */
export function safeFileName(stem: string, ending: string): string {
	const plain = shortened(stem.replace(REFUSED, '-').replace(/^[. ]+/, ''));
	const name = `${plain}${ending}`;
	return name === '' || /^\./.test(name) || DEVICE.test(name) ? `_${name}` : name;
}

function shortened(text: string): string {
	const bytes = Buffer.from(text);
	if (bytes.length <= MOST_BYTES) return text;
	return bytes
		.subarray(0, MOST_BYTES)
		.toString('utf8')
		.replace(/\uFFFD+$/, '');
}
