import { z } from 'zod';
import { fraction, integer, isFilled, MAX_PIXELS, nonEmptyString, uid, url } from './values.ts';

const CUSTOM = 3;

const layoutFields = {
	mixedVideoLayout: integer(0, 3).optional(),
	// Used in the vertical layout; ignored in others.
	maxResolutionUid: uid.optional(),
	backgroundColor: z
		.string()
		.regex(/^#[0-9a-f]{6}$/i)
		.optional(),
	backgroundImage: url.optional(),
	defaultUserBackgroundImage: url.optional(),
	layoutConfig: z
		.array(
			z.object({
				// Agora's Go client sends "" for a region that isn't assigned to a user.
				uid: z.string().regex(/^\d*$/).optional(),
				x_axis: fraction,
				y_axis: fraction,
				width: fraction,
				height: fraction,
				alpha: fraction.optional(),
				render_mode: integer(0, 1).optional(),
			}),
		)
		.max(17)
		.optional(),
	backgroundConfig: z
		.array(z.object({ uid: nonEmptyString, image_url: url, render_mode: integer(0, 1).optional() }))
		.optional(),
};

interface Regions {
	mixedVideoLayout?: number;
	layoutConfig?: unknown[];
}

const hasRequiredRegions = ({ mixedVideoLayout, layoutConfig }: Regions) =>
	mixedVideoLayout !== CUSTOM || isFilled(layoutConfig);
const MISSING_REGIONS = { path: ['layoutConfig'], message: 'Required in the custom layout' };

/** `clientRequest` of updateLayout. Source: Agora, cloud recording, updateLayout. */
export const layout = z.object(layoutFields).refine(hasRequiredRegions, MISSING_REGIONS);

/** The size and layout of a composite video. Source: Agora, cloud recording, start. */
export const transcodingConfig = z
	.object({
		width: integer(1, 1920).optional(),
		height: integer(1, 1920).optional(),
		fps: integer(1).optional(),
		bitrate: integer(1).optional(),
		...layoutFields,
	})
	.refine(hasRequiredRegions, MISSING_REGIONS)
	.refine(({ width = 360, height = 640 }) => width * height <= MAX_PIXELS, {
		path: ['width'],
		message: 'width * height exceeds 1920 * 1080',
	});
