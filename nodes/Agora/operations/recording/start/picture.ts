import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { alphabetical } from '../../alphabetical';
import { layoutFields, layoutOptions, readLayout, type LayoutSettings } from '../layout';
import { onlyFor } from './mode';

/** Kilobits a second for 15 frames of each size (Agora: video profiles). */
const BITRATES: Record<string, number> = {
	'360x640': 400,
	'640x360': 400,
	'720x1280': 1130,
	'1280x720': 1130,
	'1920x1080': 2080,
};

const frames: INodeProperties[] = [
	{
		displayName: 'Bitrate',
		name: 'bitrate',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1130,
		description:
			'Kilobits a second. Without it, what Agora recommends for the size at 15 frames a second.',
	},
	{
		displayName: 'Frame Rate',
		name: 'fps',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 60 },
		default: 15,
		description: 'Frames a second, 15 by default. A web page takes 5 to 60.',
	},
];

const size: INodeProperties = {
	displayName: 'Size',
	name: 'videoSize',
	type: 'options',
	options: [
		{ name: '1280 × 720', value: '1280x720' },
		{ name: '1920 × 1080', value: '1920x1080' },
		{ name: '360 × 640 (Upright)', value: '360x640' },
		{ name: '640 × 360', value: '640x360' },
		{ name: '720 × 1280 (Upright)', value: '720x1280' },
	],
	default: '1280x720',
	description:
		'Width and height of the composite picture, in pixels. Agora takes 360 × 640 when this is not set.',
};

const compositeOnly = [...layoutFields, ...layoutOptions, size].map((field) => ({
	...field,
	...onlyFor(['mix'], field.displayOptions?.show as Record<string, number[]>),
}));

/** What the video looks like. */
export const picture: INodeProperties = {
	displayName: 'Picture',
	name: 'picture',
	type: 'collection',
	placeholder: 'Add setting',
	default: {},
	displayOptions: { show: { mode: ['mix', 'web'] } },
	description: 'What the video looks like',
	options: alphabetical([...compositeOnly, ...frames]),
};

/** Values of the Picture field; what was not set is absent. */
export interface PictureSettings extends LayoutSettings {
	/** `1280x720`: width and height in pixels. */
	videoSize?: string;
	/** Kilobits a second. */
	bitrate?: number;
	/** Frames a second. */
	fps?: number;
}

/**
 * Says in Agora's words what a composite picture looks like.
 *
 * @returns `transcodingConfig`, undefined when nothing was set
 * @throws Fault when a custom layout cannot be
 *
 * Source: Agora, cloud recording, `start`.
 */
export function pictureConfig(settings: PictureSettings): IDataObject | undefined {
	const { videoSize, bitrate, fps, ...layout } = settings;
	const ofSize =
		videoSize === undefined ? {} : { ...pixels(videoSize), fps: 15, bitrate: BITRATES[videoSize] };
	const config = {
		...ofSize,
		...(fps !== undefined && { fps }),
		...(bitrate !== undefined && { bitrate }),
		...readLayout(layout),
	};
	return Object.keys(config).length > 0 ? config : undefined;
}

/** @param size `1280x720` */
export function pixels(size: string): { width: number; height: number } {
	const [width, height] = size.split('x').map(Number);
	return { width: width!, height: height! };
}
