import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { SessionRecord } from '../../../nodes/Agora/recordings/sessionRecord.ts';
import { fileNames } from '../../../sandbox/recorder/fileNames.ts';
import { playlist } from '../../../sandbox/recorder/playlist.ts';
import { upload } from '../../../sandbox/recorder/storage.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

/** Where they lie, as the File Name Prefix of the credential says. */
export const FOLDER = 'demo/';

const CHANNEL = 'class-7b';
const SLICE_SECONDS = 15;
const TAKES_MS = 2_000;

interface Recording {
	sid: string;
	start: number;
	slices: number;
}

/** Recordings that come into a bucket over time, written as Agora's recorder writes them. */
export class Arrivals {
	/** The sids of those whose files are all there. */
	readonly completed: string[] = [];
	readonly #running: Recording[] = [];
	readonly #sandbox: Sandbox;

	/** @param sandbox whose bucket takes them */
	constructor(sandbox: Sandbox) {
		this.#sandbox = sandbox;
	}

	/**
	 * Begins recordings at random moments, and completes those that an earlier time left running.
	 *
	 * @param count how many begin
	 * @param leave how many of them stay running
	 * @param ms how long it takes, about
	 */
	async during(ms: number, count: number, leave: number): Promise<void> {
		const old = this.#running.splice(0).map(async (recording) => {
			await wait(randomInt(ms));
			await this.#complete(recording);
		});
		const young = Array.from({ length: count }, async (_, index) => {
			await wait(randomInt(ms));
			const recording = await this.#begin();
			if (index < leave) return void this.#running.push(recording);
			await wait(randomInt(TAKES_MS));
			await this.#complete(recording);
		});
		await Promise.all([...old, ...young]);
	}

	/** Completes what is still running, when nothing else begins any more. */
	async completeAll(): Promise<void> {
		for (const recording of this.#running.splice(0)) await this.#complete(recording);
	}

	async #begin(): Promise<Recording> {
		const sid = randomBytes(16).toString('hex');
		const recording = { sid, start: Date.now(), slices: randomInt(1, 4) };
		const record: SessionRecord = {
			sid,
			resourceId: 'resource',
			cname: CHANNEL,
			uid: '527841',
			mode: 'mix',
			appId: this.#sandbox.agoraAccount.appId,
			startedAt: new Date(recording.start).toISOString(),
			avFileType: ['hls'],
		};
		await this.#put(`${sid}_${CHANNEL}.session.json`, JSON.stringify(record));
		for (const { names } of slicesOf(recording)) await this.#put(names[0]!, 'slice');
		await this.#writePlaylist(recording, false);
		return recording;
	}

	async #complete(recording: Recording): Promise<void> {
		await this.#writePlaylist(recording, true);
		this.completed.push(recording.sid);
	}

	async #writePlaylist(recording: Recording, ended: boolean): Promise<void> {
		const options = { ended, correctExtinf: false };
		const text = playlist(slicesOf(recording), 'audio_and_video', options);
		await this.#put(namesOf(recording).playlist, text);
	}

	async #put(name: string, content: string): Promise<void> {
		const { endpoint, bucket, accessKey, secretKey } = this.#sandbox.storage;
		const config = {
			vendor: 11,
			region: 0,
			bucket,
			accessKey,
			secretKey,
			fileNamePrefix: [FOLDER.slice(0, -1)],
			extensionParams: { endpoint: new URL(endpoint).host },
		};
		await upload(config, name, 'application/octet-stream', Buffer.from(content));
	}
}

function namesOf({ sid }: Recording) {
	return fileNames({ sid, channel: CHANNEL, mode: 'mix', uid: '', type: 'audio_and_video' });
}

function slicesOf(recording: Recording) {
	return Array.from({ length: recording.slices }, (_, index) => {
		const utc = recording.start + index * SLICE_SECONDS * 1000;
		const names = namesOf(recording).slices(utc, index);
		return { names, utc, seconds: SLICE_SECONDS, discontinuous: false, afterGap: index === 0 };
	});
}
