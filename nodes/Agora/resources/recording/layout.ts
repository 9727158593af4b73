import type { IDataObject, INodeProperties } from 'n8n-workflow';
import {
	isObject,
	isPublicUrl,
	isFraction,
	isUid,
	listOf,
	wholeNumber,
	type AgoraValue,
	type ValueCheck,
} from '../../agora/formats';
import { Fault } from '../../http/errors';

const CUSTOM = 3;
const MAX_REGIONS = 17;

const isUserUid: ValueCheck = (value) => typeof value === 'string' && isUid(value);
const isRegion: ValueCheck = (value) =>
	isObject(value) &&
	['x_axis', 'y_axis', 'width', 'height'].every((name) => isFraction(value[name])) &&
	(value.alpha === undefined || isFraction(value.alpha)) &&
	(value.uid === undefined || isUserUid(value.uid));
const isImage: ValueCheck = (value) =>
	isObject(value) && isUserUid(value.uid) && isPublicUrl(value.image_url);

/**
 * The values of a layout. Source: Agora, cloud recording, `start`: `transcodingConfig`, and `updateLayout`.
 */
export const LAYOUT_SETTINGS: AgoraValue[] = [
	{
		agora: 'mixedVideoLayout',
		label: 'Layout',
		check: wholeNumber(0, 3),
		must: 'a whole number from 0 to 3',
	},
	{
		agora: 'maxResolutionUid',
		label: 'Main User UID',
		check: isUserUid,
		must: 'the UID of a user, as a string',
	},
	{
		agora: 'backgroundColor',
		label: 'Background Color',
		check: (value) => /^#[0-9a-f]{6}$/i.test(String(value)),
		must: '# and six hexadecimal digits, such as #000000',
	},
	{
		agora: 'backgroundImage',
		label: 'Background Image',
		check: isPublicUrl,
		must: 'a public http or https URL',
	},
	{
		agora: 'defaultUserBackgroundImage',
		label: 'User Background Image',
		check: isPublicUrl,
		must: 'a public http or https URL',
	},
	{
		agora: 'layoutConfig',
		label: 'Regions',
		check: listOf(1, MAX_REGIONS, isRegion),
		must: '1 to 17 regions with Left, Top, Width and Height from 0 to 1',
	},
	{
		agora: 'backgroundConfig',
		label: 'User Background Images',
		check: listOf(0, MAX_REGIONS, isImage),
		must: 'a list of at most 17 images, each with a UID and a public URL',
	},
];

const renderMode = (description: string): INodeProperties => ({
	displayName: 'Fit',
	name: 'render_mode',
	type: 'options',
	options: [
		{ name: 'Crop', value: 0, description: 'Fill the region and crop the rest' },
		{ name: 'Fit', value: 1, description: 'Show the whole video, with a border' },
	],
	default: 0,
	description,
});

const share = (name: string, displayName: string, value: number, description: string) => ({
	displayName,
	name,
	type: 'number' as const,
	typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
	default: value,
	description,
});

/** The layout, and what each kind of layout needs. */
export const layoutFields = (): INodeProperties[] => [
	{
		displayName: 'Layout',
		name: 'mixedVideoLayout',
		type: 'options',
		options: [
			{ name: 'Best Fit', value: 1, description: 'All users in equal tiles' },
			{ name: 'Custom', value: 3, description: 'A region of your choice for each user' },
			{
				name: 'Floating',
				value: 0,
				description: 'The first user large, the others in front of it',
			},
			{ name: 'Vertical', value: 2, description: 'One user large, the others in a column' },
		],
		default: 0,
		description: 'How the users are arranged in the video',
	},
	{
		displayName: 'Main User UID',
		name: 'maxResolutionUid',
		type: 'string',
		default: '',
		placeholder: 'e.g. 1001',
		displayOptions: { show: { mixedVideoLayout: [2] } },
		description: 'UID of the user to show large. Leave empty for the first one.',
	},
	{
		displayName: 'Regions',
		name: 'layoutConfig',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add region',
		default: {},
		displayOptions: { show: { mixedVideoLayout: [3] } },
		description:
			'Where each user is shown, at most 17. Positions and sizes are fractions of the video from 0 to 1; regions can overlap.',
		options: [
			{
				displayName: 'Region',
				name: 'region',
				values: [
					share('x_axis', 'Left', 0, 'Left edge, 0 to 1'),
					share('y_axis', 'Top', 0, 'Top edge, 0 to 1'),
					share('width', 'Width', 1, 'Fraction of the width, 0 to 1'),
					share('height', 'Height', 1, 'Fraction of the height, 0 to 1'),
					{
						displayName: 'UID',
						name: 'uid',
						type: 'string',
						default: '',
						placeholder: 'e.g. 1001',
						description: 'The user to show here. Leave empty for the next user who joins.',
					},
					share('alpha', 'Opacity', 1, 'From 0 (invisible) to 1 (opaque)'),
					renderMode('How to show video with another aspect ratio'),
				],
			},
		],
	},
	{
		displayName: 'Background Color',
		name: 'backgroundColor',
		type: 'color',
		default: '#000000',
		description: 'Background color of the video',
	},
];

/** Optional parts of a layout. */
export const layoutOptions = (): INodeProperties[] => [
	{
		displayName: 'Background Image',
		name: 'backgroundImage',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://example.com/background.png',
		description: 'URL of a background image for the whole video',
	},
	{
		displayName: 'User Background Image',
		name: 'defaultUserBackgroundImage',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://example.com/placeholder.png',
		description: 'URL of an image for users who send no video',
	},
	{
		displayName: 'User Background Images',
		name: 'backgroundConfig',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add image',
		default: {},
		description: 'Images for individual users who send no video',
		options: [
			{
				displayName: 'Image',
				name: 'image',
				values: [
					{
						displayName: 'UID',
						name: 'uid',
						type: 'string',
						default: '',
						placeholder: 'e.g. 1001',
						description: 'The user the image is for',
					},
					{
						displayName: 'Image URL',
						name: 'image_url',
						type: 'string',
						default: '',
						placeholder: 'e.g. https://example.com/anna.jpg',
						description: 'URL of a JPG or BMP file, at most 6 MB',
					},
					renderMode('How to show video with another aspect ratio'),
				],
			},
		],
	},
];

/** Values of the fields; fields that are not set are absent. */
export interface LayoutSettings {
	mixedVideoLayout?: number;
	maxResolutionUid?: string;
	layoutConfig?: { region?: IDataObject[] };
	backgroundColor?: string;
	backgroundImage?: string;
	defaultUserBackgroundImage?: string;
	backgroundConfig?: { image?: IDataObject[] };
}

const SHARES: Record<string, string> = {
	x_axis: 'Left',
	y_axis: 'Top',
	width: 'Width',
	height: 'Height',
	alpha: 'Opacity',
};

/**
 * Converts the fields of a layout to Agora's settings.
 *
 * @returns the layout's part of `transcodingConfig`, or `clientRequest` of `updateLayout`
 * @throws Fault when a custom layout has no region, too many, or one outside the video
 *
 * Source: Agora, cloud recording, `updateLayout`.
 */
export function readLayout(settings: LayoutSettings): IDataObject {
	const { layoutConfig, backgroundConfig, ...values } = settings;
	const images = backgroundConfig?.image ?? [];
	const layout = {
		...values,
		...(settings.mixedVideoLayout === CUSTOM && {
			layoutConfig: readRegions(layoutConfig?.region ?? []),
		}),
		...(images.length > 0 && { backgroundConfig: images }),
	};
	return Object.fromEntries(
		Object.entries(layout).filter(([, value]) => value !== undefined && value !== ''),
	);
}

function readRegions(regions: IDataObject[]): IDataObject[] {
	if (regions.length === 0 || regions.length > MAX_REGIONS) {
		throw new Fault(`A custom layout has 1 to ${MAX_REGIONS} regions`, {
			description: `"Regions" has ${regions.length}.`,
		});
	}
	return regions.map((region, index) => {
		for (const [name, label] of Object.entries(SHARES)) {
			const value = region[name] ?? 0;
			if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
				throw new Fault(`"${label}" of region ${index + 1} is not a number from 0 to 1`, {
					description: 'Use fractions of the video: 0.5 is half of its width or height.',
				});
			}
		}
		const { uid, ...place } = region;
		return uid === undefined || uid === '' ? place : { uid: String(uid), ...place };
	});
}

const LAYOUT_NAMES = ['floating', 'best_fit', 'vertical', 'custom'];
const FIT_NAMES = ['crop', 'fit'];

/** Names of Agora's settings in output items, in the words of the fields. */
const OUTPUT_NAMES: Record<string, string> = {
	maxResolutionUid: 'main_user_uid',
	layoutConfig: 'regions',
	backgroundColor: 'background_color',
	backgroundImage: 'background_image',
	defaultUserBackgroundImage: 'user_background_image',
	backgroundConfig: 'user_background_images',
	x_axis: 'left',
	y_axis: 'top',
	alpha: 'opacity',
};

/**
 * Converts Agora's settings of a layout to the fields of an output item.
 *
 * @param layout as `readLayout` returns it
 * @returns such as `{ layout: 'vertical', main_user_uid: '1001' }`
 */
export function namedLayout(layout: IDataObject): IDataObject {
	return Object.fromEntries(
		Object.entries(layout).map(([name, value]) => {
			if (name === 'mixedVideoLayout') return ['layout', LAYOUT_NAMES[Number(value)]!];
			if (name === 'render_mode') return ['fit', FIT_NAMES[Number(value)]!];
			const named = Array.isArray(value)
				? (value as IDataObject[]).map(namedLayout)
				: (value as IDataObject[string]);
			return [OUTPUT_NAMES[name] ?? name, named];
		}),
	);
}
