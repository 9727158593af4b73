const SECRETS = ['accessKey', 'secretKey', 'stsToken', 'token', 'secret', 'salt', 'rtmpUrl'];

/** @returns a copy of a request in which `(hidden)` replaces each secret */
export function redact(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(redact);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, each]) => [
			key,
			SECRETS.includes(key) ? '(hidden)' : redact(each),
		]),
	);
}
