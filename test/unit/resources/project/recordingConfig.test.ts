import type { IDataObject } from 'n8n-workflow';
import { readRecordingConfig } from '../../../../nodes/Agora/resources/project/create';
import { Fault } from '../../../../nodes/Agora/http/errors';

describe('readRecordingConfig', () => {
	it.each<[string, IDataObject, IDataObject]>([
		['nothing', {}, {}],
		['Agora"s spelling', { channelType: 1, maxIdleTime: 30 }, { channelType: 1, maxIdleTime: 30 }],
		[
			'snake case',
			{
				channel_type: 0,
				max_idle_time: 2_592_000,
				subscribe_uid_group: 5,
				un_subscribe_video_uids: ['7'],
				transcoding_config: { width: 640, layout_config: [] },
			},
			{
				channelType: 0,
				maxIdleTime: 2_592_000,
				subscribeUidGroup: 5,
				unSubscribeVideoUids: ['7'],
				transcodingConfig: { width: 640, layout_config: [] },
			},
		],
		[
			'all streams',
			{ subscribeAudioUids: ['#allstream#'] },
			{ subscribeAudioUids: ['#allstream#'] },
		],
		['the shortest idle time', { maxIdleTime: 5 }, { maxIdleTime: 5 }],
		[
			'32 UIDs',
			{ subscribeVideoUids: Array(32).fill('7') },
			{ subscribeVideoUids: Array(32).fill('7') },
		],
	])('takes %s', (_, settings, expected) => {
		expect(readRecordingConfig(settings)).toEqual(expected);
	});

	it.each<[string, IDataObject, RegExp]>([
		['a name Agora does not have', { maxIdle: 30 }, /no recording setting "maxIdle"/],
		['a setting of another object', { avFileType: ['hls'] }, /"avFileType"/],
		['a hostile name', JSON.parse('{"__proto__":{"channelType":1}}'), /"__proto__"/],
		['a name that every object has', { constructor: 1 }, /no recording setting "constructor"/],
		['the same in snake case', { to_string: 1 }, /no recording setting "to_string"/],
		['a stream mode Agora does not have', { streamMode: 'foo' }, /"streamMode".*standard/s],
		['too short an idle time', { max_idle_time: 4 }, /"max_idle_time".*5 to 2592000/s],
		['too long an idle time', { maxIdleTime: 2_592_001 }, /"maxIdleTime"/],
		['half a second', { maxIdleTime: 30.5 }, /"maxIdleTime"/],
		['a number as text', { channelType: '1' }, /"channelType"/],
		['a number out of range', { channelType: 2 }, /"channelType"/],
		['null', { streamTypes: null }, /"streamTypes"/],
		['no UID', { subscribeAudioUids: [] }, /"subscribeAudioUids"/],
		['33 UIDs', { subscribeAudioUids: Array(33).fill('7') }, /"subscribeAudioUids"/],
		['UIDs as numbers', { subscribeAudioUids: [7] }, /"subscribeAudioUids".*strings/s],
		['a list where an object belongs', { transcodingConfig: [] }, /"transcodingConfig"/],
	])('refuses %s', (_, settings, words) => {
		let error: unknown;
		try {
			readRecordingConfig(settings);
		} catch (caught) {
			error = caught;
		}
		expect(error).toBeInstanceOf(Fault);
		const { message, details } = error as Fault;
		expect(`${message} ${details.description}`).toMatch(words);
	});
});
