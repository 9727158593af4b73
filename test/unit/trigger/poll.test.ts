import { timeForNewWork } from '../../../nodes/Agora/trigger/poll';

/** After which n8n gives up activating a workflow: 70 % of two minutes. */
const ACTIVATION_MS = 84_000;

describe('timeForNewWork', () => {
	it('leaves a part of the budget to requests under way', () => {
		expect(timeForNewWork(36_000)).toBe(21_600);
	});

	it('is short enough for an activation, though n8n names five minutes', () => {
		expect(timeForNewWork(300_000)).toBeLessThan(ACTIVATION_MS * 0.6);
	});

	it('is there when n8n names no budget', () => {
		expect(timeForNewWork(undefined)).toBe(18_000);
	});
});
