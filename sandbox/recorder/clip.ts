import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seconds of each piece of the clip in media/. */
export const PIECE_SECONDS = 2;
/** How many pieces the clip has; a longer recording starts over. */
export const PIECES = 15;

const MEDIA = join(import.meta.dirname, '..', 'media');
const VIDEO_TRACK = 1;
const AUDIO_TRACK = 2;
/** Units a second of the clip's tracks, as its MP4 header says. */
const TIMESCALES: Record<number, number> = { [VIDEO_TRACK]: 10_240, [AUDIO_TRACK]: 32_000 };

const pieceFile = (piece: number, ending: string) =>
	readFileSync(join(MEDIA, `clip-${String(piece % PIECES).padStart(2, '0')}.${ending}`));

/**
 * MPEG-TS of some pieces, joined byte for byte.
 *
 * @param pieces numbers counted from the start of the recording
 */
export function transportStream(pieces: number[]): Buffer {
	return Buffer.concat(pieces.map((piece) => pieceFile(piece, 'mpegts')));
}

/** One frame of MPEG-1 Layer III, mono, 48 kHz, 32 kbit/s, that holds 24 ms of silence (ISO/IEC 11172-3). */
const SILENT_FRAME = Buffer.concat([Buffer.from([0xff, 0xfb, 0x14, 0xc4]), Buffer.alloc(92)]);
const FRAME_SECONDS = 0.024;

/** A playable MP3 as long as so many pieces: the clip's sound is not there as MP3, so it is silent. */
export function mp3(pieces: number): Buffer {
	const frames = Math.round((pieces * PIECE_SECONDS) / FRAME_SECONDS);
	return Buffer.concat(Array<Buffer>(frames).fill(SILENT_FRAME));
}

/** One picture of the clip as JPEG. */
export function picture(): Buffer {
	return readFileSync(join(MEDIA, 'picture.jpg'));
}

/**
 * A playable MP4 of so many pieces: the clip's fragments one after the other, each told its number
 * and its time (ISO/IEC 14496-12: `mfhd` sequence number, `tfdt` decode time), behind a header
 * that says how long it all is (`mvhd`).
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
