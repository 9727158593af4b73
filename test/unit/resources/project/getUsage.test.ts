import { durationsOf } from '../../../../nodes/Agora/resources/project/getUsage';

const DAY = {
	date: '2021-10-13',
	usage: {
		durationAudioAll: 779,
		durationVideoHd: 60,
		durationVideoHdp: 5,
		durationVideo1080P: 4,
		durationVideo2K: 3,
		durationVideo4K: 0,
	},
};

describe('durationsOf', () => {
	it('names the durations of a day and adds up those of video', () => {
		expect(durationsOf([DAY])).toEqual({
			audio_seconds: 779,
			video_hd_seconds: 60,
			video_hdplus_seconds: 5,
			video_1080p_seconds: 4,
			video_2k_seconds: 3,
			video_4k_seconds: 0,
			total_video_seconds: 72,
		});
	});

	it('adds up several days', () => {
		const second = { date: '2021-10-14', usage: { durationAudioAll: 1, durationVideoHd: 40 } };
		expect(durationsOf([DAY, second])).toMatchObject({
			audio_seconds: 780,
			video_hd_seconds: 100,
			video_hdplus_seconds: 5,
			total_video_seconds: 112,
		});
	});

	it('has null for what Agora does not report', () => {
		expect(durationsOf([{ date: 'soon', usage: { durationAudioAll: 1 } }])).toMatchObject({
			audio_seconds: 1,
			video_4k_seconds: null,
			total_video_seconds: null,
		});
	});
});
