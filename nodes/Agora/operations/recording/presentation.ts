import type { IExecuteFunctions, INodeProperties, IPollFunctions } from 'n8n-workflow';
import type { Presentation } from '../../recordings/recording';

const DAY = 86_400;

export const includeSegments: INodeProperties = {
	displayName: 'Include Segments',
	name: 'includeSegments',
	type: 'boolean',
	default: false,
	description:
		'Whether to list every slice of a recording in file_list. An hour has hundreds; otherwise they are only counted.',
};

export const linkLifetime: INodeProperties = {
	displayName: 'Link Lifetime',
	name: 'linkLifetime',
	type: 'options',
	options: [
		{ name: '15 Minutes', value: 900 },
		{ name: '1 Hour', value: 3600 },
		{ name: '1 Day', value: DAY },
		{ name: '7 Days', value: 7 * DAY },
	],
	default: DAY,
	description: 'How long each download_url is valid. Anyone with the URL can download the file.',
};

/** Values of both options; what was not set is absent. */
export interface PresentationOptions {
	includeSegments?: boolean;
	linkLifetime?: number;
}

/** Reads both options by themselves, of an item or of a trigger. */
export function readPresentation(
	context: IExecuteFunctions | IPollFunctions,
	itemIndex: number,
): Presentation {
	const options =
		'getInputData' in context
			? context.getNodeParameter('options', itemIndex, {})
			: context.getNodeParameter('options', {});
	return presentationOf(options as PresentationOptions);
}

export function presentationOf({
	includeSegments: segments,
	linkLifetime: seconds,
}: PresentationOptions): Presentation {
	return { includeSegments: segments ?? false, linkSeconds: seconds ?? DAY };
}
