/** @returns names and types of all fields; of a list, those of its first entry */
export function shapeOf(value: unknown): unknown {
	if (Array.isArray(value)) return [shapeOf(value[0])];
	if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
	return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]));
}
