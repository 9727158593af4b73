/** A straight line through measured points. */
export interface Slope {
	/** Rise for each step of one. */
	perUnit: number;
	/** Standard error of it. */
	error: number;
}

/**
 * Fits a line by least squares.
 *
 * @param points at least three, of which two lie apart
 */
export function slopeOf(points: Array<[x: number, y: number]>): Slope {
	const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
	const meanX = mean(points.map(([x]) => x));
	const meanY = mean(points.map(([, y]) => y));
	const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
	if (points.length < 3 || spread === 0) throw new Error('too few points for a line');
	const perUnit = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
	const left = points.reduce((sum, [x, y]) => sum + (y - meanY - perUnit * (x - meanX)) ** 2, 0);
	return { perUnit, error: Math.sqrt(left / (points.length - 2) / spread) };
}
