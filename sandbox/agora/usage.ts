import { createHash } from 'node:crypto';
import { errorResponse, type ApiResponse } from '../router.ts';

const BUSINESS = ['default', 'transcodeDuration', 'recording', 'cloudRecording', 'miniapp'];

const META = {
	durationAudioAll: 'Total Audio Duration',
	durationVideoHd: 'HD Video Duration',
	durationVideoHdp: 'HDP Video Duration',
	durationVideo1080P: 'Full HD Video Duration',
	durationVideo2K: '2K Video Duration',
	durationVideo4K: '2K+ Video Duration',
};

const DAY_MS = 86_400_000;

/** The response to a usage request: made-up seconds, always the same for a project, day and business. */
export function usageResponse(query: URLSearchParams): ApiResponse {
	const from = parseDay(query.get('from_date'));
	const to = parseDay(query.get('to_date'));
	const business = query.get('business') ?? '';
	if (from === null) return errorResponse(400, 'from_date must be a date such as 2020-01-01');
	if (to === null) return errorResponse(400, 'to_date must be a date such as 2020-01-31');
	if (from > to) return errorResponse(400, 'from_date must not be later than to_date');
	if (!BUSINESS.includes(business))
		return errorResponse(400, `business must be one of ${BUSINESS.join(', ')}`);
	const days = Array.from({ length: (to - from) / DAY_MS + 1 }, (_, index) =>
		new Date(from + index * DAY_MS).toISOString(),
	);
	return {
		status: 200,
		body: {
			meta: Object.fromEntries(
				Object.entries(META).map(([name, en]) => [name, { en, unit: 'second' }]),
			),
			usages: days.map((date) => ({
				date,
				usage: fakeUsage(`${query.get('project_id')} ${date} ${business}`),
			})),
		},
	};
}

/** Milliseconds since 1970 at the start of a day; null for anything else. */
function parseDay(date: string | null): number | null {
	const time = /^\d{4}-\d\d-\d\d$/.test(date ?? '') ? Date.parse(`${date}T00:00:00Z`) : NaN;
	const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(String(date));
	return isDay ? time : null;
}

/** A few hours of audio, less video, none in 2K or 4K. */
function fakeUsage(seed: string) {
	const random = createHash('sha256').update(seed).digest();
	return {
		durationAudioAll: random.readUInt16BE(0) % 20_000,
		durationVideoHd: random.readUInt16BE(2) % 8_000,
		durationVideoHdp: random.readUInt16BE(4) % 4_000,
		durationVideo1080P: random.readUInt16BE(6) % 2_000,
		durationVideo2K: 0,
		durationVideo4K: 0,
	};
}
