/** Whether a value is one that Agora takes. */
export type ValueCheck = (value: unknown) => boolean;

/** @returns a check for whole numbers within these bounds, both included */
export const wholeNumber =
	(from: number, to: number): ValueCheck =>
	(value) =>
		Number.isInteger(value) && (value as number) >= from && (value as number) <= to;

/** @returns a check for these values alone */
export const oneOf =
	(...choices: unknown[]): ValueCheck =>
	(value) =>
		choices.includes(value);

export const isText: ValueCheck = (value) => typeof value === 'string';

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
