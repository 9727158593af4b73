/** @returns why a file system would reject or change a file name; null if none would */
export function problemWithFileName(name: string): string | null {
	if (name === '' || name === '.' || name === '..') return 'is empty';
	if (/[/\\<>:"|?*]/.test(name)) return 'contains a reserved character';
	if (/[\p{Cc}\p{Cs}]/u.test(name)) return 'contains a control character or a lone surrogate';
	if (/[\u202A-\u202E\u2066-\u2069]/.test(name)) return 'changes the direction of writing';
	if (/^[. ]|[. ]$/.test(name)) return 'starts or ends with a dot or a space';
	if (Buffer.byteLength(name) > 255) return 'is longer than 255 bytes';
	const device = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/i;
	const stem = name.split('.')[0]!.replace(/ +$/, '');
	return device.test(stem) ? 'is a device on Windows' : null;
}
