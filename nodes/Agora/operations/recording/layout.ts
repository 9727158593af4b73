import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { Fault } from '../../http/fault';

const renderMode = (description: string): INodeProperties => ({
	displayName: 'Fit',
	name: 'render_mode',
	type: 'options',
	options: [
		{ name: 'Crop', value: 0, description: 'Fill the region, cutting off what is too much' },
		{ name: 'Fit', value: 1, description: 'Show the whole picture, with a border' },
	],
	default: 0,
	description,
});

const share = (name: string, displayName: string, value: number, description: string) => ({
	displayName,
	name,
	type: 'number' as const,
	typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 4 },
	default: value,
	description,
});

/** Which layout, and what each kind needs. `show` says when the fields appear. */
export const layoutFields: INodeProperties[] = [
	{
		displayName: 'Layout',
		name: 'mixedVideoLayout',
		type: 'options',
		options: [
			{ name: 'Best Fit', value: 1, description: 'All users in equal tiles' },
			{ name: 'Custom', value: 3, description: 'A region of your choice for each user' },
			{ name: 'Floating', value: 0, description: 'The first user large, the others in front' },
			{ name: 'Vertical', value: 2, description: 'One user large, the others in a column' },
		],
		default: 0,
		description: 'How the users’ pictures are arranged',
	},
	{
		displayName: 'Large User',
		name: 'maxResolutionUid',
		type: 'string',
		default: '',
		placeholder: 'e.g. 1001',
		displayOptions: { show: { mixedVideoLayout: [2] } },
		description: 'UID of the user who is shown large. Leave empty for the first one.',
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
			'Where each user is shown, 17 at most. Positions and sizes are shares of the picture from 0 to 1; regions may overlap.',
		options: [
			{
				displayName: 'Region',
				name: 'region',
				values: [
					share('x_axis', 'Left', 0, 'Left edge, 0 to 1'),
					share('y_axis', 'Top', 0, 'Top edge, 0 to 1'),
					share('width', 'Width', 1, 'Share of the width, 0 to 1'),
					share('height', 'Height', 1, 'Share of the height, 0 to 1'),
					{
						displayName: 'UID',
						name: 'uid',
						type: 'string',
						default: '',
						placeholder: 'e.g. 1001',
						description: 'Who is shown here. Leave empty for the next user who joins.',
					},
					share('alpha', 'Opacity', 1, 'From 0, invisible, to 1'),
					renderMode('How a picture of another shape is shown'),
				],
			},
		],
	},
	{
		displayName: 'Background Color',
		name: 'backgroundColor',
		type: 'color',
		default: '#000000',
		description: 'Color behind the pictures',
	},
];

/** What a layout may have besides. */
export const layoutOptions: INodeProperties[] = [
	{
		displayName: 'Background Image',
		name: 'backgroundImage',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://example.com/background.png',
		description: 'Address of a picture behind all users',
	},
	{
		displayName: 'User Background Image',
		name: 'defaultUserBackgroundImage',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://example.com/nobody.png',
		description: 'Address of a picture for users who send no video',
	},
	{
		displayName: 'User Background Images',
		name: 'backgroundConfig',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add image',
		default: {},
		description: 'Pictures for single users who send no video',
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
						description: 'Whose picture it is',
					},
					{
						displayName: 'Image URL',
						name: 'image_url',
						type: 'string',
						default: '',
						placeholder: 'e.g. https://example.com/anna.jpg',
						description: 'Address of a JPG or BMP, 6 MB at most',
					},
					renderMode('How a picture of another shape is shown'),
				],
			},
		],
	},
];

/** The fields' values, as n8n gives them; what was not set is absent. */
export interface LayoutSettings {
	mixedVideoLayout?: number;
	maxResolutionUid?: string;
	layoutConfig?: { region?: IDataObject[] };
	backgroundColor?: string;
	backgroundImage?: string;
	defaultUserBackgroundImage?: string;
	backgroundConfig?: { image?: IDataObject[] };
}

const CUSTOM = 3;
const MAX_REGIONS = 17;
const SHARES: Record<string, string> = {
	x_axis: 'Left',
	y_axis: 'Top',
	width: 'Width',
	height: 'Height',
	alpha: 'Opacity',
};

/**
 * Says a layout in Agora's words.
 *
 * @returns the layout's part of `transcodingConfig`, or `clientRequest` of `updateLayout`
 * @throws Fault when a custom layout has no region, too many, or one outside the picture
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
			description: `The field ‘Regions’ has ${regions.length}.`,
		});
	}
	return regions.map((region, index) => {
		for (const [name, label] of Object.entries(SHARES)) {
			const value = region[name] ?? 0;
			if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
				throw new Fault(`‘${label}’ of region ${index + 1} is not a share of the picture`, {
					description: 'Give a number from 0 to 1: 0.5 is half of the width or height.',
				});
			}
		}
		const { uid, ...place } = region;
		return uid === undefined || uid === '' ? place : { uid: String(uid), ...place };
	});
}
