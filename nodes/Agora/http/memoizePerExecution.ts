import type { Context } from './send';

/**
 * Keeps what is read once for each execution: all its items share it, and what one of them learns.
 *
 * @param read what to read; whatever it gives, be it a promise that fails, is kept as long as the context
 */
export function memoizePerExecution<Value>(
	read: (context: Context) => Value,
): (context: Context) => Value {
	const known = new WeakMap<Context, { value: Value }>();
	return (context) => {
		if (isOfPolls(context)) return read(context);
		let kept = known.get(context);
		if (kept === undefined) known.set(context, (kept = { value: read(context) }));
		return kept.value;
	};
}

/** n8n polls with one context for as long as a workflow is active, and a credential may change meanwhile. */
function isOfPolls(context: Context): boolean {
	return 'getActivationMode' in context;
}
