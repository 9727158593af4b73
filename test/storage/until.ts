const UNTIL_MS = 30_000;

/**
 * Repeats a question until the answer is yes.
 *
 * @throws after 30 seconds
 */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
	const deadline = Date.now() + UNTIL_MS;
	while (!(await isSo())) {
		if (Date.now() > deadline) throw new Error(`not within 30 seconds: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
