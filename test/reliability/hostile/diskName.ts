/** @returns what a file system would not take about a file's name, null when there is nothing */
export function problemWithName(name: string): string | null {
	if (name === '' || name === '.' || name === '..') return 'is empty';
	if (/[/\\<>:"|?*]/.test(name)) return 'holds what file systems refuse';
	if (/[\p{Cc}\p{Cs}]/u.test(name)) return 'holds a control character, or half of one';
	if (/[\u202A-\u202E\u2066-\u2069]/.test(name)) return 'shows its letters in another order';
	if (/^[. ]|[. ]$/.test(name)) return 'begins or ends with what is dropped';
	if (Buffer.byteLength(name) > 255) return 'is longer than 255 bytes';
	const device = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/i;
	return device.test(name.split('.')[0]!.replace(/ +$/, '')) ? 'is a device to Windows' : null;
}
