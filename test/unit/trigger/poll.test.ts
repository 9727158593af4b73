import { timeForNewWork } from '../../../nodes/Agora/trigger/poll';

/** After this time n8n gives up activating a workflow: 70 % of two minutes. */
const ACTIVATION_MS = 84_000;

describe('timeForNewWork', () => {
	it('leaves part of the budget for requests in flight', () => {
		expect(timeForNewWork(36_000)).toBe(21_600);
	});

	it('is short enough for an activation, even if the budget is five minutes', () => {
		expect(timeForNewWork(300_000)).toBeLessThan(ACTIVATION_MS * 0.6);
	});

	it('has a default without a budget', () => {
		expect(timeForNewWork(undefined)).toBe(18_000);
	});
});
