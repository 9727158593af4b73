import type { IDataObject } from 'n8n-workflow';
import { noteEvent } from '../../../nodes/Agora/events/seen';

let count = 0;
/** A workflow in a process of its own: another ID has no memory in common. */
const newWorkflow = () => `workflow ${count++}`;
/** What n8n reads from its database after it has written a workflow's static data. */
const written = (stored: IDataObject) => JSON.parse(JSON.stringify(stored)) as IDataObject;

describe('noteEvent', () => {
	it('is new once', () => {
		const workflow = newWorkflow();
		const stored: IDataObject = {};
		expect(noteEvent(workflow, stored, ['a'])).toBe(true);
		expect(noteEvent(workflow, stored, ['a'])).toBe(false);
		expect(noteEvent(workflow, stored, ['b'])).toBe(true);
	});

	it('knows an event by any of its identities', () => {
		const workflow = newWorkflow();
		expect(noteEvent(workflow, {}, ['a', 'x'])).toBe(true);
		expect(noteEvent(workflow, {}, ['b', 'x'])).toBe(false);
	});

	it('remembers what n8n has stored after a restart', () => {
		const stored: IDataObject = {};
		noteEvent(newWorkflow(), stored, ['a']);
		const restored = written(stored);
		expect(noteEvent(newWorkflow(), restored, ['a'])).toBe(false);
		expect(noteEvent(newWorkflow(), restored, ['b'])).toBe(true);
	});

	it('stores all that arrived before n8n writes it, in whichever order its requests end', () => {
		const workflow = newWorkflow();
		const first: IDataObject = {};
		noteEvent(workflow, first, ['a']);
		noteEvent(workflow, {}, ['b']);
		expect(noteEvent(newWorkflow(), written(first), ['b'])).toBe(false);
	});

	it('knows what arrived in this process, even if another request stored older data', () => {
		const workflow = newWorkflow();
		noteEvent(workflow, {}, ['a']);
		const stored: IDataObject = {};
		expect(noteEvent(workflow, stored, ['a'])).toBe(false);
		expect(noteEvent(newWorkflow(), written(stored), ['a'])).toBe(false);
	});

	it('remembers the last 2,000 identities', () => {
		const workflow = newWorkflow();
		const stored: IDataObject = {};
		for (let n = 0; n <= 2000; n++) noteEvent(workflow, stored, [`event ${n}`]);
		const restarted = newWorkflow();
		expect(noteEvent(restarted, written(stored), ['event 1'])).toBe(false);
		expect(noteEvent(restarted, written(stored), ['event 0'])).toBe(true);
		expect(JSON.stringify(stored).length).toBeLessThan(22_000);
	});

	it('leaves the other static data alone', () => {
		const stored: IDataObject = { counter: 5 };
		noteEvent(newWorkflow(), stored, ['a']);
		expect(written(stored)).toEqual({ counter: 5, agoraEvents: expect.any(String) });
	});

	it.each([5, 'odd', null])('ignores stored data that is something else: %s', (agoraEvents) => {
		expect(noteEvent(newWorkflow(), { agoraEvents }, ['a'])).toBe(true);
	});
});
