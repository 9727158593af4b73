import { isOutdated, rememberEmission } from '../../../nodes/Agora/trigger/pollGuard';
import type { TriggerState } from '../../../nodes/Agora/trigger/state';

const GIVEN = Date.UTC(2026, 10, 24, 12);
const stateOf = (givenAt: number) => ({ givenAt }) as TriggerState;

it('a state from before an emission is outdated, until n8n must have stored the later one', () => {
	rememberEmission('a', GIVEN);
	expect(isOutdated('a', stateOf(GIVEN - 60_000), GIVEN + 29_999)).toBe(true);
	expect(isOutdated('a', null, GIVEN + 29_999)).toBe(true);
	// That state was lost, so its recordings are emitted again.
	expect(isOutdated('a', stateOf(GIVEN - 60_000), GIVEN + 30_000)).toBe(false);
});

it('neither the stored state nor one of a node that emitted nothing is outdated', () => {
	rememberEmission('b', GIVEN);
	expect(isOutdated('b', stateOf(GIVEN), GIVEN)).toBe(false);
	expect(isOutdated('c', stateOf(0), GIVEN)).toBe(false);
	expect(isOutdated('c', null, GIVEN)).toBe(false);
});
