import { z } from 'zod';
import { isFilled, MAX_PIXELS, share, text, uid, url, whole } from './values.ts';

const CUSTOM = 3;

const layoutFields = {
	mixedVideoLayout: whole(0, 3).optional(),
	// Agora ignores it in other layouts than the vertical one.
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
				// Agora's Go client sends "" for a region without a user of its own.
				uid: z.string().regex(/^\d*$/).optional(),
				x_axis: share,
				y_axis: share,
				width: share,
				height: share,
				alpha: share.optional(),
				render_mode: whole(0, 1).optional(),
			}),
		)
		.max(17)
		.optional(),
	backgroundConfig: z
		.array(z.object({ uid: text, image_url: url, render_mode: whole(0, 1).optional() }))
		.optional(),
};

interface Regions {
	mixedVideoLayout?: number;
	layoutConfig?: unknown[];
}

const hasItsRegions = ({ mixedVideoLayout, layoutConfig }: Regions) =>
	mixedVideoLayout !== CUSTOM || isFilled(layoutConfig);
const NO_REGIONS = { path: ['layoutConfig'], message: 'Required in the custom layout' };

/** `clientRequest` of updateLayout. Source: Agora, cloud recording, updateLayout. */
export const layout = z.object(layoutFields).refine(hasItsRegions, NO_REGIONS);

/** The size and layout of a composite video. Source: Agora, cloud recording, start. */
export const transcodingConfig = z
	.object({
		width: whole(1, 1920).optional(),
		height: whole(1, 1920).optional(),
		fps: whole(1).optional(),
		bitrate: whole(1).optional(),
		...layoutFields,
	})
	.refine(hasItsRegions, NO_REGIONS)
	.refine(({ width = 360, height = 640 }) => width * height <= MAX_PIXELS, {
		path: ['width'],
		message: 'width * height is more than 1920 * 1080',
	});
