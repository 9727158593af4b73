import type { IDataObject } from 'n8n-workflow';
import type { Mode } from './mode';
import { webRecorder } from './webPage';
import { withoutUnset } from './withoutUnset';

/** Options of Start that go into the reservation; what was not set is absent. */
export interface ReservationOptions {
	/** Hours. */
	resourceExpiredHour?: number;
	/** Resource IDs with commas or spaces between them, or a list. */
	excludeResourceIds?: unknown;
	region?: string;
	regionAffinity?: number;
}

/** Agora: `acquire`, `resourceExpiredHour`. */
const DEFAULT_CONTROL_HOURS = 72;
const WEB_PAGE = 1;
const REAL_TIME = 0;

/**
 * Says in Agora's words what recorder to reserve. `startParameter` is left out: it must equal the start
 * request to the letter, and saves nothing here.
 *
 * @param clientRequest of the start that will follow: without an option, a web page is under control for as
 *   long as it may record
 * @returns `clientRequest` of Agora's `acquire`
 *
 * Source: Agora, cloud recording, `acquire`.
 */
export function acquireRequest(
	mode: Mode,
	options: ReservationOptions,
	clientRequest: IDataObject,
): IDataObject & { resourceExpiredHour: number } {
	const longest = mode === 'web' ? Number(webRecorder(clientRequest)?.maxRecordingHour) || 0 : 0;
	const resourceExpiredHour =
		options.resourceExpiredHour ?? Math.max(DEFAULT_CONTROL_HOURS, longest);
	return {
		...withoutUnset({
			scene: mode === 'web' ? WEB_PAGE : REAL_TIME,
			region: options.region,
			regionAffinity: options.regionAffinity,
			excludeResourceIds: readIds(options.excludeResourceIds),
		}),
		resourceExpiredHour,
	};
}

function readIds(value: unknown): string[] | undefined {
	const texts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(/[\s,;]+/);
	const ids = texts.map((text) => text.trim()).filter((text) => text !== '');
	return ids.length > 0 ? ids : undefined;
}
