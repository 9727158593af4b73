import type { Sandbox } from '../../sandbox/sandbox.ts';
import { s3Client } from './sandbox/s3Client.ts';

/**
 * Reads what Start writes into the bucket: session records and the entries of their index.
 *
 * @returns the key and the text of each
 */
export async function sessionRecords(sandbox: Sandbox): Promise<string[]> {
	const { listObjects, get } = s3Client(sandbox);
	const records: string[] = [];
	for (let token: string | undefined, more = true; more;) {
		const page = await listObjects(token === undefined ? {} : { 'continuation-token': token });
		if (page.status !== 200) throw new Error(`the bucket answered ${page.status}`);
		for (const key of page.keys.filter((each) => each.endsWith('.json'))) {
			const { status, text } = await get(key.split('/').map(encodeURIComponent).join('/'));
			if (status !== 200) throw new Error(`${key}: the bucket answered ${status}`);
			records.push(`${key}\n${text}`);
		}
		token = page.next;
		more = page.truncated && token !== undefined;
	}
	return records;
}
