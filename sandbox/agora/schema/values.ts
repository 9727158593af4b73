import { z } from 'zod';

/* The kinds of values that Agora's requests are made of. */

const MAX_UID = 4294967295;

/** What a video has at most. */
export const MAX_PIXELS = 1920 * 1080;

export const text = z.string().min(1);
export const url = z.string().url();
/** A size or position relative to the picture. */
export const share = z.number().min(0).max(1);

export const whole = (min: number, max = Number.MAX_SAFE_INTEGER) =>
	z.number().int().min(min).max(max);

export const uid = z
	.string()
	.refine(
		(value) => /^[1-9]\d*$/.test(value) && Number(value) <= MAX_UID,
		`must hold an integer from 1 to ${MAX_UID}`,
	);

/** An optional choice. Agora's Go client sends "" for one that is not set. */
export const choice = (...values: string[]) => z.enum(['', ...values]).optional();

/** A part that Agora refuses outside the modes named. */
export const onlyIn = (modes: string) =>
	z.undefined({ errorMap: () => ({ message: `is for ${modes} mode only` }) });

export const isFilled = (list: unknown) => Array.isArray(list) && list.length > 0;

/** Reports what is wrong with one field of an object. */
export function refuse(context: z.RefinementCtx, path: string[], message: string): void {
	context.addIssue({ code: 'custom', path, message });
}
