import type { Heard } from './listener.ts';

/**
 * What Agora answered otherwise than the sandbox, which answers as the documentation says: statuses, and names and
 * types of fields. Values are left out, so that nothing secret is printed.
 *
 * @returns a sentence each
 */
export function differences(live: Heard[], expected: Heard[]): string[] {
	const calls = [...new Set([...expected, ...live].map(({ call }) => call))];
	return calls.flatMap((call) => {
		const real = live.filter((each) => each.call === call);
		const documented = expected.filter((each) => each.call === call);
		if (real.length === 0) return [`${call}: was not asked`];
		if (documented.length === 0) return [`${call}: the sandbox was not asked this`];
		return [
			...between('status', statuses(real), statuses(documented)),
			...between('field', fields(real), fields(documented)),
		].map((line) => `${call}: ${line}`);
	});
}

function between(what: string, real: Set<string>, documented: Set<string>): string[] {
	return [
		...[...real].filter((each) => !documented.has(each)).map((each) => `${what} ${each} is new`),
		...[...documented]
			.filter((each) => !real.has(each))
			.map((each) => `${what} ${each} did not come`),
	];
}

function statuses(answers: Heard[]): Set<string> {
	return new Set(answers.map(({ status }) => String(status)));
}

/** Paths and types, such as `serverResponse.status: number`. */
function fields(answers: Heard[]): Set<string> {
	return new Set(answers.flatMap(({ body }) => [...pathsOf(body, '')]));
}

function* pathsOf(value: unknown, path: string): Generator<string> {
	if (Array.isArray(value)) {
		for (const each of value) yield* pathsOf(each, `${path}[]`);
	} else if (typeof value === 'object' && value !== null) {
		for (const [name, each] of Object.entries(value))
			yield* pathsOf(each, path ? `${path}.${name}` : name);
	} else {
		yield `${path || '(the answer)'}: ${value === null ? 'null' : typeof value}`;
	}
}
