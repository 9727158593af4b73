import { agoraClient } from './agoraClient.ts';
import { recordingBucket } from './recordingBucket.ts';
import { useSandbox } from './useSandbox.ts';

/** File names and playlists in each mode, stream mode and codec. */

const sandbox = useSandbox({ pace: { speed: 20, sliceSeconds: 4, callSeconds: 600 } });
let agora: ReturnType<typeof agoraClient>;
let files: ReturnType<typeof recordingBucket>;

beforeAll(() => {
	agora = agoraClient(sandbox);
	files = recordingBucket(sandbox);
});

const UID = '527841';

function record(
	cname: string,
	mode: 'mix' | 'individual' | 'raw',
	{ avFileType = ['hls'], ...config }: Record<string, unknown> = {},
) {
	const groups = mode === 'mix' ? {} : { subscribeUidGroup: 0 };
	const clientRequest = agora.startRequest(cname, UID, {
		recordingConfig: { channelType: 0, maxIdleTime: 5, ...groups, ...config },
		recordingFileConfig: { avFileType },
	});
	return agora.record(cname, { mode, clientRequest });
}

describe('underscores of the channel name', () => {
	it.each([
		['individual', 'ride_17822__uid_s_1001__uid_e_video.m3u8', /^ride_17822__.*_video_\d{17}\.ts$/],
		['raw', 'ride_17822__uid_s_1001__uid_e_h264.m3u8', /^ride_17822__.*_\d{17}_h264\.ts$/],
	] as const)('are kept in %s mode', async (mode, playlist, slice) => {
		const { sid } = await record('ride_17822', mode);
		expect(await files.untilFile(sid, playlist)).toContainEqual(expect.stringMatching(slice));
		const { slices } = await files.playlist(sid, playlist);
		expect(slices[0]).toMatch(new RegExp(`^${sid}_ride_17822__uid_s_1001__uid_e_`));
		await sandbox.control.stop(sid);
	});

	it.each([
		['replaced', 'ride-1-a.m3u8'],
		['kept', 'ride_1-a.m3u8'],
	] as const)(
		'are %s in composite mode, depending on the option',
		async (compositeUnderscores, playlist) => {
			sandbox.control.setRecorder({ compositeUnderscores });
			const { sid } = await record('ride_1.a', 'mix');
			await files.untilFile(sid, playlist);
			await sandbox.control.stop(sid);
			const names = await files.names(sid);
			const channel = playlist.replace('.m3u8', '');
			for (const name of names)
				expect(name).toMatch(new RegExp(`^${channel}(_\\d{17}\\.ts|\\.m3u8)$`));
		},
	);
});

it('writes upper-case sids if the option is set', async () => {
	sandbox.control.setRecorder({ sidCase: 'upper' });
	const { sid, query, stop } = await record('upper', 'mix');
	expect(sid).toMatch(/^[0-9A-F]{32}$/);
	await files.untilFile(sid, 'upper.m3u8');
	expect((await query()).body.sid).toBe(sid);
	expect((await stop()).body.serverResponse.fileList).toBe(`sandbox/tests/${sid}_upper.m3u8`);
});

describe('standard stream mode', () => {
	const user = 'duet__uid_s_7__uid_e_';

	it.each([
		['the start request', { streamMode: 'standard' }, {}],
		['an option', {}, { standardStreams: true }],
	])('adds a master playlist when set by %s', async (_by, config, options) => {
		sandbox.control.setRecorder(options);
		sandbox.control.setChannel('duet', { uids: ['7', '8'], seconds: null });
		const { sid, stop } = await record('duet', 'individual', config);
		const namesWhileRunning = await files.untilFile(sid, 'duet__uid_s_8__uid_e_av.m3u8');
		expect(namesWhileRunning).toContain(`${user}av.m3u8`);
		const master = await files.text(sid, `${user}av.m3u8`);
		const [, audioUri] = /^#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",.*URI="(.+)"$/m.exec(master)!;
		const [, videoUri] = /^#EXT-X-STREAM-INF:.*AUDIO="audio"\n(.+)$/m.exec(master)!;
		expect([audioUri, videoUri]).toEqual([`${sid}_${user}audio.m3u8`, `${sid}_${user}video.m3u8`]);
		expect(await files.playlist(sid, `${user}audio.m3u8`)).toMatchObject({ ended: false });

		const { body } = await stop();
		const listed = body.serverResponse.fileList as Array<{ fileName: string; trackType: string }>;
		expect(listed).toHaveLength(6);
		expect(listed).toContainEqual(
			expect.objectContaining({
				fileName: `sandbox/tests/${sid}_${user}av.m3u8`,
				trackType: 'audio_and_video',
			}),
		);
		expect(await files.text(sid, `${user}av.m3u8`)).toBe(master);
		expect(master).not.toMatch(/#EXT-X-ENDLIST|#EXTINF/);
		for (const type of ['audio', 'video'])
			expect(await files.playlist(sid, `${user}${type}.m3u8`)).toMatchObject({ ended: true });
		const names = await files.names(sid);
		expect(names.filter((name) => name.includes('_av'))).toEqual([
			`${user}av.m3u8`,
			'duet__uid_s_8__uid_e_av.m3u8',
		]);
	});

	it('is not the default', async () => {
		const { sid, stop } = await record('plain', 'individual');
		await files.untilFile(sid, 'plain__uid_s_1001__uid_e_video.m3u8');
		await stop();
		expect((await files.names(sid)).filter((name) => /_av|\.mpd/.test(name))).toEqual([]);
	});

	it('is rejected outside individual mode, and for unknown values', async () => {
		const rejected = (body: object) => ({ status: 400, body: expect.objectContaining(body) });
		expect((await record('odd', 'individual', { streamMode: 'both' })).started).toEqual(
			rejected({ code: 2, reason: expect.stringContaining('streamMode') }),
		);
		expect((await record('odd', 'raw', { streamMode: 'standard' })).started).toEqual(
			rejected({ code: 2, reason: expect.stringContaining('individual mode') }),
		);
	});
});

describe('a user with VP8 and one with H.264', () => {
	beforeEach(() =>
		sandbox.control.setChannel('mixed', { uids: ['7', '8'], seconds: null, vp8: ['8'] }),
	);
	const suffixes = async (sid: string, uid: string) =>
		[...new Set((await files.names(sid)).filter((name) => name.includes(`__uid_s_${uid}_`)))]
			.map((name) => name.slice(name.indexOf('uid_e_') + 6).replace(/\d{17}/, 'T'))
			.filter((name, index, all) => all.indexOf(name) === index);

	it('are recorded to the same kind of playlist, with WebM slices for VP8', async () => {
		const { sid, stop } = await record('mixed', 'individual');
		await files.untilFile(sid, 'mixed__uid_s_8__uid_e_video.m3u8');
		await stop();
		const h264 = ['audio.m3u8', 'audio_T.ts', 'video.m3u8', 'video_T.ts'];
		expect(await suffixes(sid, '7')).toEqual(h264);
		expect(await suffixes(sid, '8')).toEqual([...h264.slice(0, 3), 'video_T.webm']);
		const { slices, ended } = await files.playlist(sid, 'mixed__uid_s_8__uid_e_video.m3u8');
		expect(ended).toBe(true);
		const { bytes, headers } = await files.file(sid, slices[0]!.slice(33));
		expect(bytes.readUInt32BE(0)).toBe(0x1a45dfa3);
		expect(bytes.toString('latin1')).toContain('V_VP8');
		expect(headers['content-type']).toBe('video/webm');
	});

	it('are recorded with a DASH manifest for VP8 in standard stream mode', async () => {
		const { sid, stop } = await record('mixed', 'individual', { streamMode: 'standard' });
		await files.untilFile(sid, 'mixed__uid_s_8__uid_e_av.mpd');
		const manifest = () => files.text(sid, 'mixed__uid_s_8__uid_e_av.mpd');
		expect(await manifest()).toMatch(/<MPD [^>]*type="dynamic"/);
		await stop();
		const h264 = ['audio.m3u8', 'audio_T.ts', 'av.m3u8', 'video.m3u8', 'video_T.ts'];
		expect(await suffixes(sid, '7')).toEqual(h264);
		expect(await suffixes(sid, '8')).toEqual([
			...['audio.m3u8', 'audio_T.webm', 'av.m3u8', 'av.mpd', 'video.m3u8', 'video_T.webm'],
		]);
		const finished = await manifest();
		const { seconds, slices } = await files.playlist(sid, 'mixed__uid_s_8__uid_e_video.m3u8');
		const total = seconds.reduce((sum, each) => sum + each, 0);
		expect(finished).toContain(`type="static" mediaPresentationDuration="PT${total}.000S"`);
		const media = [...finished.matchAll(/<SegmentURL media="(.+?)"/g)].map(([, name]) => name);
		expect(media.slice(0, slices.length)).toEqual(slices);
		expect(await files.names(sid)).toEqual(
			expect.arrayContaining(media.map((name) => name!.slice(33))),
		);
	});

	it('are recorded without HLS and MP4 for VP8 in raw mode', async () => {
		const { sid, stop } = await record('mixed', 'raw', { avFileType: ['hls', 'mp4'] });
		await files.untilFile(sid, 'mixed__uid_s_8__uid_e_vp8.mpd');
		await stop();
		expect(await suffixes(sid, '7')).toEqual(['0_h264.mp4', 'T_h264.ts', 'h264.m3u8']);
		const dash = await suffixes(sid, '8');
		expect(dash).toEqual(expect.arrayContaining(['0_0_vp8.webm', '1_0_vp8.webm', 'vp8.mpd']));
		for (const name of dash) expect(name).toMatch(/^([01]_\d+_vp8\.webm|vp8\.mpd)$/);
		expect(await files.text(sid, 'mixed__uid_s_8__uid_e_vp8.mpd')).toContain('type="static"');
	});
});
