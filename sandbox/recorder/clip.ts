import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Duration of each piece of the clip in media/. */
export const PIECE_SECONDS = 2;
/** How many pieces the clip has. Longer recordings repeat it. */
export const PIECES = 15;

const MEDIA = join(import.meta.dirname, '..', 'media');
const VIDEO_TRACK = 1;
const AUDIO_TRACK = 2;
/** Time units per second of the clip's tracks, as in its MP4 header. */
const TIMESCALES: Record<number, number> = { [VIDEO_TRACK]: 10_240, [AUDIO_TRACK]: 32_000 };

const pieceFile = (piece: number, ending: string) =>
	readFileSync(join(MEDIA, `clip-${String(piece % PIECES).padStart(2, '0')}.${ending}`));

/**
 * The concatenated MPEG-TS of some pieces.
 *
 * @param pieces their numbers, from 0 at the start of the recording
 */
export function transportStream(pieces: number[]): Buffer {
	return Buffer.concat(pieces.map((piece) => pieceFile(piece, 'mpegts')));
}

/** ID of a Matroska `Cluster`, which holds one piece. It begins with the `Timestamp` of its first frame (RFC 9559). */
const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);
const CLUSTER_SIZE_BYTES = 2;
const TIMESTAMP_BYTES = 3;

/**
 * A playable WebM (VP8 and Opus) of some pieces. All of them have the same content, with different timestamps.
 *
 * @param pieces their numbers, from 0 at the start of the recording
 */
export function webm(pieces: number[]): Buffer {
	const file = readFileSync(join(MEDIA, 'clip.webm'));
	const start = file.indexOf(CLUSTER);
	const frames = file.subarray(start + CLUSTER.length + CLUSTER_SIZE_BYTES + TIMESTAMP_BYTES);
	const clusters = pieces.map((piece) => {
		const timestamp = Buffer.from([0xe7, 0x84, 0, 0, 0, 0]);
		timestamp.writeUInt32BE(piece * PIECE_SECONDS * 1000, 2);
		const size = Buffer.alloc(4);
		size.writeUInt32BE(0x10_00_00_00 | (timestamp.length + frames.length));
		return Buffer.concat([CLUSTER, size, timestamp, frames]);
	});
	return Buffer.concat([file.subarray(0, start), ...clusters]);
}

/** A frame of MPEG-1 Layer III, mono, 48 kHz, 32 kbit/s, with 24 ms of silence (ISO/IEC 11172-3). */
const SILENT_FRAME = Buffer.concat([Buffer.from([0xff, 0xfb, 0x14, 0xc4]), Buffer.alloc(92)]);
const FRAME_SECONDS = 0.024;

/** A playable but silent MP3 with the duration of that many pieces. */
export function mp3(pieces: number): Buffer {
	const frames = Math.round((pieces * PIECE_SECONDS) / FRAME_SECONDS);
	return Buffer.concat(Array<Buffer>(frames).fill(SILENT_FRAME));
}

/** A screenshot of the clip. */
export function jpeg(): Buffer {
	return readFileSync(join(MEDIA, 'screenshot.jpg'));
}

/**
 * A playable MP4 of that many pieces: a header with the total duration (ISO/IEC 14496-12: `mvhd`), followed by the
 * clip's fragments, each with its number and time (`mfhd` sequence number, `tfdt` decode time).
 */
export function mp4(pieces: number): Buffer {
	const header = readFileSync(join(MEDIA, 'clip-init.mp4'));
	const mvhd = header.indexOf('mvhd') + 4;
	const timescale = header.readUInt32BE(mvhd + 12);
	header.writeUInt32BE(pieces * PIECE_SECONDS * timescale, mvhd + 16);
	return Buffer.concat([header, ...Array.from({ length: pieces }, (_, piece) => fragment(piece))]);
}

function fragment(piece: number): Buffer {
	const file = pieceFile(piece, 'm4s');
	const moof = file.subarray(file.indexOf('moof') - 4);
	moof.writeUInt32BE(piece + 1, moof.indexOf('mfhd') + 8);
	const laps = Math.floor(piece / PIECES);
	let at = 0;
	while ((at = moof.indexOf('tfhd', at + 1)) !== -1) {
		const track = moof.readUInt32BE(at + 8);
		const tfdt = moof.indexOf('tfdt', at) + 8;
		const shift = laps * PIECES * PIECE_SECONDS * (TIMESCALES[track] ?? 0);
		moof.writeBigUInt64BE(moof.readBigUInt64BE(tfdt) + BigInt(shift), tfdt);
		if (track === AUDIO_TRACK) break;
	}
	return moof;
}
