import type { ArchiveShape } from './archive.ts';

const MP4_BYTES = 90_000_000;

/**
 * An archive by name, such as `dated.1000`; `film.<bytes>` is one session with an MP4 file of that size,
 * `slices.<count>` one with so many slices and no MP4 file.
 * The dot also makes n8n's AWS S3 node put the bucket into the path.
 */
export function bucketName(layout: 'flat' | 'dated' | 'film' | 'slices', number: number): string {
	return `${layout}.${number}`;
}

export function shapeOf(name: string): ArchiveShape {
	const [layout, number] = name.split('.');
	if (layout === 'film') return { sessions: 1, dated: false, mp4Bytes: Number(number) };
	if (layout === 'slices') {
		return { sessions: 1, dated: false, mp4Bytes: null, slices: Number(number) };
	}
	return { sessions: Number(number), dated: layout === 'dated', mp4Bytes: MP4_BYTES };
}
