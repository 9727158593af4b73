import type { IDataObject } from 'n8n-workflow';
import { noteEvent } from '../../../nodes/Agora/events/seen';

let count = 0;
/** A node in a process of its own: another name has no memory in common. */
const newNode = () => `workflow node-${count++}`;
const NOW = 1_000_000_000_000;

describe('noteEvent', () => {
	it('is new once', () => {
		const node = newNode();
		const stored: IDataObject = {};
		expect(noteEvent(node, stored, ['a'], NOW)).toBe(true);
		expect(noteEvent(node, stored, ['a'], NOW + 60_000)).toBe(false);
		expect(noteEvent(node, stored, ['b'], NOW)).toBe(true);
	});

	it('knows an event by any of its identities', () => {
		const node = newNode();
		const stored: IDataObject = {};
		expect(noteEvent(node, stored, ['a', 'x'], NOW)).toBe(true);
		expect(noteEvent(node, stored, ['b', 'x'], NOW)).toBe(false);
	});

	it('remembers what n8n has stored after a restart', () => {
		const stored: IDataObject = {};
		noteEvent(newNode(), stored, ['a'], NOW);
		expect(noteEvent(newNode(), stored, ['a'], NOW)).toBe(false);
		expect(noteEvent(newNode(), stored, ['b'], NOW)).toBe(true);
	});

	it('drops a copy that arrives before the first one is stored', () => {
		const node = newNode();
		expect(noteEvent(node, {}, ['a'], NOW)).toBe(true);
		expect(noteEvent(node, {}, ['a'], NOW + 9_999)).toBe(false);
	});

	it('returns an event again that was never stored, because n8n could not start the workflow', () => {
		const node = newNode();
		expect(noteEvent(node, {}, ['a'], NOW)).toBe(true);
		expect(noteEvent(node, {}, ['a'], NOW + 10_000)).toBe(true);
	});

	it('stores what arrived at the same time, even if another request overwrote it', () => {
		const node = newNode();
		noteEvent(node, {}, ['a'], NOW);
		const stored: IDataObject = {};
		noteEvent(node, stored, ['b'], NOW);
		expect(noteEvent(newNode(), stored, ['a'], NOW)).toBe(false);
	});

	it('remembers the last 2,000 events', () => {
		const node = newNode();
		const stored: IDataObject = {};
		for (let n = 0; n <= 2000; n++) noteEvent(node, stored, [`event ${n}`], NOW);
		const restarted = newNode();
		const copy = { ...stored };
		expect(noteEvent(restarted, copy, ['event 1'], NOW)).toBe(false);
		expect(noteEvent(restarted, copy, ['event 0'], NOW)).toBe(true);
		expect(String(stored.seen).length).toBeLessThan(22_000);
	});

	it('ignores stored data that is something else', () => {
		expect(noteEvent(newNode(), { seen: 5 }, ['a'], NOW)).toBe(true);
		expect(noteEvent(newNode(), { seen: 'odd' }, ['a'], NOW)).toBe(true);
	});
});
