import { loadSource } from '../source.ts';
import type { PollEnd, PollStart, Subject } from './subject.ts';

/**
 * `pollBucket` by itself: state in, state and new recordings out.
 *
 * @param change see `loadSource`
 */
export async function bareTrigger(change?: (code: string) => string): Promise<Subject> {
	const { pollBucket } = await loadSource<
		typeof import('../../../nodes/Agora/trigger/pollBucket.ts')
	>('trigger/pollBucket', change);
	const { readState } =
		await loadSource<typeof import('../../../nodes/Agora/trigger/state.ts')>('trigger/state');

	return {
		longest: Infinity,
		takesBackMs: 0,
		isGuarded: false,
		async poll({ bucket: { bucket }, trigger, stored, budget }: PollStart): Promise<PollEnd> {
			const watch = { ...trigger, cname: trigger.cname ?? undefined, scope: 'here' };
			const given = readState(JSON.parse(stored), watch.scope);
			const asGiven = JSON.stringify(given);
			const faults = () =>
				JSON.stringify(given) === asGiven ? [] : ['changed the state that it was given'];
			try {
				const deadline = Date.now() + budget;
				const { state, newSessions } = await pollBucket(
					bucket,
					bucket.prefix,
					given,
					watch,
					deadline,
				);
				return {
					emitted: newSessions.map(({ session, status }) => ({
						sid: session.sid,
						status,
						files: session.segmentCount + session.files.length,
						item: null,
					})),
					error: null,
					stored: JSON.stringify({ state }),
					faults: faults(),
				};
			} catch (error) {
				return { emitted: null, error: error as Error, stored, faults: faults() };
			}
		},
	};
}
