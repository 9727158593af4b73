import { judge } from '../../reliability/soak/judgement.ts';
import type { Sample } from '../../reliability/soak/sample.ts';
import { slopeOf } from '../../reliability/soak/slope.ts';
import { randomSource } from '../randomSource';

describe('the slope of a line', () => {
	it('is exact where all points lie on it', () => {
		const { perUnit, error } = slopeOf([0, 1, 2, 5].map((x) => [x, 7 + 3 * x]));
		expect(perUnit).toBeCloseTo(3, 10);
		expect(error).toBeCloseTo(0, 10);
	});

	it('is known by as much as the points scatter', () => {
		// Worked out by hand: the residuals are 1/6, -1/3 and 1/6.
		const { perUnit, error } = slopeOf([
			[0, 0],
			[1, 0],
			[2, 1],
		]);
		expect(perUnit).toBeCloseTo(1 / 2, 10);
		expect(error).toBeCloseTo(Math.sqrt(1 / 12), 10);
	});

	it('takes three points that lie apart', () => {
		expect(() => slopeOf([])).toThrow('too few');
		expect(() =>
			slopeOf([
				[0, 1],
				[1, 1],
			]),
		).toThrow('too few');
		expect(() =>
			slopeOf([
				[1, 1],
				[1, 2],
				[1, 3],
			]),
		).toThrow('too few');
	});
});

describe('whether a process holds ever more', () => {
	const { integer } = randomSource(3);
	const samples = (change: (hour: number) => Partial<Sample>): Sample[] =>
		Array.from({ length: 41 }, (_, index) => ({
			at: index * 180_000,
			executions: index,
			idle: index % 2 === 0,
			heapUsed: 50_000_000 + integer(0, 500_000),
			external: 0,
			arrayBuffers: 1000,
			rss: 0,
			resources: { PipeWrap: 2 },
			descriptors: 28,
			...change(index / 20),
		}));
	const judged = (change: (hour: number) => Partial<Sample>) =>
		judge(samples(change), ({ at }) => at / 3_600_000).broken;

	it('it does not', () => expect(judged(() => ({}))).toEqual([]));

	it('it does not while it warms up, nor while work is under way', () => {
		expect(judged((hour) => ({ heapUsed: 5e7 - (hour < 0.3 ? 3e7 : 0) }))).toEqual([]);
		const busy = samples(() => ({})).map((sample, index) =>
			sample.idle ? sample : { ...sample, heapUsed: 5e7 + index * 1e6, descriptors: 28 + index },
		);
		expect(judge(busy, ({ at }) => at / 3_600_000).broken).toEqual([]);
	});

	it.each<[string, (hour: number) => Partial<Sample>, RegExp]>([
		['heap', (hour) => ({ heapUsed: 5e7 + hour * 2e6 }), /heap rises by 2\.00/],
		['buffers', (hour) => ({ arrayBuffers: hour * 5e6 }), /buffers rises by 5\.00/],
		['files', (hour) => ({ descriptors: hour === 2 ? 29 : 28 }), /28 at first, 29/],
		[
			'sockets',
			(hour) => ({ resources: { PipeWrap: 2, ...(hour === 2 && { TCPSocketWrap: 1 }) } }),
			/TCPSocketWrap: 0 at first, 1/,
		],
	])('it does: %s', (_, change, told) => {
		expect(judged(change)).toEqual([expect.stringMatching(told)]);
	});
});
