import type { IExecuteFunctions, INodeProperties, IPollFunctions } from 'n8n-workflow';
import type { Presentation } from '../../recordings/recording';
import { Fault } from '../../http/errors';
import { readBoolean } from './parameters';

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
	includeSegments?: unknown;
	/** Seconds. */
	linkLifetime?: unknown;
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

/** @throws Fault when an expression has set one of them to something else */
export function presentationOf({
	includeSegments: segments,
	linkLifetime: lifetime,
}: PresentationOptions): Presentation {
	const seconds = lifetime === undefined || lifetime === '' ? DAY : Number(lifetime);
	// Signed URLs last at most a week (Amazon S3: presigned URLs).
	if (!Number.isInteger(seconds) || seconds < 1 || seconds > 7 * DAY) {
		throw new Fault(`"Link Lifetime" can't be "${String(lifetime)}"`, {
			description: 'Enter seconds, 1 to 604800.',
		});
	}
	return { includeSegments: readBoolean(segments, 'Include Segments'), linkSeconds: seconds };
}
