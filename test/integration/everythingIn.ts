const MOST_OBJECTS = 200_000;

/**
 * Writes down every text in a value: keys and values, what is not enumerable too (an error's message, stack and
 * cause), symbols, what getters give, bytes, the members of maps and sets, and what `toJSON` makes of it.
 *
 * @returns one line for each text
 * @throws when there is no end to it
 */
export function everythingIn(value: unknown): string {
	const texts: string[] = [];
	const seen = new Set<object>();
	const waiting: unknown[] = [value];
	while (waiting.length > 0) {
		const each = waiting.pop();
		if (typeof each === 'string') texts.push(each);
		if (typeof each !== 'object' || each === null || seen.has(each)) continue;
		if (seen.add(each).size > MOST_OBJECTS) throw new Error('there is no end to what is in it');
		if (ArrayBuffer.isView(each)) {
			texts.push(Buffer.from(each.buffer, each.byteOffset, each.byteLength).toString());
			continue;
		}
		waiting.push(...membersOf(each));
	}
	return texts.join('\n');
}

function* membersOf(value: object): Generator<unknown> {
	if (value instanceof Map) yield* [...value.keys(), ...value.values()];
	if (value instanceof Set) yield* value;
	// Of another realm, as in jest, an array is no instance of this one's.
	const isList = Array.isArray(value);
	for (let holder: object | null = value; holder !== null; holder = Object.getPrototypeOf(holder)) {
		for (const key of Reflect.ownKeys(holder)) {
			if (holder === value && !isList) yield typeof key === 'symbol' ? key.description : key;
			if (holder !== value && !isGetter(holder, key)) continue;
			yield read(value, key);
		}
	}
	if ('toJSON' in value && typeof value.toJSON === 'function') yield read(value, 'toJSON', true);
}

function isGetter(holder: object, key: PropertyKey): boolean {
	const { get } = Object.getOwnPropertyDescriptor(holder, key)!;
	return get !== undefined && key !== '__proto__';
}

function read(value: object, key: PropertyKey, call = false): unknown {
	try {
		const member = (value as Record<PropertyKey, unknown>)[key];
		return call ? (member as () => unknown).call(value) : member;
	} catch {
		// Not readable for anybody.
		return undefined;
	}
}
