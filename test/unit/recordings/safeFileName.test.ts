import { safeFileName } from '../../../nodes/Agora/recordings/fileName';

describe('safeFileName', () => {
	it.each([
		['class-7b', 'class-7b_0.ts'],
		['a/b\\c:d*e?f"g<h>i|j', 'a-b-c-d-e-f-g-h-i-j_0.ts'],
		['a\0b\r\nc\u007F', 'a-b--c-_0.ts'],
		['gpj.\u202Eexe', 'gpj.-exe_0.ts'],
		['\uD800', '-_0.ts'],
		['..', '_0.ts'],
		[' . x', 'x_0.ts'],
		['', '_0.ts'],
		['CON', 'CON_0.ts'],
		['con.x', '_con.x_0.ts'],
		['Lpt1 .x', '_Lpt1 .x_0.ts'],
		['COM²', 'COM²_0.ts'],
		['שלום😀', 'שלום😀_0.ts'],
	])('of “%s” is %s', (stem, name) => {
		expect(safeFileName(stem, '_0.ts')).toBe(name);
	});

	it.each([
		['', '', '_'],
		['..', '.mp4', '_.mp4'],
		['NUL', '.mp4', '_NUL.mp4'],
		['aux', '', '_aux'],
	])('is never empty, hidden or a device: “%s” with “%s”', (stem, ending, name) => {
		expect(safeFileName(stem, ending)).toBe(name);
	});

	it('keeps its ending, and whole characters, where it is too long', () => {
		expect(safeFileName('é'.repeat(300), '_0.mp4')).toBe(`${'é'.repeat(100)}_0.mp4`);
		expect(safeFileName(`a${'é'.repeat(300)}`, '_0.mp4')).toBe(`a${'é'.repeat(99)}_0.mp4`);
	});
});
