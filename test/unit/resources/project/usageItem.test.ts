import { usageItem } from '../../../../nodes/Agora/resources/project/getUsage';

const USAGE = {
	durationAudioAll: 779,
	durationVideoHd: 60,
	durationVideoHdp: 5,
	durationVideo1080P: 4,
	durationVideo2K: 3,
	durationVideo4K: 0,
};

describe('usageItem', () => {
	it.each([
		['an ISO date', '2021-10-13T00:00:00.000Z'],
		['Unix seconds', 1634083200],
		['Unix milliseconds', 1634083200000],
	])('is simple, with a day from %s', (_, date) => {
		expect(usageItem({ date, usage: USAGE })).toEqual({
			date: '2021-10-13',
			audio_seconds: 779,
			video_hd_seconds: 60,
			video_hdplus_seconds: 5,
			video_1080p_seconds: 4,
			video_2k_seconds: 3,
			video_4k_seconds: 0,
		});
	});

	it('has null for what Agora does not give', () => {
		const item = usageItem({ date: 'soon', usage: { durationAudioAll: 1 } });
		expect(item).toMatchObject({ date: null, audio_seconds: 1, video_4k_seconds: null });
	});
});
