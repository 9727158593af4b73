/** Longer than any poll takes: one that hangs must not keep the later ones from polling. */
const LONGEST_MS = 10 * 60_000;

/** When the polls under way began, Unix milliseconds, by the node that polls. */
const underWay = new Map<string, number>();

/**
 * n8n begins a poll when it is time for it, though the one before may still be under way. Both would know the
 * same and find the same, and give it out twice.
 *
 * @param node stands for the node that polls
 * @param poll polls once
 * @returns what `poll` returns; `skipped` at once while another poll of this node is under way
 */
export async function onePollAtATime<Result>(
	node: string,
	poll: () => Promise<Result>,
	skipped: Result,
): Promise<Result> {
	const now = Date.now();
	if (now - (underWay.get(node) ?? 0) < LONGEST_MS) return skipped;
	underWay.set(node, now);
	try {
		return await poll();
	} finally {
		if (underWay.get(node) === now) underWay.delete(node);
	}
}
