import type { Exchange } from './recordingProxy.ts';

/**
 * Compares Agora's responses with those of the sandbox, which follows the documentation: statuses, and names and types
 * of fields. Values are left out because they may be secret.
 *
 * @returns one line for each difference
 */
export function differences(live: Exchange[], expected: Exchange[]): string[] {
	const calls = [...new Set([...expected, ...live].map(({ call }) => call))];
	return calls.flatMap((call) => {
		const real = live.filter((each) => each.call === call);
		const documented = expected.filter((each) => each.call === call);
		if (real.length === 0) return [`${call}: was not requested`];
		if (documented.length === 0) return [`${call}: the sandbox was not sent this request`];
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
			.map((each) => `${what} ${each} is missing`),
	];
}

function statuses(responses: Exchange[]): Set<string> {
	return new Set(responses.map(({ status }) => String(status)));
}

/** Paths and types, such as `serverResponse.status: number`. */
function fields(responses: Exchange[]): Set<string> {
	return new Set(responses.flatMap(({ body }) => [...pathsOf(body, '')]));
}

function* pathsOf(value: unknown, path: string): Generator<string> {
	if (Array.isArray(value)) {
		for (const each of value) yield* pathsOf(each, `${path}[]`);
	} else if (typeof value === 'object' && value !== null) {
		for (const [name, each] of Object.entries(value))
			yield* pathsOf(each, path ? `${path}.${name}` : name);
	} else {
		yield `${path || '(response)'}: ${value === null ? 'null' : typeof value}`;
	}
}
