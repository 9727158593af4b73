import type { IDataObject } from 'n8n-workflow';
import type { AgoraUsage } from '../../agora/console';
import { readTimestamp } from '../../agora/formats';

/** Ours and Agora's name of each duration (Agora: console REST API, "Get project usage"). */
const DURATIONS = [
	['audio_seconds', 'durationAudioAll'],
	['video_hd_seconds', 'durationVideoHd'],
	['video_hdplus_seconds', 'durationVideoHdp'],
	['video_1080p_seconds', 'durationVideo1080P'],
	['video_2k_seconds', 'durationVideo2K'],
	['video_4k_seconds', 'durationVideo4K'],
] as const;

/**
 * Puts a day's usage into the shape people see.
 *
 * @returns `{ date, audio_seconds, video_hd_seconds, … }`, the date such as 2026-11-23 in UTC; what Agora does
 *   not give is null
 */
export function usageItem({ date, usage }: AgoraUsage): IDataObject {
	const durations = DURATIONS.map(([name, agoraName]) => [name, usage?.[agoraName] ?? null]);
	return {
		date: readTimestamp(date)?.toISODate() ?? null,
		...Object.fromEntries(durations),
	};
}
