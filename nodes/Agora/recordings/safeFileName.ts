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
