/**
 * @param intervals when each began and ended, in ISO 8601; null for one that goes on
 * @returns how many there were at the same time, at most
 */
export function mostAtATime(
	intervals: Array<readonly [begun: string, ended: string | null]>,
): number {
	const runningAt = (at: string) =>
		intervals.filter(([begun, ended]) => begun <= at && (ended === null || at < ended)).length;
	return Math.max(0, ...intervals.map(([begun]) => runningAt(begun)));
}
