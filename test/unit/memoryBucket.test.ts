import { memoryBucket } from './memoryBucket';

describe('the bucket in memory', () => {
	it('folds a key that ends with the delimiter, but not one that is the prefix', async () => {
		const bucket = memoryBucket();
		for (const key of ['a_', 'a_b_', 'c_']) bucket.add(key, 0);
		const page = await bucket.list({ prefix: 'a_', delimiter: '_' });
		expect([page.objects.map(({ key }) => key), page.prefixes]).toEqual([['a_'], ['a_b_']]);
		expect((await bucket.list({ prefix: '', delimiter: '_' })).prefixes).toEqual(['a_', 'c_']);
	});

	it('lists in UTF-8 order, folds at the delimiter and pages like S3', async () => {
		const bucket = memoryBucket({ now: 5 });
		for (const key of ['b/2_x', 'b/1_y', 'b/1_x', 'b/😀', 'b/\uff61', 'a', 'c']) bucket.add(key, 0);
		const entries: string[] = [];
		let token: string | undefined;
		do {
			const page = await bucket.list({ prefix: 'b/', delimiter: '_', maxKeys: 1, token });
			entries.push(...page.prefixes, ...page.objects.map(({ key }) => key));
			expect(page.serverTime).toBe(5);
			token = page.nextToken ?? undefined;
		} while (token !== undefined);
		expect(entries).toEqual(['b/1_', 'b/2_', 'b/\uff61', 'b/😀']);
		expect(bucket.requests.lists).toHaveLength(4);
	});
});
