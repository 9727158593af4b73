import { z } from 'zod';
import { integer, nonEmptyString, optionalEnum, reject } from './values.ts';

const VENDORS = [1, 2, 3, 5, 6, 7, 8, 11];
/** The vendors for which Agora supports temporary credentials. */
const STS_VENDORS = [1, 2, 3];
const OTHER_S3 = 11;
const PREFIX_LENGTH = 128;

// Agora documents letters and digits only, but also accepts `_` and `-`.
const folder = z.string().regex(/^[\w-]+$/, 'may contain letters, digits, _ and - only');

/** `storageConfig` of start and update. Source: Agora, cloud recording, start. */
export const storageConfig = z
	.object({
		vendor: z.number().refine((vendor) => VENDORS.includes(vendor), 'is not a known vendor'),
		region: integer(0),
		bucket: nonEmptyString,
		accessKey: nonEmptyString,
		secretKey: nonEmptyString,
		stsToken: z.string().optional(),
		stsExpiration: integer(0).optional(),
		fileNamePrefix: z
			.array(folder)
			.refine(
				(folders) => folders.join('/').length <= PREFIX_LENGTH,
				'is longer than 128 characters',
			)
			.optional(),
		extensionParams: z
			.object({
				sse: optionalEnum('kms', 'aes256'),
				tag: z.string().optional(),
				endpoint: z.string().optional(),
			})
			.optional(),
	})
	.superRefine(({ vendor, stsToken, extensionParams }, context) => {
		if (vendor === OTHER_S3 && !extensionParams?.endpoint)
			reject(context, ['extensionParams', 'endpoint'], 'Required for vendor 11');
		if (stsToken && !STS_VENDORS.includes(vendor))
			reject(context, ['stsToken'], 'is for vendors 1, 2 and 3 only');
	});
