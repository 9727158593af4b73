import { z } from 'zod';
import { choice, refuse, text, whole } from './values.ts';

const VENDORS = [1, 2, 3, 5, 6, 7, 8, 11];
/** Those that temporary credentials are supported for. */
const STS_VENDORS = [1, 2, 3];
const OTHER_S3 = 11;
const PREFIX_LENGTH = 128;

// Agora documents letters and digits only, and accepts `_` and `-`.
const folder = z.string().regex(/^[\w-]+$/, 'may hold letters, digits, _ and - only');

/** `storageConfig` of start and update. Source: Agora, cloud recording, start. */
export const storageConfig = z
	.object({
		vendor: z.number().refine((vendor) => VENDORS.includes(vendor), 'is not a known vendor'),
		region: whole(0),
		bucket: text,
		accessKey: text,
		secretKey: text,
		stsToken: z.string().optional(),
		stsExpiration: whole(0).optional(),
		fileNamePrefix: z
			.array(folder)
			.refine((folders) => folders.join('/').length <= PREFIX_LENGTH, 'is longer than 128')
			.optional(),
		extensionParams: z
			.object({
				sse: choice('kms', 'aes256'),
				tag: z.string().optional(),
				endpoint: z.string().optional(),
			})
			.optional(),
	})
	.superRefine(({ vendor, stsToken, extensionParams }, context) => {
		if (vendor === OTHER_S3 && !extensionParams?.endpoint)
			refuse(context, ['extensionParams', 'endpoint'], 'Required for vendor 11');
		if (stsToken && !STS_VENDORS.includes(vendor))
			refuse(context, ['stsToken'], 'is for vendors 1, 2 and 3 only');
	});
