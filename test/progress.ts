const began = Date.now();

/** Prints a line of a long command, with the time since its start: `12:34  starting n8n`. */
export function log(line: string): void {
	const seconds = Math.round((Date.now() - began) / 1000);
	const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
	console.log(`${clock.padStart(6)}  ${line}`);
}
