import { buffer } from 'node:stream/consumers';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import type { Engine, RunResult } from '../../integration/engine.ts';
import { problemWithFileName } from '../../unit/hostileInput/fileSystemName.ts';
import type { RunContext, Summary } from '../part.ts';
import { encodingIgnored } from '../../storage/stubs/quirks.ts';
import { startS3Server, type S3Stub } from '../../storage/stubs/s3Server.ts';

const MAX_KEY_BYTES = 1024;

/** Parts of keys: with a slash at the end they are folders, else part of the file name. */
const KEY_PARTS = [
	...['a', '../', './', '.../', '/', '..', '%2e%2e/', '..%2f..%2fx', '%zz%', 'a\0b', 'a\0b/'],
	...['a\nb', 'a\nb/', 'a\r\nX-Injected: yes\r\n\r\n', 'a\r\nX-Injected: yes\r\n\r\n/'],
	...['a\u2028b', 'a\tb', 'a\u001Bb', '..\\..\\x', 'C:\\x/', `"'\``, '<b>&amp;', 'x\u202E4pm'],
	...['\u200Fשלום', '😀', 'é'.normalize('NFC'), 'é'.normalize('NFD'), '\uD83D', '\uFFFD'],
	...['a?x=y#z', 'a+b c', 'CON', '${x}{{y}}', '__proto__', 'longest'],
];

/** What a playlist must not name. */
const FOREIGN_URIS: Array<(sid: string) => string> = [
	(sid) => `../${sid}_a_0.ts`,
	(sid) => `..%2f${sid}_a_0.ts`,
	(sid) => `%2e%2e%2f${sid}_a_0.ts`,
	(sid) => `..\\${sid}_a_0.ts`,
	(sid) => `..%5C${sid}_a_0.ts`,
	(sid) => `/class/${sid}_a_0.ts`,
	(sid) => `x/${sid}_a_0.ts`,
	(sid) => `https://evil.example/${sid}_a_0.ts`,
	(sid) => `//evil.example/${sid}_a_0.ts`,
	(sid) => `file:///etc/${sid}_a_0.ts`,
	() => 'data:video/mp2t;base64,AAAA',
	() => 'javascript:alert(1)',
	() => `${sidOf(1)}_a_0.ts`,
	(sid) => `${sid}_a_0.ts?versionId=x`,
	(sid) => `${sid}_a_0.ts%3Facl`,
	(sid) => `${sid}_a%0D%0AX-Injected: yes_0.ts`,
	(sid) => `../%zz${sid}_a_0.ts`,
];

const PREFIX = 'class/';
const HEADERS = [
	...['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'host'],
	...['user-agent', 'x-amz-content-sha256', 'x-amz-date'],
	// Sent by fetch, which opens the links.
	...['accept-language', 'sec-fetch-mode'],
];

const sidOf = (n: number) => `c0ffee${n.toString(16).padStart(26, '0')}`;
/** Each object contains its key. */
const contentOf = (key: string) => `object ${Buffer.from(key, 'utf16le').toString('hex')}`;

function keyWith(part: string, sid: string): string {
	if (part.endsWith('/')) return `${PREFIX}${part}${sid}_a_0.mp4`;
	if (part !== 'longest') return `${PREFIX}${sid}_${part}_0.mp4`;
	const rest = MAX_KEY_BYTES - Buffer.byteLength(`${PREFIX}${sid}__0.mp4`);
	return `${PREFIX}${sid}_${'é'.repeat(rest / 2)}${'a'.repeat(rest % 2)}_0.mp4`;
}

type Outcome = 'downloaded' | 'not listed' | 'playlists rejected';
type Run = (parameters: IDataObject) => Promise<RunResult>;

/**
 * Gets, links and downloads objects with hostile keys, and recordings with hostile playlists, in n8n's engine.
 *
 * @param credentials storage credentials of the engine
 */
export async function runKeys(
	engine: Engine,
	credentials: Record<string, ICredentialDataDecryptedObject>,
	{ witness }: RunContext,
): Promise<Summary> {
	const outcomes = { downloaded: 0, 'not listed': 0, 'playlists rejected': 0, requests: 0 };
	const failures: string[] = [];
	// Names in a listing are URL-encoded or, on some servers, only escaped for XML.
	for (const [encoding, quirks] of [
		['url', []],
		['xml', encodingIgnored],
	] as const) {
		const bucket = await startS3Server(quirks);
		credentials[encoding] = bucket.credential;
		witness.guard({ 'secret key of the bucket': String(bucket.credential.secretKey) });
		const run: Run = async (parameters) => {
			const result = await engine.run(
				{ resource: 'recording', ...parameters },
				{ credentials: { agoraStorageApi: encoding } },
			);
			witness.see('execution', result.stored);
			return result;
		};
		const attempt = async (what: string, outcomeOf: () => Promise<Outcome>) => {
			try {
				outcomes[await outcomeOf()]++;
			} catch (error) {
				failures.push(`${JSON.stringify(what)} (${encoding}): ${(error as Error).message}`);
			}
		};
		try {
			const keys = KEY_PARTS.map((part, i) => keyWith(part, sidOf(i + 1)));
			for (const key of keys) bucket.put(key, contentOf(key));
			const list = await run({ operation: 'getAll', returnAll: true });
			if (list.error !== undefined) failures.push(`Get Many failed: ${list.error.message}`);
			for (const [i, key] of keys.entries()) {
				await attempt(key, async () => await useKey(engine, run, list, key, sidOf(i + 1)));
			}
			for (const [i, uri] of FOREIGN_URIS.entries()) {
				const sid = sidOf(1000 + i);
				await attempt(uri(sid), async () => await usePlaylist(run, bucket, sid, uri(sid)));
			}
			const listed = list.json.flatMap(({ file_list }) => file_list as IDataObject[]);
			const known = [...keys, ...listed.map(({ key }) => String(key))];
			failures.push(...unexpectedRequests(bucket, known));
			outcomes.requests += bucket.requests.length;
		} finally {
			await bucket.stop();
		}
	}
	return { figures: outcomes, failures };
}

/** @throws Error when the key leads to another object, or to a file name that is not safe */
async function useKey(
	engine: Engine,
	run: Run,
	list: RunResult,
	key: string,
	sid: string,
): Promise<Outcome> {
	const recordingId = { __rl: true, mode: 'id', value: sid };
	const listed = filesOf(list, sid).find((file) => file.key === key);
	const got = await run({ operation: 'get', recordingId });
	const download = await run({
		operation: 'download',
		recordingId,
		scope: 'file',
		file: 'name',
		fileName: key,
	});
	const binary = download.items.map((item) => item.binary?.data).find((file) => file !== undefined);
	if (listed === undefined) {
		// A lone surrogate has no UTF-8, so the storage lists it under another name.
		for (const { key: other, download_url } of [...filesOf(list, sid), ...filesOf(got, sid)]) {
			const { status } = await fetch(String(download_url));
			if (status !== 404) throw new Error(`it is listed as ${String(other)}, which exists`);
		}
		if (binary !== undefined) throw new Error('it was downloaded although it is not listed');
		return 'not listed';
	}
	const linked = await fetch(String(listed.download_url));
	if ((await linked.text()) !== contentOf(key)) throw new Error('its link leads elsewhere');
	if (got.error !== undefined) throw new Error(`Get failed: ${got.error.message}`);
	if (binary === undefined) throw new Error(`Download failed: ${download.error?.message}`);
	const content = await buffer(await engine.openFile(binary));
	if (content.toString() !== contentOf(key)) throw new Error('another object was downloaded');
	const problem = problemWithFileName(binary.fileName ?? '');
	if (problem !== null) throw new Error(`the file name ${binary.fileName} ${problem}`);
	return 'downloaded';
}

/** @throws Error unless Download rejects the playlist before it requests what the playlist names */
async function usePlaylist(run: Run, bucket: S3Stub, sid: string, uri: string): Promise<Outcome> {
	bucket.put(`${PREFIX}${sid}_a.m3u8`, `#EXTM3U\n#EXTINF:15,\n${uri}\n#EXT-X-ENDLIST\n`);
	const before = bucket.requests.length;
	const { error } = await run({
		operation: 'download',
		recordingId: { __rl: true, mode: 'id', value: sid },
		scope: 'whole',
	});
	if (!error?.message.includes('names a file outside its recording'))
		throw new Error(error?.message ?? 'it was downloaded');
	const own = [`${PREFIX}${sid}_a.m3u8`, `${PREFIX}_sessions/by-sid/${sid}.json`, ''];
	const other = bucket.requests.slice(before).find(({ key }) => !own.includes(key));
	if (other !== undefined) throw new Error(`it requested ${other.key}`);
	return 'playlists rejected';
}

function filesOf({ json }: RunResult, sid: string): IDataObject[] {
	return json
		.filter((recording) => recording.sid === sid)
		.flatMap(({ file_list }) => (file_list ?? []) as IDataObject[]);
}

/** Requests for keys that are neither listed nor the package's own, and headers that came from a key. */
function unexpectedRequests({ requests }: S3Stub, keys: string[]): string[] {
	return requests.flatMap(({ method, key, headers }) => {
		const isOwn =
			key === '' ||
			key.startsWith(`${PREFIX}_sessions/`) ||
			/^class\/c0ffee[\da-f]{26}_a\.m3u8$/.test(key);
		const unknown = Object.keys(headers).filter((name) => !HEADERS.includes(name));
		return [
			...(isOwn || keys.includes(key) ? [] : [`${method} ${key} was not expected`]),
			...(unknown.length > 0 ? [`${method} ${key} had the headers ${unknown.join(', ')}`] : []),
		];
	});
}
