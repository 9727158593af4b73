import { z } from 'zod';

/* Types of values in Agora's requests. */

const MAX_UID = 4294967295;

/** The maximum size of a video. */
export const MAX_PIXELS = 1920 * 1080;

export const nonEmptyString = z.string().min(1);
export const url = z.string().url();
/** A size or position relative to the video. */
export const fraction = z.number().min(0).max(1);

export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) =>
	z.number().int().min(min).max(max);

export const uid = z
	.string()
	.refine(
		(value) => /^[1-9]\d*$/.test(value) && Number(value) <= MAX_UID,
		`must be an integer from 1 to ${MAX_UID}`,
	);

/** An optional enumeration. Agora's Go client sends "" if it is not set. */
export const optionalEnum = (...values: string[]) => z.enum(['', ...values]).optional();

/** A setting that Agora rejects in other modes. */
export const onlyIn = (modes: string) =>
	z.undefined({ errorMap: () => ({ message: `is for ${modes} mode only` }) });

export const isFilled = (list: unknown) => Array.isArray(list) && list.length > 0;

/** Reports an invalid field of an object. */
export function reject(context: z.RefinementCtx, path: string[], message: string): void {
	context.addIssue({ code: 'custom', path, message });
}
